"""One database, SQLite or PostgreSQL: who may write when, and what its errors mean."""

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bridge.problems import StorageFull, Unavailable

METADATA = MetaData()
"""All tables; each noun's file adds its own."""

READERS = 4
BUSY_MS = 15_000
FULL = ("disk is full", "disk full", "no space left", "could not extend file")


class Database:
    """Connections. SQLite gets one writer at a time, WAL, and a commit that is on the disk when it returns."""

    def __init__(self, url: str) -> None:
        given = make_url(url)
        self.is_sqlite = given.get_backend_name() == "sqlite"
        if self.is_sqlite:
            Path(given.database or "").parent.mkdir(parents=True, exist_ok=True)
            _switch_to_wal(Path(given.database or ""))
            self._readers = _sqlite(given.set(drivername="sqlite+aiosqlite"), READERS, "DEFERRED")
            self._writer = _sqlite(given.set(drivername="sqlite+aiosqlite"), 1, "IMMEDIATE")
        else:
            self._readers = self._writer = create_async_engine(
                given.set(drivername="postgresql+asyncpg"), pool_size=8, max_overflow=4, pool_timeout=20,
                pool_pre_ping=True, connect_args={"timeout": 10, "command_timeout": 60},
            )  # fmt: skip
        self._turn = asyncio.Lock() if self.is_sqlite else None

    @property
    def engine(self) -> AsyncEngine:
        """The engine that may write; for migrations."""
        return self._writer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for looking."""
        with translated():
            async with self._readers.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed and durable at the end, or rolled back."""
        with translated():
            if self._turn is None:
                async with self._writer.begin() as connection:
                    yield connection
                return
            async with self._turn, self._writer.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Let every connection go."""
        await self._readers.dispose()
        await self._writer.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a database throws into a problem."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as error:
        said = str(getattr(error, "orig", None) or error)
        if any(sign in said.lower() for sign in FULL):
            raise StorageFull("The bridge's database has no room left; nothing was changed.") from error
        if isinstance(error, DBAPIError | sqlite3.Error | OSError | TimeoutError):
            raise Unavailable("The bridge's database does not answer at the moment.") from error
        raise


def _switch_to_wal(path: Path) -> None:
    """Switch the file to WAL, where it then stays; SQLite does not wait when two switch at once, so a lock does."""
    with path.with_name(f"{path.name}.switch").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with translated(), closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode=WAL")


def _sqlite(url: Any, size: int, begin: str) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, pool_timeout=20)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver would commit before schema changes and begin late; we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_MS}", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_as_said(connection: Connection) -> None:
        connection.execute(text(f"BEGIN {begin}"))

    return engine
