"""The way to n8n: its public API and its webhooks, behind four small Protocols.

Every verb raises `NotFound` for an id n8n does not know, `Conflict` for a state that forbids it,
`Unusable` when n8n refuses a document, `Forbidden` when it refuses our key, `Unavailable` when it
cannot be reached and `UpstreamFailed` when it answers rubbish; n8n's own words are in ``upstream``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Document = Mapping[str, Any]
"""A workflow in n8n's own JSON; it belongs to n8n and crosses rooms as it is."""

ENDED = frozenset({"success", "error", "canceled", "crashed"})
"""The statuses after which an execution in n8n does not move any more."""


@dataclass(frozen=True)
class StoredWorkflow:
    """A workflow as n8n keeps it; ``trigger_count`` is above 0 once its hooks are registered."""

    id: str
    name: str
    active: bool
    trigger_count: int
    version_id: str
    archived: bool = False
    tags: tuple[str, ...] = ()
    document: Document = field(default_factory=dict)


@dataclass(frozen=True)
class NodeRun:
    """One finished run of one node: times in UTC, ``elapsed`` in seconds, ``error`` in n8n's words."""

    node: str
    run_index: int
    status: str
    started_at: datetime | None
    elapsed: float
    items: int = 0
    error: str = ""


@dataclass(frozen=True)
class StoredExecution:
    """An execution as n8n keeps it; ``nodes`` and ``output`` are filled only when data was asked for.

    ``status`` is one of new, running, waiting, success, error, canceled, crashed, unknown.
    ``trace_id`` is the one we sent with the start, ``output`` the items of the last node.
    """

    id: str
    workflow_id: str
    status: str
    mode: str
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    retry_of: str = ""
    trace_id: str = ""
    nodes: tuple[NodeRun, ...] = ()
    last_node: str = ""
    output: tuple[Mapping[str, Any], ...] = ()
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether n8n is done with it."""
        return self.status in ENDED


class Workflows(Protocol):
    """The workflows of one n8n."""

    async def create(self, document: Document) -> StoredWorkflow:
        """Keep a new workflow; only what n8n allows is sent. It is not published yet."""
        ...

    async def get(self, workflow_id: str) -> StoredWorkflow:
        """Return one workflow with its document."""
        ...

    async def list(self, *, tag: str = "", name: str = "") -> list[StoredWorkflow]:
        """Return all workflows, every page, or those with this tag or exactly this name."""
        ...

    async def update(self, workflow_id: str, document: Document) -> StoredWorkflow:
        """Replace the document; on a published workflow the new one is live at once."""
        ...

    async def publish(self, workflow_id: str) -> StoredWorkflow:
        """Ask for the hooks to be registered; n8n answers before they are."""
        ...

    async def unpublish(self, workflow_id: str) -> StoredWorkflow:
        """Ask for the hooks to be removed; n8n answers before they are."""
        ...

    async def delete(self, workflow_id: str) -> None:
        """Delete an unpublished workflow; raise `Conflict` while it is published."""
        ...


@dataclass(frozen=True)
class Answer:
    """What a webhook said: a start is accepted when ``status`` is below 300."""

    status: int
    message: str = ""


class Executions(Protocol):
    """The runs of those workflows."""

    async def start(self, url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = 30.0) -> Answer:
        """POST *body* to a webhook; n8n may hold the answer back, so it is an acknowledgement at best."""
        ...

    async def answers(self, url: str) -> bool:
        """Whether a webhook is registered for POST at this address; nothing is started by asking."""
        ...

    async def get(self, execution_id: str, *, data: bool = False) -> StoredExecution:
        """Return one execution; with *data* also its nodes, its output and its error."""
        ...

    async def list(
        self, *, workflow_id: str = "", statuses: Sequence[str] = (), since: datetime | None = None, limit: int = 250
    ) -> list[StoredExecution]:
        """Return the newest executions first; n8n hides running ones unless that status is named."""
        ...

    async def stop(self, execution_id: str) -> StoredExecution:
        """Stop a running or waiting execution; raise `Conflict` when it has ended."""
        ...

    async def retry(self, execution_id: str) -> StoredExecution:
        """Run again from the failed node as a new execution; n8n answers only when that one has ended."""
        ...

    async def ping(self) -> str:
        """Return n8n's version ("" when it does not say); raise when n8n or our key is not usable."""
        ...


@dataclass(frozen=True)
class Credential:
    """A credential kept in n8n; its secret never comes back."""

    id: str
    name: str
    type: str


class Credentials(Protocol):
    """Credentials kept in n8n."""

    async def create(self, name: str, kind: str, data: Mapping[str, str]) -> Credential:
        """Keep a new credential of type *kind*; *data* holds its secret fields."""
        ...

    async def list(self) -> list[Credential]:
        """Return all credentials this key may see."""
        ...

    async def update(self, credential_id: str, data: Mapping[str, str]) -> Credential:
        """Replace the secret fields."""
        ...

    async def delete(self, credential_id: str) -> None:
        """Remove it; nodes that use it fail from then on."""
        ...


class Tags(Protocol):
    """Tags of workflows."""

    async def ensure(self, name: str) -> str:
        """Return the id of the tag *name*, made when it is missing."""
        ...

    async def assign(self, workflow_id: str, tag_ids: Sequence[str]) -> None:
        """Give the workflow exactly these tags."""
        ...


class N8n(Protocol):
    """One n8n: its four parts."""

    @property
    def workflows(self) -> Workflows:
        """The workflows."""
        ...

    @property
    def executions(self) -> Executions:
        """The executions."""
        ...

    @property
    def credentials(self) -> Credentials:
        """The credentials."""
        ...

    @property
    def tags(self) -> Tags:
        """The tags."""
        ...
