"""Claiming: the workflow's first step says which n8n execution our record became, and only one may say so."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from bridge.doors.claims import Claimed, N8nPlace
from bridge.doors.store import Execution, Records
from bridge.executions.events import Events
from bridge.executions.pace import Pace, now
from bridge.problems import Forbidden, NotFound

HIDDEN = ("execution_id", "claim")


class RecordedClaims:
    """`Claims` on the store. ``nudge`` wakes the loop, so that the claimed execution is watched at once."""

    def __init__(self, records: Records, events: Events, pace: Pace, nudge: Callable[[], None]) -> None:
        self._records = records
        self._events = events
        self._pace = pace
        self._nudge = nudge

    async def claim(self, execution_id: str, claim: str, place: N8nPlace, event: Mapping[str, Any]) -> Claimed:
        """See `Claims.claim`."""
        if not execution_id:
            return await self._by_hand(place, event)
        try:
            known = await self._records.executions.get(execution_id)
        except NotFound:
            known = None
        if known is None or not known.claim or not compare_digest(known.claim, claim):
            raise Forbidden("This claim fits no execution of this bridge. Start the workflow through the bridge.")
        if known.workflow_id != place.workflow_id:
            raise Forbidden("This claim belongs to another workflow.")
        told = {**known.trigger_data, "type": known.trigger}
        if known.ended and not known.n8n_execution_id:
            return Claimed(execution_id, duplicate=True, event=told)
        won = await self._records.executions.bind(execution_id, place.execution_id, now())
        if won and not known.n8n_execution_id:
            # A start that was put back into the queue runs after all: it must not be started again.
            changes = {"status": "running", "error": "", "updated_at": now(), "started_at": known.started_at or now()}
            await self._records.executions.change(execution_id, ["queued", "running"], changes)
            await self._events.tell("execution.started", known)
            self._nudge()
        return Claimed(execution_id, duplicate=not won, event=told)

    async def _by_hand(self, place: N8nPlace, event: Mapping[str, Any]) -> Claimed:
        """Record what nobody here started: a person in n8n's editor, or a workflow from the gallery."""
        moment = now()
        kept = {key: value for key, value in event.items() if key not in (*HIDDEN, "type")}
        trigger = str(event.get("type") or "manual")
        made = Execution(
            execution_id=str(uuid.uuid4()),
            tenant=place.tenant,
            workflow_id=place.workflow_id,
            status="running",
            created_at=moment,
            updated_at=moment,
            started_at=moment,
            trigger=trigger,
            trigger_data=kept,
            n8n_execution_id=place.execution_id,
            deadline=moment + timedelta(seconds=self._pace.timeout),
            template_name=await self._template(place.workflow_id),
        )
        known = await self._records.executions.add(made) if place.execution_id else made
        if known is made and place.execution_id:
            await self._events.tell("execution.started", made)
            self._nudge()
        return Claimed(known.execution_id, event={**known.trigger_data, "type": known.trigger})

    async def _template(self, workflow_id: str) -> str:
        try:
            return (await self._records.workflows.get(workflow_id)).template_name
        except NotFound:
            return ""

    async def skipped(self, execution_id: str, reasons: list[Mapping[str, Any]]) -> None:
        """See `Claims.skipped`."""
        changes = {"outcome": "skipped", "reasons": list(reasons), "updated_at": now()}
        await self._records.executions.change(execution_id, ["queued", "running", "completed"], changes)
