"""Callbacks in a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from bridge.doors.store.callbacks import Callback, CallbackStatus
from bridge.doors.store.sql.columns import document, moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.problems import NotFound

CALLBACKS = Table(
    "callbacks",
    METADATA,
    text("id", primary_key=True),
    text("tenant"),
    text("run_id"),
    text("url"),
    document("body"),
    text("status"),
    Column("attempts", Integer, nullable=False),
    Column("last_status", Integer, nullable=False),
    text("last_error"),
    moment("created_at"),
    Index("callbacks_by_status", "status", "created_at"),
)


class SqlCallbacks:
    """Messages owed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def add(self, callback: Callback) -> bool:
        """Once per id."""
        async with self._database.write() as connection:
            query = self._insert(CALLBACKS).values(vars(callback)).on_conflict_do_nothing()
            return (await connection.execute(query)).rowcount == 1

    async def get(self, callback_id: str) -> Callback:
        """One message."""
        async with self._database.read() as connection:
            found = await connection.execute(select(CALLBACKS).where(CALLBACKS.c.id == callback_id))
            row = found.mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no callback '{callback_id[:60]}'.")
        return _of(row)

    async def note(self, callback_id: str, status: CallbackStatus, last_status: int, last_error: str) -> None:
        """One more attempt."""
        values: dict[Any, Any] = {"status": status, "last_status": last_status, "last_error": last_error[:500]}
        values["attempts"] = CALLBACKS.c.attempts + 1
        async with self._database.write() as connection:
            await connection.execute(update(CALLBACKS).where(CALLBACKS.c.id == callback_id).values(values))

    async def waiting(self, *, limit: int = 1000) -> list[Callback]:
        """Not told yet."""
        return await self._where(CALLBACKS.c.status == "waiting", limit)

    async def dead(self, tenant: str, *, limit: int = 100) -> list[Callback]:
        """Given up."""
        return await self._where((CALLBACKS.c.status == "dead") & (CALLBACKS.c.tenant == tenant), limit)

    async def remove(self, *, created_before: datetime) -> int:
        """Clean up."""
        async with self._database.write() as connection:
            query = delete(CALLBACKS).where(CALLBACKS.c.created_at < created_before, CALLBACKS.c.status != "waiting")
            return (await connection.execute(query)).rowcount

    async def _where(self, condition: Any, limit: int) -> list[Callback]:
        query = select(CALLBACKS).where(condition).order_by(CALLBACKS.c.created_at).limit(limit)
        async with self._database.read() as connection:
            return [_of(row) for row in (await connection.execute(query)).mappings()]


def _of(row: RowMapping) -> Callback:
    return Callback(**row)
