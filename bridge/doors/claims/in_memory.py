"""Claims kept in this process only: for tests, and for a bridge that watches no executions."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from bridge.doors.claims import Claimed, N8nPlace
from bridge.problems import Forbidden


class ClaimsInMemory:
    """Records by our id and by n8n execution; ``closed`` keeps why gates stayed closed."""

    def __init__(self) -> None:
        self.closed: dict[str, list[Mapping[str, Any]]] = {}
        self._issued: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._owners: dict[str, tuple[str, str]] = {}
        self._recorded: dict[tuple[str, str], Claimed] = {}

    def issue(self, claim: str, event: Mapping[str, Any]) -> str:
        """Make the record an execution will claim with *claim*; return its id."""
        made = str(uuid4())
        self._issued[made] = (claim, dict(event))
        return made

    async def claim(self, execution_id: str, claim: str, place: N8nPlace, event: Mapping[str, Any]) -> Claimed:
        """See `Claims.claim`."""
        asking = place.workflow_id, place.execution_id
        if not execution_id:
            fresh = Claimed(str(uuid4()), event={**event, "type": event.get("type", "manual")})
            return self._recorded.setdefault(asking, fresh) if all(asking) else fresh
        expected, stored = self._issued.get(execution_id, ("", {}))
        if not expected or expected != claim:
            raise Forbidden("This claim fits no execution of this bridge. Start the workflow through the bridge.")
        owner = self._owners.setdefault(execution_id, asking)
        return Claimed(execution_id, duplicate=owner != asking, event=stored)

    async def skipped(self, execution_id: str, reasons: list[Mapping[str, Any]]) -> None:
        """See `Claims.skipped`."""
        self.closed[execution_id] = reasons
