"""Blobs in a folder, their names in a dictionary."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from pathlib import Path

from bridge.doors.store.blobs import Blob, StoredFile
from bridge.doors.store.disk import Disk
from bridge.problems import NotFound


class MemoryBlobs:
    """Bytes in a folder, names in memory."""

    def __init__(self, folder: Path) -> None:
        self._disk = Disk(folder)
        self._files: dict[str, StoredFile] = {}

    async def put(self, chunks: AsyncIterator[bytes], *, max_bytes: int) -> Blob:
        """Stream to disk."""
        return await self._disk.put(chunks, max_bytes=max_bytes)

    async def get(self, sha256: str) -> Blob:
        """The bytes."""
        return await self._disk.get(sha256)

    async def name(self, file: StoredFile) -> None:
        """Keep a name."""
        self._files[file.id] = file

    async def file(self, file_id: str) -> StoredFile:
        """The name by id."""
        if file_id not in self._files:
            raise NotFound(f"There is no file '{file_id[:60]}', or it was kept long enough and removed.")
        return self._files[file_id]

    async def named(self, tenant: str, sha256: str) -> StoredFile:
        """The newest name by content."""
        found = [each for each in self._files.values() if (each.tenant, each.sha256) == (tenant, sha256)]
        if not found:
            raise NotFound(f"There is no blob sha256:{sha256[:64]}, or it was kept long enough and removed.")
        return max(found, key=lambda each: each.created_at)

    async def remove(self, *, named_before: datetime, keep_runs: Collection[str] = ()) -> int:
        """Names first; bytes only once nothing names them."""
        files = self._files.values()
        gone = [each for each in files if each.created_at < named_before and each.run_id not in keep_runs]
        for each in gone:
            del self._files[each.id]
        kept = {each.sha256 for each in self._files.values()}
        for digest in {each.sha256 for each in gone} - kept:
            await self._disk.remove(digest)
        return len(gone)
