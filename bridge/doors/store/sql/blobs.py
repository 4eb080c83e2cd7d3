"""Blobs on disk; the names of files in a table."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, delete, select
from sqlalchemy.engine import RowMapping

from bridge.doors.store.blobs import Blob, StoredFile
from bridge.doors.store.disk import Disk
from bridge.doors.store.sql.columns import moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.problems import NotFound

FILES = Table(
    "files",
    METADATA,
    text("id", primary_key=True),
    text("tenant"),
    text("run_id"),
    text("sha256"),
    text("name"),
    text("media_type"),
    Column("size", BigInteger, nullable=False),
    moment("created_at"),
    Index("files_by_content", "sha256", "tenant"),
    Index("files_by_age", "created_at"),
)


class DiskBlobs:
    """Bytes in a folder, names in the database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._disk = Disk(folder)

    async def put(self, chunks: AsyncIterator[bytes], *, max_bytes: int) -> Blob:
        """Stream to disk."""
        return await self._disk.put(chunks, max_bytes=max_bytes)

    async def get(self, sha256: str) -> Blob:
        """The bytes."""
        return await self._disk.get(sha256)

    async def name(self, file: StoredFile) -> None:
        """Keep a name."""
        async with self._database.write() as connection:
            await connection.execute(FILES.insert().values(vars(file)))

    async def file(self, file_id: str) -> StoredFile:
        """The name by id."""
        return await self._one(select(FILES).where(FILES.c.id == file_id), f"file '{file_id[:60]}'")

    async def named(self, tenant: str, sha256: str) -> StoredFile:
        """The newest name by content."""
        query = select(FILES).where(FILES.c.sha256 == sha256, FILES.c.tenant == tenant)
        return await self._one(query.order_by(FILES.c.created_at.desc()).limit(1), f"blob sha256:{sha256[:64]}")

    async def remove(self, *, named_before: datetime, keep_runs: Collection[str] = ()) -> int:
        """Names first; bytes only once nothing names them."""
        old = (FILES.c.created_at < named_before) & FILES.c.run_id.not_in(list(keep_runs))
        async with self._database.write() as connection:
            gone = (await connection.execute(delete(FILES).where(old).returning(FILES.c.sha256))).scalars().all()
            query = select(FILES.c.sha256).where(FILES.c.sha256.in_(set(gone)))
            kept = set((await connection.execute(query)).scalars())
            for digest in set(gone) - kept:
                await self._disk.remove(digest)
        return len(gone)

    async def _one(self, query: Any, what: str) -> StoredFile:
        async with self._database.read() as connection:
            row: RowMapping | None = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no {what}, or it was kept long enough and removed.")
        return StoredFile(**row)
