"""Webhooks: addresses in n8n that asked to hear of events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Webhook:
    """One Bridge Trigger node's registration. ``secret`` (``whsec_...``) signs what is sent to it."""

    id: str
    tenant: str
    url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)
    workflow_id: str
    node: str
    test: bool
    created_at: datetime
    config: Mapping[str, Any] = field(default_factory=dict)


class Webhooks(Protocol):
    """Registrations. One per tenant + workflow + node + test: a second one replaces the first."""

    async def register(self, webhook: Webhook) -> None:
        """Keep a registration in place of an earlier one for the same node."""
        ...

    async def get(self, webhook_id: str) -> Webhook:
        """The registration; raise `NotFound`."""
        ...

    async def remove(self, webhook_id: str) -> bool:
        """Forget a registration; false when there was none."""
        ...

    async def listening(self, event: str) -> list[Webhook]:
        """All registrations for this kind of event, oldest first."""
        ...

    async def of_workflow(self, workflow_id: str) -> list[Webhook]:
        """All registrations of one n8n workflow."""
        ...
