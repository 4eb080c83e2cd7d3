"""Executions in a table: every change of state is one conditional statement, so that no process overwrites another."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, RowMapping, String, Table, delete, func, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite

from bridge.doors.store.executions import Body, Execution, ExecutionsWanted
from bridge.doors.store.runs import Page
from bridge.doors.store.sql.columns import document, moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.problems import NotFound

STARTING = 741_852_964
"""Key of PostgreSQL's advisory lock under which waiting executions are taken."""


def number(name: str) -> Column[int]:
    """A whole number, 0 when absent."""
    return Column(name, Integer, nullable=False, server_default="0")


EXECUTIONS = Table(
    "workflow_executions",
    METADATA,
    text("id", primary_key=True),
    text("execution_id", unique=True),
    text("workflow_id"),
    text("template_name"),
    text("user_id"),
    document("trigger_data"),
    text("status"),
    number("progress"),
    document("result", nullable=True),
    text("error"),
    moment("started_at", nullable=True),
    moment("completed_at", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    text("tenant"),
    text("trigger"),
    moment("deadline", nullable=True),
    Column("n8n_execution_id", String, nullable=True),
    text("claim"),
    text("outcome"),
    document("reasons"),
    document("timeline"),
    text("lane"),
    text("delivery_id"),
    text("retry_of"),
    number("starts"),
    moment("asked_at", nullable=True),
    moment("not_before", nullable=True),
    Column("stop_asked", Boolean, nullable=False),
    number("rating"),
    Index("executions_by_status", "status", "created_at"),
    Index("executions_by_workflow", "workflow_id", "created_at"),
    Index("one_record_per_n8n_execution", "workflow_id", "n8n_execution_id", unique=True),
)
C = EXECUTIONS.c
NAMES = tuple(each.name for each in fields(Execution))


class SqlExecutions:
    """Records of executions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def add(self, execution: Execution) -> Execution:
        """Keep it, unless its n8n execution is known."""
        row = {"id": execution.execution_id, **_row(vars(execution))}
        async with self._database.write() as connection:
            done = await connection.execute(self._insert(EXECUTIONS).values(row).on_conflict_do_nothing())
            if done.rowcount == 1:
                return execution
        wanted = ExecutionsWanted(workflow_id=execution.workflow_id, n8n_execution_id=execution.n8n_execution_id or "-")
        known = (await self.find(wanted, limit=1)).items
        return known[0] if known else await self.get(execution.execution_id)

    async def get(self, execution_id: str) -> Execution:
        """Return one."""
        async with self._database.read() as connection:
            row = (
                (await connection.execute(select(EXECUTIONS).where(C.execution_id == execution_id))).mappings().first()
            )
        if row is None:
            raise NotFound(f"There is no execution '{execution_id[:60]}', or it was kept long enough and removed.")
        return _of(row)

    async def find(self, wanted: ExecutionsWanted, *, limit: int = 50, cursor: str = "") -> Page[Execution]:
        """Newest first; the cursor is the last id of the page before."""
        query = select(EXECUTIONS).where(*_narrow(wanted))
        if cursor:
            last = await self.get(cursor)
            older = (C.created_at == last.created_at) & (C.execution_id < last.execution_id)
            query = query.where(or_(C.created_at < last.created_at, older))
        query = query.order_by(C.created_at.desc(), C.execution_id.desc()).limit(limit + 1)
        async with self._database.read() as connection:
            found = [_of(row) for row in (await connection.execute(query)).mappings()]
        return Page(tuple(found[:limit]), found[limit - 1].execution_id if len(found) > limit else "")

    async def count(self, wanted: ExecutionsWanted) -> int:
        """How many."""
        async with self._database.read() as connection:
            return int(
                await connection.scalar(select(func.count()).select_from(EXECUTIONS).where(*_narrow(wanted))) or 0
            )

    async def take(self, now: datetime, *, running: int, deadline: datetime) -> Sequence[Execution]:
        """Count and move in one transaction that no other process can be inside of."""
        ready = (C.status == "queued") & or_(C.not_before.is_(None), C.not_before <= now)
        async with self._database.write() as connection:
            if not self._database.is_sqlite:
                await connection.execute(sql(f"SELECT pg_advisory_xact_lock({STARTING})"))
            busy = int(await connection.scalar(select(func.count()).where(C.status == "running")) or 0)
            if busy >= running:
                return []
            query = select(C.execution_id).where(ready).order_by(C.created_at, C.execution_id).limit(running - busy)
            chosen = list((await connection.execute(query)).scalars())
            if not chosen:
                return []
            changes = {
                "status": "running",
                "started_at": func.coalesce(C.started_at, now),
                "deadline": func.coalesce(C.deadline, deadline),
                "asked_at": now,
                "updated_at": now,
                "starts": C.starts + 1,
            }
            await connection.execute(update(EXECUTIONS).where(C.execution_id.in_(chosen)).values(changes))
            taken = select(EXECUTIONS).where(C.execution_id.in_(chosen)).order_by(C.created_at)
            return [_of(row) for row in (await connection.execute(taken)).mappings()]

    async def change(self, execution_id: str, only: Sequence[str], changes: Body) -> bool:
        """One conditional statement."""
        given = update(EXECUTIONS).where(C.execution_id == execution_id, C.status.in_(only)).values(_row(changes))
        async with self._database.write() as connection:
            return (await connection.execute(given)).rowcount == 1

    async def bind(self, execution_id: str, n8n_execution_id: str, now: datetime) -> bool:
        """First come; the same one may come again."""
        free = or_(C.n8n_execution_id.is_(None), C.n8n_execution_id == n8n_execution_id)
        changes = {"n8n_execution_id": n8n_execution_id, "updated_at": now}
        workflow = select(C.workflow_id).where(C.execution_id == execution_id).scalar_subquery()
        other = select(C.execution_id).where(
            C.workflow_id == workflow, C.n8n_execution_id == n8n_execution_id, C.execution_id != execution_id
        )
        given = update(EXECUTIONS).where(C.execution_id == execution_id, free).values(changes)
        async with self._database.write() as connection:
            if (await connection.execute(other)).first() is not None:
                return False
            return (await connection.execute(given)).rowcount == 1


class SqlHistory:
    """What is done to many at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prune(self, *, keep: int, before: datetime) -> int:
        """By age, then by number within each workflow."""
        ended = C.status.in_(("completed", "failed", "canceled"))
        place = func.row_number().over(partition_by=C.workflow_id, order_by=C.created_at.desc()).label("place")
        ranked = select(C.execution_id, place).where(ended).subquery()
        surplus = select(ranked.c.execution_id).where(ranked.c.place > keep)
        async with self._database.write() as connection:
            old = await connection.execute(delete(EXECUTIONS).where(ended, C.completed_at < before))
            many = await connection.execute(delete(EXECUTIONS).where(C.execution_id.in_(surplus)))
            return old.rowcount + many.rowcount

    async def durations(self, workflow_id: str, *, limit: int = 20) -> list[float]:
        """Of the newest that were not skipped."""
        whole = (C.workflow_id == workflow_id) & (C.status == "completed") & (C.outcome == "")
        query = select(C.started_at, C.completed_at).where(whole).order_by(C.created_at.desc()).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [(end - begin).total_seconds() for begin, end in rows if begin and end]

    async def unfinished(self, *, limit: int = 1000) -> list[Execution]:
        """Return what runs."""
        query = select(EXECUTIONS).where(C.status == "running").order_by(C.created_at).limit(limit)
        async with self._database.read() as connection:
            return [_of(row) for row in (await connection.execute(query)).mappings()]


def _narrow(wanted: ExecutionsWanted) -> list[Any]:
    named = {key: value for key, value in vars(wanted).items() if isinstance(value, str) and value}
    conditions = [C[key] == value for key, value in named.items()]
    if wanted.statuses:
        conditions.append(C.status.in_(wanted.statuses))
    if wanted.created_after:
        conditions.append(C.created_at >= wanted.created_after)
    return conditions


def _row(given: Mapping[str, Any]) -> dict[str, Any]:
    row = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    if not row.get("n8n_execution_id", True):
        # Many records wait for their n8n execution; only absence may repeat under the unique index.
        row["n8n_execution_id"] = None
    return row


def _of(row: RowMapping) -> Execution:
    values: dict[str, Any] = {name: row[name] for name in NAMES}
    values |= {"n8n_execution_id": row["n8n_execution_id"] or ""}
    values |= {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Execution(**values)
