"""Queues on DBOS Transact: SQLite in WAL mode embedded, PostgreSQL for several processes.

The library keeps one instance per process; it lives between `start` and `stop` of this adapter.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from bridge.doors.durable import Queue
from bridge.doors.durable.executors import Executors

log = structlog.get_logger()
POLL = 0.1
BEAT = 1.0
AFTER_FAILURE = 5.0
VERSION = "1"
"""Recovery looks only at jobs of its own version; a job's shape is (queue, name), which never changes."""


class DbosDurable:
    """Jobs as DBOS workflows, one per turn of a job."""

    def __init__(self, url: str, *, lease: float = 10.0) -> None:
        given = sa.make_url(url)
        self._sqlite = given.get_backend_name() == "sqlite"
        self._url = given if self._sqlite else given.set(drivername="postgresql+psycopg")
        self._own = "bridge" if self._sqlite else f"bridge-{uuid.uuid4()}"
        self._lease = lease
        self._queues: dict[str, Queue] = {}
        self._working: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._heart: asyncio.Task[None] | None = None

    async def start(self, queues: Sequence[Queue]) -> None:
        """Launch, register the queues, and watch over the other processes."""
        from dbos import DBOS

        self._queues = {each.name: each for each in queues}
        self._engine = await asyncio.to_thread(_engine, self._url)
        DBOS(config=self._config())  # type: ignore[arg-type]

        async def turn_of_a_job(queue: str, job: str, turn: int) -> None:
            await self._do(queue, job, turn)

        self._job = DBOS.workflow(name="bridge_job", max_recovery_attempts=None)(turn_of_a_job)
        # Listening must be said before the launch; the queues themselves are registered after it.
        DBOS.listen_queues(list(self._queues))
        DBOS.launch()
        _quiet()
        for each in queues:
            await DBOS.register_queue_async(each.name, worker_concurrency=each.width, polling_interval_sec=POLL)
        self._executors = Executors(self._engine, self._own, self._lease)
        await asyncio.to_thread(self._executors.join)
        if not self._sqlite:
            await self._adopt_orphans()
            self._heart = asyncio.create_task(self._live())

    async def submit(self, queue: str, job: str, *, delay: float = 0) -> None:
        """Enqueue; the library refuses a job that already waits or runs."""
        await self._enqueue(queue, job, turn=0, delay=delay)

    async def stop(self) -> None:
        """Wait for the works that run, then take the library down."""
        from dbos import DBOS

        self._stopping = True
        if self._heart:
            self._heart.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._heart
        while self._working:
            await asyncio.wait(self._working)
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await asyncio.to_thread(self._executors.leave)
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        # The library made its own threads the loop's, and has just ended them.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        await asyncio.to_thread(self._engine.dispose)

    async def remove(self, *, older_than: float) -> None:
        """Forget ended workflows."""
        from dbos import DBOS

        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - older_than))
        ended = ["SUCCESS", "ERROR", "CANCELLED"]
        while found := await DBOS.list_workflows_async(
            status=ended, completed_before=before, limit=500, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([each.workflow_id for each in found])

    async def _do(self, queue: str, job: str, turn: int) -> None:
        """One turn of a job: the body of the workflow."""
        task = asyncio.create_task(self._once(queue, job))
        self._working.add(task)
        try:
            again = await task
            if again is not None:
                await self._enqueue(queue, job, turn=turn + 1, delay=max(again, POLL))
        finally:
            self._working.discard(task)

    async def _once(self, queue: str, job: str) -> float | None:
        if self._stopping:
            return POLL
        try:
            return await self._queues[queue].work(job)
        except Exception:
            log.exception("a job failed and will be done again", queue=queue, job=job)
            return AFTER_FAILURE

    async def _enqueue(self, queue: str, job: str, *, turn: int, delay: float) -> None:
        from dbos import DBOS, SetEnqueueOptions, SetWorkflowID, error

        # A turn still holds its name while it asks for the next one, so names alternate between two.
        name = job if turn % 2 == 0 else f"{job}+"
        with (
            SetWorkflowID(f"{queue}:{name}:{uuid.uuid4().hex[:12]}"),
            SetEnqueueOptions(deduplication_id=name, delay_seconds=delay or None, app_version=VERSION),
            contextlib.suppress(error.DBOSQueueDeduplicatedError),
        ):
            await DBOS.enqueue_workflow_async(queue, self._job, queue, job, turn)

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                for dead in await asyncio.to_thread(self._executors.beat):
                    await self._take_over(dead)
            except Exception as error:  # noqa: BLE001 - the database may be away for a while; the heart goes on
                log.warning("no heartbeat", why=type(error).__name__)

    async def _adopt_orphans(self) -> None:
        """Take over from processes that left no row: all died, or the last one was killed while leaving."""
        from dbos import DBOS

        living = await asyncio.to_thread(self._executors.living)
        found = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        for dead in {each.executor_id for each in found if each.executor_id} - living:
            await self._take_over(dead)

    async def _take_over(self, dead: str) -> None:
        from dbos import DBOS

        left = await DBOS.list_workflows_async(status="PENDING", executor_id=dead, load_input=False, load_output=False)
        log.warning("taking over from a process that stopped", executor=dead, jobs=len(left))
        for each in left:
            await DBOS.resume_workflow_async(each.workflow_id, queue_name=each.queue_name)

    def _config(self) -> dict[str, Any]:
        return {
            "name": "bridge",
            "system_database_url": self._url.render_as_string(hide_password=False),
            "system_database_engine": self._engine,
            "application_version": VERSION,
            "executor_id": self._own,
            "log_level": "WARNING",
            "enable_otlp": False,
            "max_executor_threads": 32,
        }


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, pool_size=10, max_overflow=10)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The rollback journal, SQLite's default, was measured at a sixth of this speed.
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _quiet() -> None:
    """Send the library's log the way of all others."""
    logger = logging.getLogger("dbos")
    logger.handlers[:] = []
    logger.propagate = True
