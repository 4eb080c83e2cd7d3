"""Deploying: a template becomes a workflow that is published and proved, or nothing is left behind."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

import structlog

from bridge.compiler import Binding, Change, Compiled, Credential, Target, differences, normal_form
from bridge.doors.n8n import N8n, StoredWorkflow
from bridge.doors.store import Records, Trigger, Workflow
from bridge.problems import Conflict, NotFound, Problem, Unusable
from bridge.templates import Library
from bridge.workflows.furnishing import Furnishing
from bridge.workflows.proving import Proving

log = structlog.get_logger()
Note = Callable[..., Awaitable[None]]
"""Keeps an event for the figures: ``note(kind, workflow_id, **data)``."""


@dataclass(frozen=True)
class Making:
    """What to make: a template, its configuration, and for whom; without a target the n8n decides."""

    template_name: str
    tenant: str
    custom_config: Mapping[str, Any] = field(default_factory=dict)
    user_id: str = ""
    name: str = ""
    target: Target | None = None


@dataclass(frozen=True)
class Planned:
    """What `apply` would do."""

    action: Literal["create", "update", "publish", "nothing"]
    making: Making
    compiled: Compiled
    known: Workflow | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Place:
    """This bridge as n8n sees it, and n8n's webhooks as this bridge sees them."""

    bridge_url: str
    webhook_url: str
    path_secret: str = field(repr=False)
    prefix: str = ""
    timeout: int = 1800


