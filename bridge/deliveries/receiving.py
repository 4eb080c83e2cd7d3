"""Receiving: verified, kept once, answered at once; worked through afterwards, also after a crash."""

import asyncio
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson
import structlog

from bridge.deliveries.deriving import derived
from bridge.deliveries.forges import Event, delivery_id, kind, normalise
from bridge.deliveries.matching import lane, refusal
from bridge.deliveries.signing import hook_secret, verify
from bridge.doors.store import Delivery, Records, Webhooks
from bridge.problems import InvalidInput, Problem, Unavailable

log = structlog.get_logger()
SHOWN = ("user-agent", "content-type")
NAMESPACE = uuid.UUID("6f0b3a34-5a7e-4d4c-9d38-0c4f4f1a5a10")


class Starter(Protocol):
    """What starts a workflow; the executions room, as this room sees it."""

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
        """Start it once per *execution_id*; what is older in the same lane is superseded."""
        ...


@dataclass(frozen=True)
class Receipt:
    """What the sender is told."""

    id: str
    duplicate: bool = False


@dataclass(frozen=True)
class Subscriber:
    """One workflow that wants to hear of a kind of event."""

    workflow_id: str
    tenant: str
    config: Mapping[str, Any]


class Receiving:
    """Takes deliveries in and works them through."""

    def __init__(self, records: Records, webhooks: Webhooks, starter: Starter, secret: str) -> None:
        self._records = records
        self._webhooks = webhooks
        self._starter = starter
        self._secret = secret
        self._awake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def secret(self, forge: str, hook: str) -> str:
        """Return the secret to set in the forge."""
        if not self._secret:
            raise Unavailable("Hooks need the setting BRIDGE_PATH_SECRET, from which their secrets are made.")
        return hook_secret(self._secret, forge, hook)

    async def receive(self, forge: str, hook: str, headers: Mapping[str, str], raw: bytes) -> Receipt:
        """Keep a delivery; raise `Unauthenticated` or `InvalidInput` and keep nothing when it is not one."""
        verify(forge, headers, raw, self.secret(forge, hook))
        named = kind(forge, headers)
        body = _parsed(headers, raw)
        events = normalise(forge, named, body)
        whole = [*events, *(more for event in events for more in derived(event))]
        made = Delivery(
            id=str(uuid.uuid4()),
            forge=forge,
            hook=hook,
            delivery_id=delivery_id(forge, headers, raw),
            received_at=datetime.now(UTC),
            kind=named,
            headers={str(name): value[:200] for name, value in headers.items() if name.lower() in SHOWN},
            body=raw.decode("utf-8", "replace"),
            events=tuple({"type": each.type, "data": each.data} for each in whole),
        )
        if not await self._records.deliveries.add(made):
            return Receipt(made.delivery_id, duplicate=True)
        self._awake.set()
        return Receipt(made.id)

    async def replay(self, known: Delivery) -> Receipt:
        """Let a kept delivery take effect again, as a new one."""
        if not known.body and not known.events:
            raise InvalidInput("This delivery was kept long enough and emptied; it cannot be replayed.")
        fresh = str(uuid.uuid4())
        again = replace(
            known,
            id=fresh,
            delivery_id=f"replay:{fresh}",
            received_at=datetime.now(UTC),
            outcome="received",
            starts=(),
            replay_of=known.id,
        )
        await self._records.deliveries.add(again)
        self._awake.set()
        return Receipt(fresh)

    async def happen(self, event: Event, *, source: str, key: str) -> Receipt:
        """Take in what did not come over HTTP (the clock); *key* makes it count once."""
        made = Delivery(
            id=str(uuid.uuid4()),
            forge=source,
            hook=str(event.data.get("trigger_id", "")),
            delivery_id=key,
            received_at=datetime.now(UTC),
            kind=event.type,
            events=({"type": event.type, "data": event.data},),
        )
        fresh = await self._records.deliveries.add(made)
        self._awake.set()
        return Receipt(made.id, duplicate=not fresh)

    def start(self) -> None:
        """Begin; deliveries that a crash left behind come first."""
        self._loop = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; what is not worked through stays for the next process."""
        if self._loop:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            try:
                await self.work_through()
            except Exception:
                # One odd delivery must not keep all later ones waiting for ever.
                log.exception("deliveries.round_failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), 5)

    async def work_through(self) -> None:
        """Settle every delivery that has not been, oldest first."""
        for each in (await self._records.deliveries.find(outcome="received", oldest_first=True, limit=200)).items:
            try:
                starts = await self._settle(each)
            except Unavailable as problem:
                log.warning("delivery.waits", id=each.id, said=str(problem))
                return
            except Problem as problem:
                log.warning("delivery.failed", id=each.id, said=str(problem))
                await self._records.deliveries.settle(each.id, "failed", ({"reason": str(problem)},))
                continue
            started = any("execution_id" in start for start in starts)
            await self._records.deliveries.settle(each.id, "started" if started else "ignored", starts)

    async def _settle(self, delivery: Delivery) -> tuple[Mapping[str, Any], ...]:
        starts: list[Mapping[str, Any]] = []
        for raw in delivery.events:
            event = Event(raw["type"], dict(raw["data"]))
            starts += [await self._start(delivery, event, each) for each in await self._subscribers(event)]
        if not delivery.events:
            return ({"reason": f"'{delivery.kind}' is not an event that starts anything here"},)
        return tuple(starts) or ({"reason": f"no workflow listens to {delivery.events[0]['type']}"},)

    async def _subscribers(self, event: Event) -> list[Subscriber]:
        """Our workflows by their triggers, and Bridge Triggers of workflows that people made themselves."""
        if only := event.data.get("workflow_id"):
            workflow = await self._records.workflows.get(str(only))
            return [Subscriber(workflow.workflow_id, workflow.tenant, {})]
        found: dict[str, Subscriber] = {}
        for trigger in await self._records.triggers.listening(event.type):
            workflow = await self._records.workflows.get(trigger.workflow_id)
            if workflow.published:
                found[workflow.workflow_id] = Subscriber(workflow.workflow_id, workflow.tenant, trigger.trigger_config)
        ours = {each.workflow_id for each in await self._records.workflows.find()}
        for hook in await self._webhooks.listening(event.type):
            if hook.workflow_id not in ours and not hook.test:
                found.setdefault(hook.workflow_id, Subscriber(hook.workflow_id, hook.tenant, hook.config))
        return list(found.values())

    async def _start(self, delivery: Delivery, event: Event, to: Subscriber) -> Mapping[str, Any]:
        about = {"workflow_id": to.workflow_id, "type": event.type}
        if why := refusal(event, to.config, delivery.hook):
            return {**about, "reason": why}
        # The same delivery and workflow is the same execution, however often a crash makes us come here.
        execution_id = str(uuid.uuid5(NAMESPACE, f"{delivery.id} {to.workflow_id} {event.type}"))
        data = {key: value for key, value in event.data.items() if key not in ("workflow_id", "trigger_id")}
        started = await self._starter.start(
            to.workflow_id,
            execution_id=execution_id,
            tenant=to.tenant,
            trigger=event.type,
            event={**data, "forge": delivery.forge, "delivery_id": delivery.id},
            lane=lane(event, to.workflow_id),
            delivery_id=delivery.id,
        )
        return {**about, "execution_id": started}


def _parsed(headers: Mapping[str, str], raw: bytes) -> Mapping[str, Any]:
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(raw.decode("utf-8", "replace"), max_num_fields=8)
        raw = (fields.get("payload") or ["{}"])[0].encode()
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The delivery is signed, but not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise InvalidInput("The delivery must be a JSON object.")
    return found
