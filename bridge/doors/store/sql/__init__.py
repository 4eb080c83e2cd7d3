"""The store on SQLAlchemy Core: one implementation for SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bridge.doors.store import Store
from bridge.doors.store.sql.blobs import DiskBlobs
from bridge.doors.store.sql.callbacks import SqlCallbacks
from bridge.doors.store.sql.database import Database
from bridge.doors.store.sql.keys import SqlIdempotencyKeys
from bridge.doors.store.sql.ledger import SqlLedger
from bridge.doors.store.sql.migrating import migrate
from bridge.doors.store.sql.records import build_records
from bridge.doors.store.sql.runs import SqlAttempts, SqlRuns
from bridge.doors.store.sql.webhooks import SqlWebhooks


@asynccontextmanager
async def open_store(url: str, data: Path) -> AsyncIterator[Store]:
    """Open the database at *url* (``sqlite:///...`` or ``postgresql://...``); blobs go below *data*."""
    async with opened(url) as database:
        yield build(database, data)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open and migrate the database, and close it."""
    database = Database(url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


def build(database: Database, data: Path) -> Store:
    """Put the nouns together on one database."""
    return Store(
        runs=SqlRuns(database),
        attempts=SqlAttempts(database),
        keys=SqlIdempotencyKeys(database),
        blobs=DiskBlobs(database, data / "blobs"),
        callbacks=SqlCallbacks(database),
        webhooks=SqlWebhooks(database),
        ledger=SqlLedger(database),
    )


__all__ = ["build", "build_records", "open_store", "opened"]
