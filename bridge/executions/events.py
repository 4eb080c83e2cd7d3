"""What happens to executions, told to whoever listens in this process, and kept for the figures."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bridge.doors.store import Analytics, AnalyticsEvent, Execution
from bridge.executions.pace import now

BACKLOG = 200
"""Events one slow listener may lag behind before it loses the oldest."""


@dataclass(frozen=True)
class Happening:
    """One event: ``kind`` such as ``execution.started``."""

    kind: str
    execution: Execution
    data: Mapping[str, Any] = field(default_factory=dict)


class Events:
    """Broadcasts happenings; a slow or dead listener hinders nobody."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics
        self._listeners: set[asyncio.Queue[Happening]] = set()

    async def tell(self, kind: str, execution: Execution, **data: Any) -> None:
        """Tell the listeners; all but progress is kept for the figures too."""
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(Happening(kind, execution, data))
        if kind != "execution.progress":
            await self.note(kind, execution.workflow_id, execution.execution_id, **_facts(execution), **data)

    async def note(self, kind: str, workflow_id: str = "", execution_id: str = "", **data: Any) -> None:
        """Keep an event for the figures."""
        event = AnalyticsEvent(str(uuid.uuid4()), kind, now(), workflow_id, execution_id, data)
        await self._analytics.note(event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Queue[Happening]]:
        """Yield a queue that fills with what happens from now on."""
        queue: asyncio.Queue[Happening] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)


def _facts(execution: Execution) -> dict[str, Any]:
    facts: dict[str, Any] = {"trigger": execution.trigger}
    if execution.user_id:
        facts["user_id"] = execution.user_id
    if execution.template_name:
        facts["template_name"] = execution.template_name
    if execution.completed_at and execution.started_at:
        facts["seconds"] = round((execution.completed_at - execution.started_at).total_seconds(), 3)
    return facts
