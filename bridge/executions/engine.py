"""The engine: one loop per process that takes, asks, watches, mends and ends; any process can finish another's work."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog

from bridge.doors.store import Execution, Records
from bridge.executions.mending import Mending
from bridge.executions.pace import Pace, now
from bridge.executions.starting import Starting
from bridge.executions.stopping import Stopping
from bridge.executions.watching import Watching
from bridge.problems import Problem, Unavailable

log = structlog.get_logger()
AT_ONCE = 8
"""How many executions one process asks n8n about at the same time."""


class Engine:
    """Runs until closed. `nudge` makes it look at once."""

    def __init__(
        self,
        records: Records,
        *,
        starting: Starting,
        watching: Watching,
        mending: Mending,
        stopping: Stopping,
        pace: Pace,
    ) -> None:
        self._records = records
        self._starting = starting
        self._watching = watching
        self._mending = mending
        self._stopping = stopping
        self._pace = pace
        self._awake = asyncio.Event()
        self._sends: set[asyncio.Task[None]] = set()
        self._next: dict[str, datetime] = {}
        self._discovered = now() - timedelta(seconds=pace.interval)
        self._next_discovery = now()
        self._loop: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        """Begin; what an earlier process left is taken up by the first round."""
        self._loop = asyncio.create_task(self._run())

    def nudge(self) -> None:
        """Look now."""
        self._awake.set()

    async def close(self) -> None:
        """Take nothing more, give calls that are out a moment, and leave the rest to the next process."""
        self._closing = True
        self._awake.set()
        if self._loop:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop
        if self._sends:
            await asyncio.wait(self._sends, timeout=5)
        for task in self._sends:
            task.cancel()
        await asyncio.gather(*self._sends, return_exceptions=True)
        await self._stopping.close()

    async def _run(self) -> None:
        while not self._closing:
            self._awake.clear()
            busy = True
            try:
                busy = await self.round()
            except Unavailable as problem:
                log.warning("engine.waits", said=str(problem))
            except Exception:
                # One odd row or answer must not end the watching of all others.
                log.exception("engine.round_failed")
            wait = self._pace.soonest if busy else min(1.0, self._pace.interval)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), wait)

    async def round(self) -> bool:
        """Do everything that is due once; return whether anything is on its way."""
        await self._take()
        running = await self._records.history.unfinished()
        due = [each for each in running if self._is_due(each)]
        gate = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._guarded(gate, self._attend, each) for each in due))
        self._next = {each.execution_id: at for each in running if (at := self._next.get(each.execution_id))}
        await self._discover()
        return bool(running)

    async def _take(self) -> None:
        moment = now()
        deadline = moment + timedelta(seconds=self._pace.timeout)
        for each in await self._records.executions.take(moment, running=self._pace.concurrent, deadline=deadline):
            late = each.deadline is not None and each.deadline <= moment
            # n8n may hold the answer to a start back for long, so that nothing else waits for it.
            self._spawn(self._stopping.expire(each) if late else self._starting.send(each))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._sends.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self._sends.discard(task)
        if not task.cancelled() and (failed := task.exception()):
            log.error("start.failed", said=str(failed), kind=type(failed).__name__)
        self._awake.set()

    def _is_due(self, execution: Execution) -> bool:
        return now() >= self._next.get(execution.execution_id, execution.created_at)

    async def _guarded(
        self, gate: asyncio.Semaphore, work: Callable[[Execution], Awaitable[None]], execution: Execution
    ) -> None:
        async with gate:
            try:
                await work(execution)
            except Problem as problem:
                log.warning("execution.not_seen", execution_id=execution.execution_id, said=str(problem))
        # Young executions are looked at often, old ones at the configured pace.
        age = (now() - (execution.started_at or execution.created_at)).total_seconds()
        wait = max(self._pace.soonest, min(self._pace.interval, age / 5))
        self._next[execution.execution_id] = now() + timedelta(seconds=wait)

    async def _attend(self, execution: Execution) -> None:
        if execution.deadline and now() >= execution.deadline:
            await self._stopping.expire(execution)
        elif execution.n8n_execution_id:
            seen = await self._watching.look(execution)
            if seen.status == "canceled":
                await self._stopping.cancel_runs(seen)
        elif self._mending.is_silent(execution) and await self._mending.find_silent(execution):
            self._awake.set()

    async def _discover(self) -> None:
        if now() < self._next_discovery:
            return
        self._next_discovery = now() + timedelta(seconds=self._pace.interval)
        since, begun = self._discovered, now()
        try:
            await self._mending.discover(since - timedelta(seconds=30))
        except Unavailable:
            return
        self._discovered = begun

    async def clean(self) -> int:
        """Remove records beyond the configured history."""
        before = now() - timedelta(seconds=self._pace.keep_seconds)
        return await self._records.history.prune(keep=self._pace.keep, before=before)
