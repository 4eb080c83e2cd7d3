"""Runs: one call of one step each, and the attempts to bring it to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

RunStatus = Literal["queued", "running", "completed", "failed", "canceled"]
ENDED = frozenset({"completed", "failed", "canceled"})
Pulse = Literal["go_on", "cancel", "lost"]
"""What a running attempt hears when it reports: go on, stop because someone canceled, or stop because
another attempt has taken over."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list; ``next`` is the cursor of the page after it, empty on the last one."""

    items: tuple[Item, ...]
    next: str = ""


@dataclass(frozen=True)
class N8nOrigin:
    """Where in n8n a run was called from, as its node says; empty when it was not n8n."""

    workflow_id: str = ""
    execution_id: str = ""
    node: str = ""
    run_index: int = 0
    item_index: int = 0


@dataclass(frozen=True)
class Run:
    """One call of one step. ``error`` is the problem document of a failed or canceled run."""

    id: str
    tenant: str
    step: str
    version: int
    status: RunStatus
    created_at: datetime
    deadline: datetime
    input: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    fraction: float = 0.0
    message: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    claimed: bool = False
    cancel_asked: bool = False
    owner: str = ""
    callback_url: str = ""
    n8n: N8nOrigin = N8nOrigin()
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether the run has reached its one end."""
        return self.status in ENDED


@dataclass(frozen=True)
class RunsWanted:
    """Which runs to list; an empty field does not narrow."""

    tenant: str = ""
    step: str = ""
    statuses: tuple[RunStatus, ...] = ()
    workflow_id: str = ""
    execution_id: str = ""
    node: str = ""


@dataclass(frozen=True)
class Ending:
    """How a run ended."""

    status: Literal["completed", "failed", "canceled"]
    ended_at: datetime
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


class Runs(Protocol):
    """Runs as they are looked at from outside."""

    async def add(self, runs: Sequence[Run]) -> None:
        """Keep new runs, all or none."""
        ...

    async def get(self, run_id: str) -> Run:
        """The run; raise `NotFound`."""
        ...

    async def find(self, wanted: RunsWanted, *, limit: int = 50, cursor: str = "") -> Page[Run]:
        """Runs, newest first."""
        ...

    async def count(self, wanted: RunsWanted) -> int:
        """How many there are."""
        ...

    async def claim(self, run_id: str) -> bool:
        """Take the result of a run that ended; true for the first caller only."""
        ...

    async def remove(self, *, ended_before: datetime, limit: int = 500) -> int:
        """Remove runs that ended long ago, with what hangs on them; return how many."""
        ...


class Attempts(Protocol):
    """A run on its way to its end.

    Every verb is fenced by the attempt's number, so that a process thought dead cannot overwrite what
    its successor did.
    """

    async def begin(self, run_id: str, owner: str, moment: datetime) -> Run | None:
        """Start an attempt: a queued run starts, a running one starts again as attempt + 1; None when it has ended."""
        ...

    async def note(self, run_id: str, attempt: int, fraction: float, message: str) -> Pulse:
        """Keep how far the attempt is, and learn whether it should go on."""
        ...

    async def finish(self, run_id: str, attempt: int, ending: Ending) -> bool:
        """Record the end; false when this attempt is no longer the current one, or the run has ended."""
        ...

    async def release(self, run_id: str, attempt: int) -> bool:
        """Put an unfinished attempt back into the queue, as the next attempt."""
        ...

    async def ask_cancel(self, run_id: str, ending: Ending) -> Run:
        """A queued run takes *ending* at once, a running one hears of it at its next note; raise `NotFound`."""
        ...

    async def unfinished(self, *, limit: int = 1000) -> list[Run]:
        """Runs that are queued or running, oldest first."""
        ...
