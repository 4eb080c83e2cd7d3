"""Executions: one run of one workflow each, from the wish to start it to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from bridge.doors.store.runs import Page

ExecutionStatus = Literal["queued", "running", "completed", "failed", "canceled"]
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Execution:
    """One run of one workflow.

    ``claim`` is the one-time word that goes out with the start; ``n8n_execution_id`` is learnt when it comes
    back. ``trigger_data`` is the event (contract 6) without id and claim. ``lane`` names what a newer event
    supersedes (repository and branch). ``starts`` counts how often n8n was asked, ``asked_at`` when it last was.
    ``result`` and ``error`` are of the end; ``outcome`` is ``skipped`` when the gate stayed closed.
    """

    execution_id: str
    tenant: str
    workflow_id: str
    status: ExecutionStatus
    created_at: datetime
    updated_at: datetime
    template_name: str = ""
    user_id: str = ""
    trigger: str = "manual"
    trigger_data: Body = field(default_factory=dict)
    progress: int = 0
    result: Body | None = None
    error: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    deadline: datetime | None = None
    n8n_execution_id: str = ""
    claim: str = field(default="", repr=False)
    outcome: str = ""
    reasons: tuple[Body, ...] = ()
    timeline: tuple[Body, ...] = ()
    lane: str = ""
    delivery_id: str = ""
    retry_of: str = ""
    starts: int = 0
    asked_at: datetime | None = None
    not_before: datetime | None = None
    stop_asked: bool = False
    rating: int = 0

    @property
    def ended(self) -> bool:
        """Whether it has reached its one end."""
        return self.status in {"completed", "failed", "canceled"}


@dataclass(frozen=True)
class ExecutionsWanted:
    """Which executions to list; an empty field does not narrow."""

    tenant: str = ""
    workflow_id: str = ""
    statuses: tuple[str, ...] = ()
    user_id: str = ""
    template_name: str = ""
    trigger: str = ""
    lane: str = ""
    n8n_execution_id: str = ""
    created_after: datetime | None = None


class ExecutionRecords(Protocol):
    """The records of executions."""

    async def add(self, execution: Execution) -> Execution:
        """Keep a new one; return the known one instead when its n8n execution is recorded already."""
        ...

    async def get(self, execution_id: str) -> Execution:
        """The record; raise `NotFound`."""
        ...

    async def find(self, wanted: ExecutionsWanted, *, limit: int = 50, cursor: str = "") -> Page[Execution]:
        """Records, newest first."""
        ...

    async def count(self, wanted: ExecutionsWanted) -> int:
        """How many there are."""
        ...

    async def take(self, now: datetime, *, running: int, deadline: datetime) -> Sequence[Execution]:
        """Move waiting ones, oldest first, to running, never more than *running* at once in all processes."""
        ...

    async def change(self, execution_id: str, only: Sequence[str], changes: Body) -> bool:
        """Write *changes* when the status is one of *only*; false when it is not, and nothing is written."""
        ...

    async def bind(self, execution_id: str, n8n_execution_id: str, now: datetime) -> bool:
        """Let an n8n execution claim it; false when another one has it. The same one may claim again."""
        ...


class ExecutionHistory(Protocol):
    """What is done to many records at once."""

    async def prune(self, *, keep: int, before: datetime) -> int:
        """Remove ended ones over *keep* per workflow or older than *before*; return how many."""
        ...

    async def durations(self, workflow_id: str, *, limit: int = 20) -> list[float]:
        """Return how long the newest completed ones took, in seconds."""
        ...

    async def unfinished(self, *, limit: int = 1000) -> list[Execution]:
        """Return running ones, oldest first."""
        ...
