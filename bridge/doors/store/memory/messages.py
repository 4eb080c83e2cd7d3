"""Callbacks and webhooks in dictionaries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bridge.doors.store.callbacks import Callback, CallbackStatus
from bridge.doors.store.webhooks import Webhook
from bridge.problems import NotFound


class MemoryCallbacks:
    """Messages owed."""

    def __init__(self) -> None:
        self._all: dict[str, Callback] = {}

    async def add(self, callback: Callback) -> bool:
        """Once per id."""
        return self._all.setdefault(callback.id, callback) is callback

    async def get(self, callback_id: str) -> Callback:
        """One message."""
        if callback_id not in self._all:
            raise NotFound(f"There is no callback '{callback_id[:60]}'.")
        return self._all[callback_id]

    async def note(self, callback_id: str, status: CallbackStatus, last_status: int, last_error: str) -> None:
        """One more attempt."""
        old = self._all[callback_id]
        values = {"status": status, "last_status": last_status, "last_error": last_error[:500]}
        self._all[callback_id] = replace(old, attempts=old.attempts + 1, **values)  # type: ignore[arg-type]

    async def waiting(self, *, limit: int = 1000) -> list[Callback]:
        """Not told yet."""
        return self._with(lambda each: each.status == "waiting", limit)

    async def dead(self, tenant: str, *, limit: int = 100) -> list[Callback]:
        """Given up."""
        return self._with(lambda each: each.status == "dead" and each.tenant == tenant, limit)

    async def remove(self, *, created_before: datetime) -> int:
        """Clean up."""
        old = [each.id for each in self._all.values() if each.created_at < created_before and each.status != "waiting"]
        for callback_id in old:
            del self._all[callback_id]
        return len(old)

    def _with(self, fits: Callable[[Callback], bool], limit: int) -> list[Callback]:
        return sorted(filter(fits, self._all.values()), key=lambda each: each.created_at)[:limit]


class MemoryWebhooks:
    """Registrations."""

    def __init__(self) -> None:
        self._all: dict[str, Webhook] = {}

    async def register(self, webhook: Webhook) -> None:
        """In place of an earlier one."""
        self._all = {key: each for key, each in self._all.items() if _node(each) != _node(webhook)}
        self._all[webhook.id] = webhook

    async def get(self, webhook_id: str) -> Webhook:
        """One registration."""
        if webhook_id not in self._all:
            raise NotFound(f"There is no webhook '{webhook_id[:60]}'.")
        return self._all[webhook_id]

    async def remove(self, webhook_id: str) -> bool:
        """Forget it."""
        return self._all.pop(webhook_id, None) is not None

    async def listening(self, event: str) -> list[Webhook]:
        """Who wants to hear of this."""
        return [each for each in self._all.values() if event in each.events]

    async def of_workflow(self, workflow_id: str) -> list[Webhook]:
        """All of one workflow."""
        return [each for each in self._all.values() if each.workflow_id == workflow_id]


def _node(webhook: Webhook) -> tuple[str, str, str, bool]:
    return webhook.tenant, webhook.workflow_id, webhook.node, webhook.test
