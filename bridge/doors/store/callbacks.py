"""Callbacks owed to waiting n8n executions: told until heard, or kept as dead letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

CallbackStatus = Literal["waiting", "delivered", "gone", "dead"]


@dataclass(frozen=True)
class Callback:
    """One message owed to one address; ``id`` is its webhook-id on every attempt."""

    id: str
    tenant: str
    run_id: str
    url: str
    body: Mapping[str, Any]
    created_at: datetime
    status: CallbackStatus = "waiting"
    attempts: int = 0
    last_status: int = 0
    last_error: str = ""


class Callbacks(Protocol):
    """Messages owed."""

    async def add(self, callback: Callback) -> bool:
        """Keep a message; false when this id is already there."""
        ...

    async def get(self, callback_id: str) -> Callback:
        """The message; raise `NotFound`."""
        ...

    async def note(self, callback_id: str, status: CallbackStatus, last_status: int, last_error: str) -> None:
        """Count one attempt and how it went."""
        ...

    async def waiting(self, *, limit: int = 1000) -> list[Callback]:
        """Messages not told yet, oldest first."""
        ...

    async def dead(self, tenant: str, *, limit: int = 100) -> list[Callback]:
        """Messages given up."""
        ...

    async def remove(self, *, created_before: datetime) -> int:
        """Remove old messages; return how many."""
        ...
