"""Workflows: what templates became in n8n, their triggers, and templates made here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Workflow:
    """A workflow of ours; ``workflow_id`` is n8n's.

    ``key`` is what its ids and paths are made from, ``digest`` is of the compiled document, so that an unchanged
    one is not sent again; ``hook_url`` is where it is started, ``nodes`` are the names a complete run visits.
    """

    workflow_id: str
    tenant: str
    name: str
    created_at: datetime
    updated_at: datetime
    key: str = ""
    template_name: str = ""
    custom_config: Body = field(default_factory=dict)
    user_id: str = ""
    target: str = "http"
    digest: str = ""
    hook_url: str = field(default="", repr=False)
    nodes: tuple[str, ...] = ()
    published: bool = False
    version_id: str = ""
    timeout: int = 0
    document: Body = field(default_factory=dict, repr=False)


class WorkflowRecords(Protocol):
    """The workflows we keep in n8n."""

    async def put(self, workflow: Workflow) -> None:
        """Keep it, in place of what was kept under its id."""
        ...

    async def get(self, workflow_id: str) -> Workflow:
        """The record; raise `NotFound`."""
        ...

    async def find(self, *, tenant: str = "", template_name: str = "", name: str = "") -> list[Workflow]:
        """Records, newest first; an empty word does not narrow."""
        ...

    async def remove(self, workflow_id: str) -> bool:
        """Forget it and its triggers; false when there was none."""
        ...


@dataclass(frozen=True)
class Trigger:
    """One way a workflow starts; a disabled one starts nothing from now on.

    ``cursor`` is what a schedule remembers: the time it last fired for.
    """

    id: str
    workflow_id: str
    trigger_type: str
    created_at: datetime
    trigger_config: Body = field(default_factory=dict)
    enabled: bool = True
    cursor: datetime | None = None


class TriggerRecords(Protocol):
    """The triggers of workflows."""

    async def replace(self, workflow_id: str, triggers: Sequence[Trigger]) -> None:
        """Let a workflow have exactly these; one that stays keeps its switch and its cursor."""
        ...

    async def of_workflow(self, workflow_id: str) -> list[Trigger]:
        """The triggers of one workflow."""
        ...

    async def listening(self, trigger_type: str) -> list[Trigger]:
        """All enabled triggers of one type."""
        ...

    async def switch(self, trigger_id: str, enabled: bool) -> Trigger:
        """Switch one on or off; raise `NotFound`."""
        ...

    async def advance(self, trigger_id: str, seen: datetime | None, to: datetime) -> bool:
        """Move a schedule's cursor from *seen* on; false when another process was faster."""
        ...


@dataclass(frozen=True)
class Template:
    """A template given by API; each change is a new version and the old ones stay."""

    id: str
    name: str
    version: int
    template_data: Body
    created_at: datetime
    updated_at: datetime
    description: str = ""
    triggers: tuple[Any, ...] = ()
    conditions: Body = field(default_factory=dict)


class TemplateRecords(Protocol):
    """Templates given by API."""

    async def put(self, name: str, template_data: Body, now: datetime) -> Template:
        """Keep a template; the same content again is the same version."""
        ...

    async def get(self, name: str, version: int = 0) -> Template:
        """Return one version, the newest when none is named; raise `NotFound`."""
        ...

    async def find(self) -> list[Template]:
        """The newest version of every template, by name."""
        ...

    async def remove(self, name: str) -> bool:
        """Forget all versions; false when there was none."""
        ...
