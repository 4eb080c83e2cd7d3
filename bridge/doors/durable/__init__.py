"""The way to work that outlives this process: queues, widths, delays, and recovery after a crash.

A job is a name in a queue; what it means stands in the store. Work is done at least once: after a
crash it is done again, so it looks at the store first and records its outcome there exactly once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

Work = Callable[[str], Awaitable[float | None]]
"""Does one job; None when it is done, or after how many seconds to call again. An exception is logged
and means: again, a little later."""


@dataclass(frozen=True)
class Queue:
    """A named queue; ``width`` is how many of its jobs one process does at once."""

    name: str
    work: Work
    width: int


class Durable(Protocol):
    """Jobs that are done although processes die. Several processes on one PostgreSQL share the queues."""

    async def start(self, queues: Sequence[Queue]) -> None:
        """Take up work, what a dead process left behind first."""
        ...

    async def submit(self, queue: str, job: str, *, delay: float = 0) -> None:
        """Have *job* done, at the earliest after *delay* seconds; nothing happens while it already waits or runs."""
        ...

    async def stop(self) -> None:
        """Take no more work, and wait for the works that run; what waits stays for the next process."""
        ...

    async def remove(self, *, older_than: float) -> None:
        """Forget jobs that were done more than *older_than* seconds ago."""
        ...
