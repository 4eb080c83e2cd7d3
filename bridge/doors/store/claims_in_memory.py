"""Claims kept in this process only: for tests, and for a bridge that watches no executions."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from bridge.doors.store import Claimed
from bridge.problems import NotFound


class ClaimsInMemory:
    """Records by token and by n8n execution."""

    def __init__(self) -> None:
        self._issued: dict[tuple[str, str], Claimed] = {}
        self._owner: dict[tuple[str, str], tuple[str, str]] = {}
        self._recorded: dict[tuple[str, str, str], Claimed] = {}

    def issue(self, token: str, *, tenant: str, trigger: str, event: Mapping[str, Any]) -> str:
        """Make the record an execution will claim with *token*; return its id."""
        made = Claimed(str(uuid4()), accepted=True, trigger=trigger, event=dict(event))
        self._issued[tenant, token] = made
        return made.execution_id

    async def claim(self, token: str, *, tenant: str, n8n: Mapping[str, Any]) -> Claimed:
        """See `Claims.claim`."""
        key = tenant, token
        if key not in self._issued:
            raise NotFound("This claim belongs to no execution of this bridge. Start the workflow through the bridge.")
        place = _place(n8n)
        owner = self._owner.setdefault(key, place)
        made = self._issued[key]
        return made if owner == place else Claimed(made.execution_id, accepted=False, trigger=made.trigger)

    async def record(self, event: Mapping[str, Any], *, tenant: str, n8n: Mapping[str, Any]) -> Claimed:
        """See `Claims.record`."""
        key = (tenant, *_place(n8n))
        fresh = Claimed(str(uuid4()), accepted=True, trigger=str(event.get("type", "manual")), event=dict(event))
        return self._recorded.setdefault(key, fresh) if all(key[1:]) else fresh


def _place(n8n: Mapping[str, Any]) -> tuple[str, str]:
    return str(n8n.get("workflow_id", "")), str(n8n.get("execution_id", ""))
