"""Waiting for a run to change: a bell per run inside this process, a look at the store for all others."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable

from bridge.doors.store import Run, Runs

LOOK = 1.0
"""Seconds between looks at the store, where a run that another process works on shows its changes."""


class Bells:
    """Rung at every change of a run this process works on."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, run_id: str) -> None:
        """Wake everybody who waits for this run."""
        for each in self._waiting.get(run_id, ()):
            each.set()

    async def changes(self, runs: Runs, run_id: str, over: Callable[[], bool]) -> AsyncIterator[Run]:
        """Yield the run now and after every change, until it has ended or *over* says so."""
        bell = asyncio.Event()
        self._waiting[run_id].add(bell)
        try:
            while True:
                bell.clear()
                run = await runs.get(run_id)
                yield run
                if run.ended or over():
                    return
                await self._heard(bell, over)
        finally:
            self._waiting[run_id].discard(bell)
            if not self._waiting[run_id]:
                del self._waiting[run_id]

    @staticmethod
    async def _heard(bell: asyncio.Event, over: Callable[[], bool]) -> None:
        """Wait for the bell, a look's time, or the end of patience, asked for several times a second."""
        waited = 0.0
        while waited < LOOK and not over():
            try:
                async with asyncio.timeout(0.2):
                    await bell.wait()
            except TimeoutError:
                waited += 0.2
            else:
                return
