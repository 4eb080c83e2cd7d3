"""Runs and attempts in tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Float, Index, Integer, Select, Table, and_, delete, func, or_, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.doors.store.runs import Ending, N8nOrigin, Page, Pulse, Run, RunsWanted
from bridge.doors.store.sql.columns import document, moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.problems import NotFound

RUNS = Table(
    "runs",
    METADATA,
    text("id", primary_key=True),
    text("tenant"),
    text("step"),
    Column("version", Integer, nullable=False),
    text("status"),
    Column("attempt", Integer, nullable=False),
    Column("fraction", Float, nullable=False),
    text("message"),
    document("input"),
    document("result", nullable=True),
    document("error", nullable=True),
    text("owner"),
    text("callback_url"),
    Column("claimed", Boolean, nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    text("n8n_workflow_id"),
    text("n8n_execution_id"),
    text("n8n_node"),
    Column("n8n_run_index", Integer, nullable=False),
    Column("n8n_item_index", Integer, nullable=False),
    moment("created_at"),
    moment("started_at", nullable=True),
    moment("ended_at", nullable=True),
    moment("deadline"),
    Index("runs_by_tenant", "tenant", "created_at", "id"),
    Index("runs_by_execution", "tenant", "n8n_workflow_id", "n8n_execution_id", "n8n_node"),
    Index("runs_by_status", "status", "created_at"),
    Index("runs_by_end", "ended_at"),
)
UNFINISHED = RUNS.c.status.in_(("queued", "running"))


class SqlRuns:
    """Runs, looked at from outside."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, runs: Sequence[Run]) -> None:
        """Keep new runs."""
        async with self._database.write() as connection:
            await insert_runs(connection, runs)

    async def get(self, run_id: str) -> Run:
        """The run."""
        async with self._database.read() as connection:
            return await get_run(connection, run_id)

    async def find(self, wanted: RunsWanted, *, limit: int = 50, cursor: str = "") -> Page[Run]:
        """Runs, newest first; the cursor is the last id of the page before."""
        query = _narrowed(select(RUNS), wanted).order_by(RUNS.c.created_at.desc(), RUNS.c.id.desc()).limit(limit + 1)
        async with self._database.read() as connection:
            if cursor:
                last = await get_run(connection, cursor)
                earlier = and_(RUNS.c.created_at == last.created_at, RUNS.c.id < last.id)
                query = query.where(or_(RUNS.c.created_at < last.created_at, earlier))
            found = [run_of(row) for row in (await connection.execute(query)).mappings()]
        return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else "")

    async def count(self, wanted: RunsWanted) -> int:
        """How many."""
        async with self._database.read() as connection:
            query = _narrowed(select(func.count()).select_from(RUNS), wanted)
            return int((await connection.execute(query)).scalar_one())

    async def claim(self, run_id: str) -> bool:
        """First come."""
        query = update(RUNS).where(RUNS.c.id == run_id, ~UNFINISHED, RUNS.c.claimed.is_(False)).values(claimed=True)
        async with self._database.write() as connection:
            return (await connection.execute(query)).rowcount == 1

    async def remove(self, *, ended_before: datetime, limit: int = 500) -> int:
        """Remove the oldest."""
        old = select(RUNS.c.id).where(RUNS.c.ended_at < ended_before).limit(limit)
        async with self._database.write() as connection:
            return (await connection.execute(delete(RUNS).where(RUNS.c.id.in_(old)))).rowcount


class SqlAttempts:
    """Runs on their way; the attempt's number stands in every condition."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, run_id: str, owner: str, moment: datetime) -> Run | None:
        """Start, or start again."""
        async with self._database.write() as connection:
            run = await get_run(connection, run_id, lock=True)
            if run.ended:
                return None
            attempt = run.attempt + (run.status == "running")
            values = {"status": "running", "attempt": attempt, "owner": owner, "started_at": moment}
            await connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(values))
        return replace(run, status="running", attempt=attempt, owner=owner, started_at=moment)

    async def note(self, run_id: str, attempt: int, fraction: float, message: str) -> Pulse:
        """Progress out, orders in."""
        query = _current(run_id, attempt).values(fraction=fraction, message=message).returning(RUNS.c.cancel_asked)
        async with self._database.write() as connection:
            asked = (await connection.execute(query)).scalar_one_or_none()
        return "lost" if asked is None else "cancel" if asked else "go_on"

    async def finish(self, run_id: str, attempt: int, ending: Ending) -> bool:
        """The one end."""
        async with self._database.write() as connection:
            return (await connection.execute(_current(run_id, attempt).values(_ending(ending)))).rowcount == 1

    async def release(self, run_id: str, attempt: int) -> bool:
        """Back into the queue."""
        async with self._database.write() as connection:
            query = _current(run_id, attempt).values(status="queued", attempt=attempt + 1, owner="")
            return (await connection.execute(query)).rowcount == 1

    async def ask_cancel(self, run_id: str, ending: Ending) -> Run:
        """End what waits, tell what runs."""
        async with self._database.write() as connection:
            run = await get_run(connection, run_id, lock=True)
            if run.ended:
                return run
            values = {"cancel_asked": True, **(_ending(ending) if run.status == "queued" else {})}
            await connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(values))
            return await get_run(connection, run_id)

    async def unfinished(self, *, limit: int = 1000) -> list[Run]:
        """What still has to end."""
        query = select(RUNS).where(UNFINISHED).order_by(RUNS.c.created_at).limit(limit)
        async with self._database.read() as connection:
            return [run_of(row) for row in (await connection.execute(query)).mappings()]


async def insert_runs(connection: AsyncConnection, runs: Sequence[Run]) -> None:
    """Insert within the caller's transaction."""
    if runs:
        await connection.execute(RUNS.insert(), [_row(run) for run in runs])


async def get_run(connection: AsyncConnection, run_id: str, *, lock: bool = False) -> Run:
    """Read within the caller's transaction; *lock* keeps others from changing it meanwhile."""
    query = select(RUNS).where(RUNS.c.id == run_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no run '{run_id[:60]}', or it was kept long enough and removed.")
    return run_of(row)


def run_of(row: RowMapping) -> Run:
    """A row as a value."""
    plain = {key: value for key, value in row.items() if not key.startswith("n8n_")}
    origin = {key.removeprefix("n8n_"): value for key, value in row.items() if key.startswith("n8n_")}
    return Run(**plain, n8n=N8nOrigin(**origin))


def _row(run: Run) -> dict[str, Any]:
    own = {key: value for key, value in vars(run).items() if key != "n8n"}
    return {**own, **{f"n8n_{key}": value for key, value in vars(run.n8n).items()}}


def _current(run_id: str, attempt: int) -> Any:
    return update(RUNS).where(RUNS.c.id == run_id, RUNS.c.attempt == attempt, RUNS.c.status == "running")


def _ending(ending: Ending) -> dict[str, Any]:
    progress = {"fraction": 1.0} if ending.status == "completed" else {}
    return {**vars(ending), **progress}


def _narrowed(query: Select[Any], wanted: RunsWanted) -> Select[Any]:
    columns = {
        "tenant": wanted.tenant,
        "step": wanted.step,
        "n8n_workflow_id": wanted.workflow_id,
        "n8n_execution_id": wanted.execution_id,
        "n8n_node": wanted.node,
    }
    for name, value in columns.items():
        if value:
            query = query.where(RUNS.c[name] == value)
    return query.where(RUNS.c.status.in_(wanted.statuses)) if wanted.statuses else query
