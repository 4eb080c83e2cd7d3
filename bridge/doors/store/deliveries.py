"""Deliveries: what arrived from outside, kept whole so that it can be looked at and played again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bridge.doors.store.runs import Page

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Delivery:
    """One webhook call of a forge.

    ``delivery_id`` is the forge's own (or the digest of the body where a forge sends none); ``outcome`` is
    received, started, ignored or failed; ``starts`` says per workflow which execution it became or why none.
    """

    id: str
    forge: str
    hook: str
    delivery_id: str
    received_at: datetime
    kind: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = field(default="", repr=False)
    events: tuple[Body, ...] = ()
    outcome: str = "received"
    starts: tuple[Body, ...] = ()
    replay_of: str = ""


@dataclass(frozen=True)
class AnalyticsEvent:
    """One thing that happened, for the figures."""

    id: str
    event_type: str
    timestamp: datetime
    workflow_id: str = ""
    execution_id: str = ""
    event_data: Body = field(default_factory=dict)


class DeliveryRecords(Protocol):
    """What arrived."""

    async def add(self, delivery: Delivery) -> bool:
        """Keep it; false when the same forge, hook and delivery id is kept already, whoever was first."""
        ...

    async def get(self, delivery_id: str) -> Delivery:
        """The record by our id; raise `NotFound`."""
        ...

    async def find(
        self, *, forge: str = "", outcome: str = "", oldest_first: bool = False, limit: int = 50, cursor: str = ""
    ) -> Page[Delivery]:
        """Records, newest first unless said."""
        ...

    async def settle(self, delivery_id: str, outcome: str, starts: tuple[Body, ...]) -> None:
        """Say what became of it."""
        ...

    async def prune(self, before: datetime) -> int:
        """Empty the bodies of old ones; their ids stay, so that a late repetition has no effect."""
        ...


class Analytics(Protocol):
    """Events for the figures."""

    async def note(self, event: AnalyticsEvent) -> None:
        """Keep an event."""
        ...

    async def since(self, moment: datetime, *, limit: int = 100_000) -> list[AnalyticsEvent]:
        """Return all events since *moment*, oldest first."""
        ...

    async def prune(self, before: datetime) -> int:
        """Remove old ones; return how many."""
        ...
