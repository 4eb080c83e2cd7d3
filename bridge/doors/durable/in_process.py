"""Queues in this process alone: for tests and tools; what waits is gone with the process."""

import asyncio
from collections.abc import Sequence

import structlog

from bridge.doors.durable import Queue

log = structlog.get_logger()
AFTER_FAILURE = 0.5


class InProcessDurable:
    """One task per job, held back by a semaphore per queue."""

    def __init__(self) -> None:
        self._queues: dict[str, tuple[Queue, asyncio.Semaphore]] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._working: set[tuple[str, str]] = set()
        self._stopping = False
        self._early: list[tuple[str, str, float]] = []

    async def start(self, queues: Sequence[Queue]) -> None:
        """Take up work."""
        self._queues = {each.name: (each, asyncio.Semaphore(each.width)) for each in queues}
        early, self._early = self._early, []
        for queue, job, delay in early:
            await self.submit(queue, job, delay=delay)

    async def submit(self, queue: str, job: str, *, delay: float = 0) -> None:
        """Start the job's task unless it has one."""
        if not self._queues:
            self._early.append((queue, job, delay))
        elif (queue, job) not in self._tasks:
            task = asyncio.create_task(self._do(queue, job, delay), name=f"{queue} {job}")
            self._tasks[queue, job] = task
            task.add_done_callback(lambda _: self._tasks.pop((queue, job), None))

    async def stop(self) -> None:
        """Drop what waits, wait for what works."""
        self._stopping = True
        waiting = [task for place, task in self._tasks.items() if place not in self._working]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._queues = {}

    async def remove(self, *, older_than: float) -> None:
        """Nothing is kept."""

    async def _do(self, name: str, job: str, delay: float) -> None:
        queue, turn = self._queues[name]
        again: float | None = delay
        while again is not None:
            await asyncio.sleep(again)
            async with turn:
                self._working.add((name, job))
                again = await self._once(queue, job)
                self._working.discard((name, job))
            if self._stopping:
                return

    async def _once(self, queue: Queue, job: str) -> float | None:
        try:
            return await queue.work(job)
        except Exception:
            log.exception("a job failed and will be done again", queue=queue.name, job=job)
            return AFTER_FAILURE
