"""Watching: n8n's state of an execution becomes ours, and its end is recorded once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import orjson

from bridge.doors.n8n import Executions as N8nExecutions
from bridge.doors.n8n import NodeRun, StoredExecution
from bridge.doors.store import Execution, Records
from bridge.executions.events import Events
from bridge.executions.pace import Pace, now
from bridge.problems import NotFound, Problem

ENDINGS = {"success": "completed", "error": "failed", "crashed": "failed", "canceled": "canceled"}
LARGEST_RESULT = 262_144
"""Bytes of the last node's output that are kept with the record; the rest stays in n8n."""


class Watching:
    """Brings records up to what n8n says."""

    def __init__(self, records: Records, n8n: N8nExecutions, events: Events, pace: Pace) -> None:
        self._records = records
        self._n8n = n8n
        self._events = events
        self._pace = pace

    async def look(self, execution: Execution) -> Execution:
        """Ask n8n about one claimed execution and write what changed."""
        try:
            seen = await self._n8n.get(execution.n8n_execution_id, data=True)
        except NotFound:
            return await self._end(execution, "failed", "n8n no longer knows this execution; it was deleted there.")
        if seen.ended:
            return await self._ended(execution, seen)
        timeline = self.timeline(execution, seen)
        progress = await self._progress(execution, seen.nodes)
        if timeline == execution.timeline and progress <= execution.progress:
            return execution
        progress = max(progress, execution.progress)
        changes = {"timeline": timeline, "progress": progress, "updated_at": now()}
        if await self._records.executions.change(execution.execution_id, ["running"], changes):
            execution = replace(execution, timeline=timeline, progress=progress)
            await self._events.tell("execution.progress", execution, waiting=seen.status == "waiting")
        return execution

    async def _ended(self, execution: Execution, seen: StoredExecution) -> Execution:
        status = ENDINGS[seen.status]
        error = seen.error
        if seen.status == "crashed":
            error = error or "n8n died while this execution ran."
        late = execution.deadline is not None and now() >= execution.deadline
        if status == "canceled":
            error = "It ran longer than its time limit and was stopped." if late else "It was stopped."
            if execution.error and execution.stop_asked:
                error = execution.error
        execution = replace(execution, timeline=self.timeline(execution, seen))
        result = None if status != "completed" else _result(seen)
        return await self._end(execution, status, error, result, seen.stopped_at)

    async def _end(
        self,
        execution: Execution,
        status: str,
        error: str = "",
        result: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> Execution:
        moment = at or now()
        changes: dict[str, Any] = {
            "status": status,
            "error": error,
            "result": result,
            "completed_at": moment,
            "updated_at": now(),
            "timeline": execution.timeline,
        }
        if status == "completed":
            changes["progress"] = 100
        if await self._records.executions.change(execution.execution_id, ["running", "queued"], changes):
            ended = await self._records.executions.get(execution.execution_id)
            skipped = status == "completed" and ended.outcome == "skipped"
            await self._events.tell("execution.skipped" if skipped else f"execution.{status}", ended)
        return await self._records.executions.get(execution.execution_id)

    def timeline(self, execution: Execution, seen: StoredExecution) -> tuple[Mapping[str, Any], ...]:
        """One entry per finished node, with a link into n8n."""
        link = ""
        if self._pace.editor_url:
            base = self._pace.editor_url.rstrip("/")
            link = f"{base}/workflow/{execution.workflow_id}/executions/{seen.id}"
        return tuple(_entry(each, link) for each in seen.nodes)

    async def _progress(self, execution: Execution, nodes: tuple[NodeRun, ...]) -> int:
        """Finished planned nodes as a share of all planned ones; never 100 before the end."""
        try:
            planned = set((await self._records.workflows.get(execution.workflow_id)).nodes)
        except Problem:
            planned = set()
        finished = {each.node for each in nodes}
        if not planned:
            return min(99, 10 * len(finished))
        return min(99, round(100 * len(finished & planned) / len(planned)))

    async def estimate(self, execution: Execution) -> datetime | None:
        """When it will probably end: as long as the median of earlier ones took; nothing when none is known."""
        if execution.ended or execution.started_at is None:
            return None
        took = await self._records.history.durations(execution.workflow_id)
        if not took:
            return None
        return max(execution.started_at + timedelta(seconds=median(took)), now())


def _entry(run: NodeRun, link: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"node": run.node, "status": run.status, "seconds": run.elapsed, "items": run.items}
    if run.started_at:
        entry["started_at"] = run.started_at.isoformat()
    if run.run_index:
        entry["run_index"] = run.run_index
    if run.error:
        entry["error"] = run.error
    if link:
        entry["url"] = link
    return entry


def _result(seen: StoredExecution) -> dict[str, Any]:
    output = [dict(each) for each in seen.output]
    result: dict[str, Any] = {"last_node": seen.last_node, "output": output}
    if len(orjson.dumps(output)) > LARGEST_RESULT:
        result |= {"output": [], "truncated": True}
    return result
