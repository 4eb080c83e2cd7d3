"""Starting: the row first, the call second; n8n does not deduplicate starts, so the row does."""

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
import structlog

from bridge.doors.n8n import Executions as N8nExecutions
from bridge.doors.store import Execution, ExecutionsWanted, Records, Webhooks, Workflow
from bridge.executions.events import Events
from bridge.executions.pace import Pace, now
from bridge.problems import Problem, TooManyRequests, Unavailable, Unusable

log = structlog.get_logger()
Revive = Callable[[str], Awaitable[None]]
"""Publishes a workflow again whose hook does not answer."""


@dataclass(frozen=True)
class Wish:
    """A wish to start a workflow; ``event`` is contract 6's ``data`` without id and claim.

    The same ``execution_id`` is the same execution; ``delay`` is in seconds.
    """

    workflow_id: str
    tenant: str
    trigger: str = "manual"
    event: Mapping[str, Any] | None = None
    user_id: str = ""
    lane: str = ""
    delivery_id: str = ""
    execution_id: str = ""
    delay: float = 0


@dataclass(frozen=True)
class Address:
    """Where a workflow is started; ``secret`` signs what goes to a Bridge Trigger."""

    url: str
    secret: str = ""


class Starting:
    """Turns wishes into rows and rows into calls."""

    def __init__(
        self,
        records: Records,
        webhooks: Webhooks,
        n8n: N8nExecutions,
        *,
        events: Events,
        pace: Pace,
        revive: Revive,
    ) -> None:
        self._records = records
        self._webhooks = webhooks
        self._n8n = n8n
        self._events = events
        self._pace = pace
        self._revive = revive

    async def wish(self, wish: Wish) -> Execution:
        """Keep a new execution in the queue; raise `TooManyRequests` when the queue is full."""
        known = await self._workflow(wish)
        if await self._records.executions.count(ExecutionsWanted(statuses=("queued",))) >= self._pace.queued:
            raise TooManyRequests(f"{self._pace.queued} executions are waiting to start already.", retry_after=10)
        moment = now()
        execution = Execution(
            execution_id=wish.execution_id or str(uuid.uuid4()),
            tenant=wish.tenant,
            workflow_id=wish.workflow_id,
            status="queued",
            created_at=moment,
            updated_at=moment,
            template_name=known.template_name if known else "",
            user_id=wish.user_id,
            trigger=wish.trigger,
            trigger_data=dict(wish.event or {}),
            claim=secrets.token_urlsafe(24),
            lane=wish.lane,
            delivery_id=wish.delivery_id,
            not_before=moment + timedelta(seconds=wish.delay) if wish.delay else None,
        )
        return await self._records.executions.add(execution)

    async def _workflow(self, wish: Wish) -> Workflow | None:
        """Find our record of the workflow; a foreign one with a Bridge Trigger of ours may be started too."""
        try:
            return await self._records.workflows.get(wish.workflow_id)
        except Problem:
            if await self._webhooks.of_workflow(wish.workflow_id):
                return None
            raise

    async def send(self, execution: Execution) -> None:
        """Ask n8n once; whatever goes wrong is kept in the row, so that the loop goes on with it."""
        try:
            address = await self._ready(execution.workflow_id)
        except Unavailable as problem:
            # Nothing was asked yet, so that this try does not count.
            await self._again(execution, str(problem), starts=execution.starts - 1)
            return
        except Problem as problem:
            await self._again(execution, str(problem))
            return
        try:
            answer = await self._n8n.start(address.url, *self._message(execution, address.secret))
        except Problem as problem:
            # It may have arrived all the same: it is looked for when nobody claims it in time.
            log.warning("start.unanswered", execution_id=execution.execution_id, said=str(problem))
            return
        await self._events.note("n8n.called", execution.workflow_id, execution.execution_id, ok=answer.status < 300)
        if answer.status == 404:
            await self._again(execution, f"n8n does not know the workflow's webhook: {answer.message}")
        elif 400 <= answer.status < 500:
            await self._fail(execution, f"n8n refused the start with {answer.status}: {answer.message}")

    async def _ready(self, workflow_id: str) -> Address:
        """Return the address once something listens there."""
        address = await self.address(workflow_id)
        if not await self._n8n.answers(address.url):
            await self._revive(workflow_id)
        return address

    async def _again(self, execution: Execution, said: str, *, starts: int | None = None) -> None:
        """Put back what certainly did not start; each try waits longer, so that a returning n8n is not flooded."""
        counted = execution.starts if starts is None else starts
        log.warning("start.refused", execution_id=execution.execution_id, said=said, starts=execution.starts)
        if counted >= self._pace.starts:
            await self._fail(execution, said)
            return
        moment = now()
        wait = min(30.0, self._pace.soonest * 2**execution.starts)
        changes = {
            "status": "queued",
            "error": said,
            "starts": counted,
            "not_before": moment + timedelta(seconds=wait),
            "updated_at": moment,
        }
        unclaimed = await self._records.executions.get(execution.execution_id)
        if not unclaimed.n8n_execution_id:
            await self._records.executions.change(execution.execution_id, ["running"], changes)

    async def _fail(self, execution: Execution, said: str) -> None:
        moment = now()
        changes = {"status": "failed", "error": said, "completed_at": moment, "updated_at": moment}
        if await self._records.executions.change(execution.execution_id, ["running", "queued"], changes):
            await self._events.tell(
                "execution.failed", replace(execution, status="failed", error=said, completed_at=moment)
            )

    async def address(self, workflow_id: str) -> Address:
        """Where the workflow is started: its webhook, or its Bridge Trigger's registration."""
        for each in await self._webhooks.of_workflow(workflow_id):
            if not each.test:
                return Address(each.url, each.secret)
        workflow = await self._records.workflows.get(workflow_id)
        if not workflow.hook_url:
            raise Unusable(
                f"Workflow '{workflow.name}' has no address to start it: its Bridge Trigger has not registered. "
                "Publish it again."
            )
        return Address(workflow.hook_url)

    def _message(self, execution: Execution, secret: str) -> tuple[bytes, dict[str, str]]:
        """Build body and headers; there is no secret in either, since n8n keeps request headers in clear."""
        moment = now()
        data = {**execution.trigger_data, "execution_id": execution.execution_id, "claim": execution.claim}
        body = orjson.dumps({"type": execution.trigger, "timestamp": moment.isoformat(), "data": data})
        trace = uuid.UUID(execution.execution_id).hex
        headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        if secret:
            stamp = str(int(moment.timestamp()))
            headers |= {
                "webhook-id": execution.execution_id,
                "webhook-timestamp": stamp,
                "webhook-signature": signature(secret, execution.execution_id, stamp, body),
            }
        return body, headers


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """Sign as Standard Webhooks say: HMAC-SHA256 over id, time and the raw body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, b".".join((message_id.encode(), stamp.encode(), body)), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
