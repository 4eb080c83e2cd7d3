"""Quick runs are recorded behind the answer, in batches: one commit for all that ended meanwhile."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from bridge.doors.store import Page, Run, Runs, RunsWanted
from bridge.problems import Problem

log = structlog.get_logger()
MOST = 500
BACKLOG = 5_000
PAUSE = 1.0


class Recorder:
    """The store's runs, and those that are on their way there; passes for `Runs`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._waiting: dict[str, Run] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._writer: asyncio.Task[None] | None = None

    async def later(self, run: Run) -> None:
        """Record a run that has ended soon; wait only when the store is far behind."""
        self._waiting[run.id] = run
        self._idle.clear()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        if len(self._waiting) > BACKLOG:
            await self.settled()

    async def settled(self) -> None:
        """Wait until everything is recorded."""
        await self._idle.wait()

    async def _write(self) -> None:
        while self._waiting:
            batch = list(self._waiting.values())[:MOST]
            try:
                await self._runs.add(batch)
            except Problem as problem:
                log.warning("runs wait to be recorded", runs=len(self._waiting), why=str(problem))
                self._forget_most()
                await asyncio.sleep(PAUSE)
                continue
            for run in batch:
                self._waiting.pop(run.id, None)
        self._idle.set()

    def _forget_most(self) -> None:
        """A store that is away for long must not fill the memory: what is too much is lost, and said."""
        too_many = list(self._waiting)[BACKLOG:]
        for run_id in too_many:
            del self._waiting[run_id]
        if too_many:
            log.error("records of quick runs were lost", runs=len(too_many))

    async def add(self, runs: Sequence[Run]) -> None:
        """Straight to the store."""
        await self._runs.add(runs)

    async def get(self, run_id: str) -> Run:
        """Also what is on its way."""
        return self._waiting.get(run_id) or await self._runs.get(run_id)

    async def find(self, wanted: RunsWanted, *, limit: int = 50, cursor: str = "") -> Page[Run]:
        """After everything is recorded."""
        await self.settled()
        return await self._runs.find(wanted, limit=limit, cursor=cursor)

    async def count(self, wanted: RunsWanted) -> int:
        """After everything is recorded."""
        return await self._runs.count(wanted)

    async def claim(self, run_id: str) -> bool:
        """After it is recorded."""
        if run_id in self._waiting:
            await self.settled()
        return await self._runs.claim(run_id)

    async def remove(self, *, ended_before: datetime, limit: int = 500) -> int:
        """Only what is in the store can be old."""
        return await self._runs.remove(ended_before=ended_before, limit=limit)
