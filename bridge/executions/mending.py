"""Mending: starts that were asked for and never claimed, and executions that nobody here started."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bridge.doors.n8n import Executions as N8nExecutions
from bridge.doors.n8n import StoredExecution
from bridge.doors.store import Execution, ExecutionsWanted, Records
from bridge.executions.events import Events
from bridge.executions.pace import Pace, now
from bridge.problems import NotFound

log = structlog.get_logger()
CLOCK_SKEW = timedelta(seconds=120)
"""How far n8n's clock may be behind ours before a start is not recognised."""


class Mending:
    """Makes our records and n8n's agree again."""

    def __init__(self, records: Records, n8n: N8nExecutions, events: Events, pace: Pace) -> None:
        self._records = records
        self._n8n = n8n
        self._events = events
        self._pace = pace

    def is_silent(self, execution: Execution) -> bool:
        """Whether a start should have been claimed by now."""
        if execution.n8n_execution_id or execution.asked_at is None:
            return False
        return now() - execution.asked_at >= timedelta(seconds=self._pace.claim_within)

    async def find_silent(self, execution: Execution) -> bool:
        """Look in n8n for an execution with our trace id; put the start back into the queue when there is none.

        Starting again is safe even when the first one is only slow: the claim lets one of them through.
        """
        since = (execution.started_at or execution.created_at) - CLOCK_SKEW
        trace = uuid.UUID(execution.execution_id).hex
        for each in await self._n8n.list(workflow_id=execution.workflow_id, since=since):
            if await self._is_ours(each, trace) and await self._records.executions.bind(
                execution.execution_id, each.id, now()
            ):
                log.info("start.found", execution_id=execution.execution_id, n8n_execution_id=each.id)
                return True
        moment = now()
        changes: dict[str, object] = {"status": "queued", "not_before": moment, "updated_at": moment}
        if execution.starts >= self._pace.starts:
            said = execution.error or "n8n accepted the start, but the workflow never called the bridge."
            changes = {"status": "failed", "error": said, "completed_at": moment, "updated_at": moment}
        if await self._records.executions.change(execution.execution_id, ["running"], changes) and "error" in changes:
            await self._events.tell("execution.failed", await self._records.executions.get(execution.execution_id))
        return False

    async def _is_ours(self, seen: StoredExecution, trace: str) -> bool:
        """Lists do not tell trace ids, so that each candidate is asked for; known ones are not."""
        wanted = ExecutionsWanted(workflow_id=seen.workflow_id, n8n_execution_id=seen.id)
        if await self._records.executions.count(wanted):
            return False
        return (await self._n8n.get(seen.id)).trace_id == trace

    async def discover(self, since: datetime) -> int:
        """Record executions of our workflows that were started in n8n and never reached a step of ours."""
        ours = {each.workflow_id: each.tenant for each in await self._records.workflows.find()}
        made = 0
        for seen in await self._n8n.list(since=since, limit=100):
            wanted = ExecutionsWanted(workflow_id=seen.workflow_id, n8n_execution_id=seen.id)
            if seen.workflow_id not in ours or await self._records.executions.count(wanted):
                continue
            made += await self._record(await self._n8n.get(seen.id), ours)
        return made

    async def _record(self, seen: StoredExecution, ours: Mapping[str, str]) -> bool:
        if seen.trace_id and await self._bound_by_trace(seen):
            return False
        moment = seen.started_at or now()
        made = Execution(
            execution_id=str(uuid.uuid4()),
            tenant=ours[seen.workflow_id],
            workflow_id=seen.workflow_id,
            status="running",
            created_at=moment,
            updated_at=now(),
            started_at=moment,
            trigger="manual",
            template_name=(await self._records.workflows.get(seen.workflow_id)).template_name,
            n8n_execution_id=seen.id,
            retry_of=seen.retry_of,
            deadline=now() + timedelta(seconds=self._pace.timeout),
        )
        if await self._records.executions.add(made) is not made:
            return False
        await self._events.tell("execution.started", made)
        return True

    async def _bound_by_trace(self, seen: StoredExecution) -> bool:
        """Whether the trace id names a record of ours; a start of ours is claimed, not recorded anew."""
        try:
            known = await self._records.executions.get(str(uuid.UUID(seen.trace_id)))
        except (NotFound, ValueError):
            return False
        if not known.n8n_execution_id and not known.ended:
            await self._records.executions.bind(known.execution_id, seen.id, now())
        return True
