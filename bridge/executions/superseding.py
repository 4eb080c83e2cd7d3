"""Superseding: of many events of one lane the newest is worked on; older ones are stopped and named in it."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from bridge.doors.store import Execution, ExecutionsWanted, Records
from bridge.executions.starting import Starting, Wish
from bridge.executions.stopping import Stopping
from bridge.problems import Conflict, NotFound

log = structlog.get_logger()
SETTLE = 0.3
"""Seconds a start of a lane waits, so that a burst of pushes becomes one start."""


class Superseding:
    """Starts what arrived from outside; the `Starter` of the deliveries room."""

    def __init__(self, records: Records, starting: Starting, stopping: Stopping, nudge: Callable[[], None]) -> None:
        self._records = records
        self._starting = starting
        self._stopping = stopping
        self._nudge = nudge

    async def start(
        self,
        workflow_id: str,
        *,
        execution_id: str,
        tenant: str,
        trigger: str,
        event: Mapping[str, Any],
        lane: str,
        delivery_id: str,
    ) -> str:
        """Start once per *execution_id*, in place of what is older in *lane*."""
        try:
            return (await self._records.executions.get(execution_id)).execution_id
        except NotFound:
            superseded = await self._superseded(lane, event)
        wish = Wish(
            workflow_id,
            tenant,
            trigger,
            {**event, **({"superseded": superseded} if superseded else {})},
            lane=lane,
            delivery_id=delivery_id,
            execution_id=execution_id,
            delay=SETTLE if lane else 0,
        )
        made = await self._starting.wish(wish)
        self._nudge()
        return made.execution_id

    async def _superseded(self, lane: str, event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Stop what is older, and say which revisions it was about."""
        if not lane:
            return []
        wanted = ExecutionsWanted(lane=lane, statuses=("queued", "running"))
        names: list[Mapping[str, Any]] = []
        for each in reversed((await self._records.executions.find(wanted, limit=100)).items):
            names += [*each.trigger_data.get("superseded", ()), _named(each)]
            try:
                await self._stopping.stop(each, f"A newer revision took its place: {str(event.get('after', ''))[:12]}.")
            except Conflict:
                log.info("superseded.ended_already", execution_id=each.execution_id)
        return names


def _named(execution: Execution) -> dict[str, Any]:
    named = {"execution_id": execution.execution_id, "after": execution.trigger_data.get("after", "")}
    return {key: value for key, value in named.items() if value}