class Deploying:
    """Makes, changes and previews workflows."""

    def __init__(
        self,
        n8n: N8n,
        records: Records,
        library: Library,
        *,
        furnishing: Furnishing,
        proving: Proving,
        place: Place,
        note: Note,
    ) -> None:
        self._n8n = n8n
        self._records = records
        self._library = library
        self._furnishing = furnishing
        self._proving = proving
        self._place = place
        self._note = note

    async def compiled(self, making: Making, key: str, *, bound: bool = True) -> Compiled:
        """Compile; with *bound* for this n8n and its credential, without only to look at."""
        self._library.get(making.template_name)
        target = making.target or await self.target()
        binding = await self._binding(target, bound=bound)
        compiling = partial(
            self._library.compile,
            making.template_name,
            target=target,
            binding=binding,
            config=making.custom_config,
            key=key,
            workflow_name=making.name,
        )
        # Compiling is the work of a processor, not of a network: other requests go on meanwhile.
        return await asyncio.to_thread(compiling)

    async def target(self) -> Target:
        """Choose the nodes of our package when this n8n has it, n8n's own HTTP Request nodes when it has not."""
        try:
            await self._furnishing.credential("nodes")
        except Unusable:
            return "http"
        return "nodes"

    async def _binding(self, target: Target, *, bound: bool) -> Binding:
        place = self._place
        more: dict[str, Any] = {"prefix": place.prefix} if place.prefix else {}
        if bound:
            own = await self._furnishing.credential(target)
            more["credential"] = Credential(own.id, own.name)
            more["error_workflow"] = await self._furnishing.error_workflow()
        return Binding(
            base_url=place.bridge_url, path_secret=place.path_secret, execution_timeout=place.timeout, **more
        )

    async def create(self, making: Making) -> Workflow:
        """Make a new workflow; it is published and proved when this returns."""
        begun = time.monotonic()
        key = f"{making.template_name}:{uuid.uuid4()}"
        compiled = await self.compiled(making, key)
        stored = await self._n8n.workflows.create(compiled.document)
        workflow = self._row(making, compiled, stored.id)
        try:
            await self._settle(workflow, compiled)
        except Problem:
            await self._undo(stored)
            raise
        seconds = round(time.monotonic() - begun, 3)
        facts = {"user_id": making.user_id, "template_name": making.template_name}
        await self._note("workflow.created", stored.id, seconds=seconds, **{k: v for k, v in facts.items() if v})
        return await self._records.workflows.get(stored.id)

    async def _settle(self, workflow: Workflow, compiled: Compiled) -> None:
        await self._records.workflows.put(workflow)
        await self._furnishing.label(workflow.workflow_id)
        await self.publish(workflow)
        await self._records.triggers.replace(workflow.workflow_id, _triggers(workflow, compiled))

    async def _undo(self, stored: StoredWorkflow) -> None:
        """Leave nothing behind of a workflow that does not work."""
        await self._records.workflows.remove(stored.id)
        try:
            await self._n8n.workflows.unpublish(stored.id)
            await self._proving.delete(stored.id)
        except Problem as problem:
            log.warning("workflow.left_behind", workflow_id=stored.id, said=str(problem))

    async def publish(self, workflow: Workflow) -> Workflow:
        """Publish and prove; the record says so only then."""
        version = await self._proving.publish(workflow.workflow_id, workflow.hook_url)
        published = replace(workflow, published=True, version_id=version, updated_at=datetime.now(UTC))
        await self._records.workflows.put(published)
        await self._note("workflow.published", workflow.workflow_id)
        return published

    async def unpublish(self, workflow: Workflow) -> Workflow:
        """Take it out of service; it stays in n8n."""
        await self._proving.unpublish(workflow.workflow_id, workflow.hook_url)
        changed = replace(workflow, published=False, updated_at=datetime.now(UTC))
        await self._records.workflows.put(changed)
        return changed

    async def revive(self, workflow_id: str) -> None:
        """Register the hook of a published workflow again; one that was unpublished here stays so."""
        workflow = await self._records.workflows.get(workflow_id)
        if not workflow.published:
            raise Conflict(f"Workflow '{workflow.name}' is not published, so it cannot be started. Publish it.")
        await self._proving.publish(workflow_id, workflow.hook_url)

    async def plan(self, making: Making) -> Planned:
        """Say what deploying would change; the workflow of this template and name is the one meant."""
        named = making.name or self._library.get(making.template_name).name
        found = await self._records.workflows.find(template_name=making.template_name, name=named)
        known = found[0] if found else None
        key = known.key if known else f"{making.template_name}:{named}"
        compiled = await self.compiled(making, key)
        if known is None:
            return Planned("create", making, compiled)
        try:
            current = await self._n8n.workflows.get(known.workflow_id)
        except NotFound:
            return Planned("create", making, compiled, known)
        changes = tuple(differences(normal_form(current.document), normal_form(compiled.document)))
        if known.digest == compiled.digest and not changes:
            return Planned("nothing" if current.active else "publish", making, compiled, known)
        return Planned("update", making, compiled, known, changes)

    async def apply(self, planned: Planned) -> Workflow:
        """Do what was planned; nothing is sent when nothing changes."""
        making, compiled, known = planned.making, planned.compiled, planned.known
        if planned.action == "nothing" and known:
            return known
        if planned.action == "publish" and known:
            return await self.publish(known)
        if planned.action == "update" and known:
            await self._n8n.workflows.update(known.workflow_id, compiled.document)
            row = replace(self._row(making, compiled, known.workflow_id), created_at=known.created_at)
            await self._settle(row, compiled)
            return await self._records.workflows.get(known.workflow_id)
        if known:
            await self._records.workflows.remove(known.workflow_id)
        stored = await self._n8n.workflows.create(compiled.document)
        try:
            await self._settle(self._row(making, compiled, stored.id), compiled)
        except Problem:
            await self._undo(stored)
            raise
        await self._note("workflow.created", stored.id, template_name=making.template_name)
        return await self._records.workflows.get(stored.id)

    def _row(self, making: Making, compiled: Compiled, workflow_id: str) -> Workflow:
        moment = datetime.now(UTC)
        return Workflow(
            workflow_id=workflow_id,
            tenant=making.tenant,
            name=str(compiled.document["name"]),
            created_at=moment,
            updated_at=moment,
            key=compiled.key,
            template_name=making.template_name,
            custom_config=dict(making.custom_config),
            user_id=making.user_id,
            target=compiled.target,
            digest=compiled.digest,
            hook_url=f"{self._place.webhook_url.rstrip('/')}/webhook/{compiled.webhook}",
            nodes=_on_the_way(compiled),
            timeout=self._place.timeout,
            document=compiled.document,
        )


ASIDE = ("stickyNote", "manualTrigger", "noOp", "stopAndError")
"""Kinds of nodes that a complete run does not visit."""


def _on_the_way(compiled: Compiled) -> tuple[str, ...]:
    nodes = compiled.document["nodes"]
    return tuple(str(node["name"]) for node in nodes if str(node["type"]).rpartition(".")[2] not in ASIDE)


def _triggers(workflow: Workflow, compiled: Compiled) -> list[Trigger]:
    moment = datetime.now(UTC)
    return [
        Trigger(str(uuid.uuid4()), workflow.workflow_id, kind, moment, dict(config))
        for kind, config in compiled.triggers
    ]
