"""Stopping and trying again, and the end of our own runs when an execution is canceled."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta

import structlog

from bridge.doors.n8n import Executions as N8nExecutions
from bridge.doors.store import Attempts, Ending, Execution, Records, Runs, RunsWanted
from bridge.executions.events import Events
from bridge.executions.pace import Pace, now
from bridge.problems import Conflict, NotFound, Problem, Unavailable

log = structlog.get_logger()
MOMENT = 2.0
"""Seconds a retry waits for n8n to show the new execution before it answers with what it knows."""


class Stopping:
    """Ends executions before their time, and runs failed ones again."""

    def __init__(
        self, records: Records, n8n: N8nExecutions, *, runs: Runs, attempts: Attempts, events: Events, pace: Pace
    ) -> None:
        self._records = records
        self._runs = runs
        self._attempts = attempts
        self._n8n = n8n
        self._events = events
        self._pace = pace
        self._retries: set[asyncio.Task[None]] = set()

    async def stop(self, execution: Execution, why: str = "It was stopped.") -> Execution:
        """Stop it; raise `Conflict` when it has ended. What n8n does not know yet never starts."""
        if execution.ended:
            raise Conflict(f"The execution has ended already ({execution.status}).")
        marked = {"stop_asked": True, "error": why, "updated_at": now()}
        await self._records.executions.change(execution.execution_id, ["queued", "running"], marked)
        if execution.n8n_execution_id:
            try:
                await self._n8n.stop(execution.n8n_execution_id)
            except (Conflict, NotFound):
                log.info("stop.too_late", execution_id=execution.execution_id)
                return await self._records.executions.get(execution.execution_id)
        moment = now()
        ended = {"status": "canceled", "completed_at": moment, "updated_at": moment, "error": why}
        if await self._records.executions.change(execution.execution_id, ["queued", "running"], ended):
            execution = await self._records.executions.get(execution.execution_id)
            await self._events.tell("execution.canceled", execution)
        await self.cancel_runs(execution)
        return await self._records.executions.get(execution.execution_id)

    async def expire(self, execution: Execution) -> None:
        """Stop what ran longer than allowed; when n8n is away the record ends all the same."""
        why = f"It did not end within its time limit ({self._pace.timeout} s, WORKFLOW_TIMEOUT) and was stopped."
        try:
            await self.stop(execution, why)
        except Unavailable:
            moment = now()
            changes = {"status": "canceled", "error": why, "completed_at": moment, "updated_at": moment}
            if await self._records.executions.change(execution.execution_id, ["queued", "running"], changes):
                await self._events.tell("execution.canceled", replace(execution, status="canceled", error=why))
        except Conflict:
            return

    async def cancel_runs(self, execution: Execution) -> None:
        """Cancel our runs of an execution: n8n's HTTP Request node does not drop its call when it is stopped."""
        if not execution.n8n_execution_id:
            return
        wanted = RunsWanted(
            workflow_id=execution.workflow_id,
            execution_id=execution.n8n_execution_id,
            statuses=("queued", "running"),
        )
        ending = Ending("canceled", now(), error={"code": "canceled", "message": "The execution was stopped."})
        for run in (await self._runs.find(wanted, limit=500)).items:
            await self._attempts.ask_cancel(run.id, ending)

    async def retry(self, execution: Execution) -> Execution:
        """Run a failed one again from its failed node, as a new record; raise `Conflict` if it cannot be."""
        if execution.status not in ("failed", "canceled") or not execution.n8n_execution_id:
            raise Conflict(
                f"Only an execution that failed or was stopped in n8n can be retried; this one is {execution.status}."
            )
        before = {each.id for each in await self._n8n.list(workflow_id=execution.workflow_id)}
        task = asyncio.create_task(self._ask(execution.n8n_execution_id))
        self._retries.add(task)
        task.add_done_callback(self._retries.discard)
        made = await self._await_new(execution, before, task)
        moment = now()
        record = Execution(
            execution_id=str(uuid.uuid4()),
            tenant=execution.tenant,
            workflow_id=execution.workflow_id,
            status="running",
            created_at=moment,
            updated_at=moment,
            started_at=moment,
            template_name=execution.template_name,
            user_id=execution.user_id,
            trigger=execution.trigger,
            trigger_data=execution.trigger_data,
            n8n_execution_id=made,
            retry_of=execution.execution_id,
            deadline=moment + timedelta(seconds=self._pace.timeout),
        )
        known = await self._records.executions.add(record)
        if known is not record:
            await self._records.executions.change(
                known.execution_id, [known.status], {"retry_of": execution.execution_id}
            )
        await self._events.tell("execution.started", known)
        return await self._records.executions.get(known.execution_id)

    async def _ask(self, n8n_execution_id: str) -> None:
        """Wait for n8n's answer, which comes only when the new execution has ended."""
        await self._n8n.retry(n8n_execution_id)

    async def _await_new(self, execution: Execution, before: set[str], task: asyncio.Task[None]) -> str:
        deadline = asyncio.get_running_loop().time() + max(MOMENT, self._pace.soonest * 8)
        while True:
            for each in await self._n8n.list(workflow_id=execution.workflow_id):
                if each.id not in before and each.retry_of == execution.n8n_execution_id:
                    return each.id
            if task.done() and (failed := task.exception()):
                raise failed
            if asyncio.get_running_loop().time() >= deadline:
                raise Unavailable("n8n did not start the retry in time; look at the workflow's executions.")
            await asyncio.wait({task}, timeout=0.05)

    async def close(self) -> None:
        """Let go of answers that are still awaited; n8n goes on without us."""
        for task in self._retries:
            task.cancel()
        done = await asyncio.gather(*self._retries, return_exceptions=True)
        for each in done:
            if isinstance(each, Problem):
                log.info("retry.answer_lost", said=str(each))
