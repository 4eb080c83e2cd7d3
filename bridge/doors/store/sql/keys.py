"""Idempotency keys in a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.doors.store.keys import IdempotencyKey
from bridge.doors.store.runs import Run
from bridge.doors.store.sql.columns import moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.doors.store.sql.runs import RUNS, insert_runs, run_of
from bridge.problems import Unusable

KEYS = Table(
    "idempotency_keys",
    METADATA,
    text("tenant", primary_key=True),
    text("route", primary_key=True),
    text("key", primary_key=True),
    text("fingerprint"),
    text("subject"),
    moment("expires_at"),
    Index("idempotency_keys_by_subject", "subject"),
    Index("idempotency_keys_by_expiry", "expires_at"),
)


class SqlIdempotencyKeys:
    """Insert first; the primary key decides between two that come at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def add_run(self, key: IdempotencyKey, run: Run, now: datetime) -> Run:
        """Key and run in one transaction."""
        async with self._database.write() as connection:
            subject = await self._take(connection, key, run.id, now)
            if subject != run.id:
                row = (await connection.execute(select(RUNS).where(RUNS.c.id == subject))).mappings().one_or_none()
                if row is not None:
                    return run_of(row)
                await self._retake(connection, key, run.id)
            await insert_runs(connection, [run])
        return run

    async def take(self, key: IdempotencyKey, subject: str, now: datetime) -> str:
        """Key alone."""
        async with self._database.write() as connection:
            return await self._take(connection, key, subject, now)

    async def forget(self, subject: str) -> None:
        """Let the caller try anew."""
        async with self._database.write() as connection:
            await connection.execute(delete(KEYS).where(KEYS.c.subject == subject))

    async def remove(self, *, expired_before: datetime) -> int:
        """Clean up."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(KEYS).where(KEYS.c.expires_at < expired_before))).rowcount

    async def _take(self, connection: AsyncConnection, key: IdempotencyKey, subject: str, now: datetime) -> str:
        await connection.execute(delete(KEYS).where(_is(key), KEYS.c.expires_at < now))
        values = {**vars(key), "subject": subject}
        done = await connection.execute(self._insert(KEYS).values(values).on_conflict_do_nothing())
        if done.rowcount == 1:
            return subject
        row = (await connection.execute(select(KEYS).where(_is(key)).with_for_update())).mappings().one()
        if row["fingerprint"] != key.fingerprint:
            raise Unusable(
                f"The Idempotency-Key '{key.key[:80]}' was used with another input. A new input needs a new key."
            )
        return str(row["subject"])

    async def _retake(self, connection: AsyncConnection, key: IdempotencyKey, subject: str) -> None:
        await connection.execute(KEYS.update().where(_is(key)).values(subject=subject))


def _is(key: IdempotencyKey) -> Any:
    return (KEYS.c.tenant == key.tenant) & (KEYS.c.route == key.route) & (KEYS.c.key == key.key)
