"""An n8n that lives in this process and behaves as 2.40.7 was measured to, for tests without one."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from bridge.doors.n8n import Answer, Credential, Document, NodeRun, StoredExecution, StoredWorkflow
from bridge.doors.n8n.reading import trace_id
from bridge.doors.n8n.sanitising import sanitised
from bridge.problems import Conflict, NotFound, Problem, Unavailable, Unusable, Upstream

WEBHOOKS = ("n8n-nodes-base.webhook",)


@dataclass
class FakeRun:
    """One execution while it runs; what a behaviour sees and moves."""

    execution_id: str
    workflow_id: str
    body: Mapping[str, Any]
    document: Document
    state: "InMemoryN8n"

    def finished(self, node: str, *, elapsed: float = 0.01, error: str = "") -> None:
        """Record that a node ran."""
        now = self.state.executed[self.execution_id]
        index = sum(each.node == node for each in now.nodes)
        run = NodeRun(node, index, "error" if error else "success", datetime.now(UTC), elapsed, 1, error)
        self.state.executed[self.execution_id] = replace(now, nodes=(*now.nodes, run), last_node=node)


Behaviour = Callable[[FakeRun], Awaitable[None]]


class NodeFailed(Exception):
    """What a behaviour raises to let its execution end as an error."""


async def walk(run: FakeRun) -> None:
    """Run every node once, in the order of the document; Wait waits and Stop and Error fails."""
    for node in run.document["nodes"]:
        if node["type"].endswith(".wait"):
            await asyncio.sleep(float(node["parameters"].get("amount", 1)))
        if node["type"].endswith(".stopAndError"):
            said = str(node["parameters"].get("errorMessage", ""))
            run.finished(node["name"], error=said)
            raise NodeFailed(said)
        run.finished(node["name"])


class InMemoryN8n:
    """`N8n` and its four parts at once, for one process.

    ``activation`` is how long registering a hook takes after the answer, in seconds; ``down`` makes every
    verb fail as an n8n that is not there; ``behaviour`` is what an execution does.
    """

    def __init__(self, *, activation: float = 0.05, behaviour: Behaviour = walk, origin: str = "http://n8n") -> None:
        self.behaviour = behaviour
        self.origin = origin
        self.down = False
        self.kept: dict[str, StoredWorkflow] = {}
        self.executed: dict[str, StoredExecution] = {}
        self.starts: list[Mapping[str, Any]] = []
        self.bodies: dict[str, Mapping[str, Any]] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.hooks: dict[str, str] = {}
        self.activation = activation
        self.numbers = itertools.count(1)
        self.workflows = FakeWorkflows(self)
        self.executions = FakeExecutions(self)
        self.credentials = FakeCredentials(self)
        self.tags = FakeTags(self)

    def reached(self) -> None:
        """Raise when this n8n plays dead."""
        if self.down:
            raise Unavailable("n8n at http://n8n cannot be reached.", retry_after=5)

    def workflow(self, workflow_id: str) -> StoredWorkflow:
        """Return one or say that it is not there."""
        self.reached()
        if workflow_id not in self.kept:
            raise _refused(NotFound, 404, "Not Found")
        return self.kept[workflow_id]

    def run(self, workflow: StoredWorkflow, body: Mapping[str, Any], *, trace: str = "", retry_of: str = "") -> str:
        """Start an execution of *workflow* and return its id."""
        execution_id = str(next(self.numbers))
        now = datetime.now(UTC)
        mode = "retry" if retry_of else "webhook"
        self.executed[execution_id] = StoredExecution(
            execution_id, workflow.id, "running", mode, now, retry_of=retry_of, trace_id=trace
        )
        self.bodies[execution_id] = body
        live = FakeRun(execution_id, workflow.id, body, workflow.document, self)
        self.tasks[execution_id] = asyncio.get_running_loop().create_task(self._run(live))
        return execution_id

    async def _run(self, live: FakeRun) -> None:
        status, error = "success", ""
        try:
            await self.behaviour(live)
        except asyncio.CancelledError:
            status = "canceled"
        except (NodeFailed, Problem) as failed:
            status, error = "error", str(failed)
        self.end(live.execution_id, status, error)

    def end(self, execution_id: str, status: str, error: str = "") -> None:
        """Let an execution end in *status*."""
        now = self.executed[execution_id]
        if now.ended:
            return
        self.executed[execution_id] = replace(now, status=status, error=error, stopped_at=datetime.now(UTC))

    def crash(self) -> None:
        """Die as by SIGKILL: running executions are crashed when n8n is back."""
        for execution_id, task in self.tasks.items():
            if not task.done():
                task.cancel()
                self.end(execution_id, "crashed")

    async def close(self) -> None:
        """Wait for what still runs, after canceling it."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


def _refused(kind: type[Problem], status: int, said: str) -> Problem:
    return kind(f"n8n refused: {said}", upstream=Upstream(status, said))


def _paths(document: Document) -> list[str]:
    return [node["parameters"].get("path", "") for node in document["nodes"] if node["type"] in WEBHOOKS]


@dataclass
class FakeWorkflows:
    """`Workflows` in a dict: structure is checked at create, node types and triggers only at publish."""

    n8n: InMemoryN8n
    unpublishing: set[str] = field(default_factory=set)

    async def create(self, document: Document) -> StoredWorkflow:
        """See `Workflows.create`."""
        self.n8n.reached()
        kept = _checked(document)
        number = next(self.n8n.numbers)
        made = StoredWorkflow(f"workflow{number:08}", kept["name"], False, 0, f"v{number}", document=kept)
        self.n8n.kept[made.id] = made
        return made

    async def get(self, workflow_id: str) -> StoredWorkflow:
        """See `Workflows.get`."""
        return self.n8n.workflow(workflow_id)

    async def list(self, *, tag: str = "", name: str = "") -> "list[StoredWorkflow]":
        """See `Workflows.list`."""
        self.n8n.reached()
        found = self.n8n.kept.values()
        return [each for each in found if (not tag or tag in each.tags) and (not name or each.name == name)]

    async def update(self, workflow_id: str, document: Document) -> StoredWorkflow:
        """See `Workflows.update`."""
        known = self.n8n.workflow(workflow_id)
        kept = _checked(document)
        version = known.version_id if kept == known.document else f"v{next(self.n8n.numbers)}"
        self.n8n.kept[workflow_id] = replace(known, name=kept["name"], version_id=version, document=kept)
        if known.active:
            await self._register(workflow_id)
        return self.n8n.kept[workflow_id]

    async def publish(self, workflow_id: str) -> StoredWorkflow:
        """See `Workflows.publish`."""
        known = self.n8n.workflow(workflow_id)
        types = [str(node["type"]) for node in known.document["nodes"]]
        for each in types:
            if each.startswith("nope."):
                raise _refused(Unusable, 400, f"Unrecognized node type: {each}")
        if not any(
            each in WEBHOOKS or each.endswith("Trigger") for each in types if not each.endswith("manualTrigger")
        ):
            raise _refused(Unusable, 400, "Workflow cannot be activated because it has no trigger node.")
        if any(self.n8n.hooks.get(path, workflow_id) != workflow_id for path in _paths(known.document)):
            raise _refused(Conflict, 409, "There is a conflict with one of the webhooks.")
        self.n8n.kept[workflow_id] = replace(known, active=True)
        await self._register(workflow_id)
        return replace(known, active=True)

    async def _register(self, workflow_id: str) -> None:
        def now() -> None:
            known = self.n8n.kept.get(workflow_id)
            if known and known.active:
                self.n8n.hooks = {path: owner for path, owner in self.n8n.hooks.items() if owner != workflow_id}
                for path in _paths(known.document):
                    self.n8n.hooks.setdefault(path, workflow_id)
                self.n8n.kept[workflow_id] = replace(known, trigger_count=1)

        asyncio.get_running_loop().call_later(self.n8n.activation, now)

    async def unpublish(self, workflow_id: str) -> StoredWorkflow:
        """See `Workflows.unpublish`."""
        known = self.n8n.workflow(workflow_id)
        self.n8n.kept[workflow_id] = replace(known, active=False)
        self.unpublishing.add(workflow_id)

        def now() -> None:
            self.unpublishing.discard(workflow_id)
            self.n8n.hooks = {path: owner for path, owner in self.n8n.hooks.items() if owner != workflow_id}

        asyncio.get_running_loop().call_later(self.n8n.activation, now)
        return self.n8n.kept[workflow_id]

    async def delete(self, workflow_id: str) -> None:
        """See `Workflows.delete`."""
        if self.n8n.workflow(workflow_id).active or workflow_id in self.unpublishing:
            raise _refused(Conflict, 409, "Cannot delete a published workflow. Unpublish it before deleting.")
        del self.n8n.kept[workflow_id]


def _checked(document: Document) -> dict[str, Any]:
    kept = sanitised(document)
    names = [str(node.get("name")) for node in kept["nodes"]]
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        raise _refused(Unusable, 400, f'Workflow structure is invalid. Duplicate node name "{twice}"')
    for source, kinds in kept["connections"].items():
        targets = [link["node"] for outputs in kinds.values() for output in outputs for link in output or ()]
        for each in (source, *targets):
            if each not in names:
                raise _refused(Unusable, 400, f'Workflow structure is invalid. Connection target "{each}"')
    return kept


@dataclass
class FakeExecutions:
    """`Executions` as tasks of this process."""

    n8n: InMemoryN8n

    async def start(self, url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = 30.0) -> Answer:  # noqa: ARG002
        """See `Executions.start`."""
        self.n8n.reached()
        path = urlsplit(url).path.rsplit("/", 1)[-1]
        if path not in self.n8n.hooks:
            return Answer(404, f'The requested webhook "POST {path}" is not registered.')
        given = orjson.loads(body)
        self.n8n.starts.append(given)
        owner = self.n8n.kept[self.n8n.hooks[path]]
        self.n8n.run(owner, given, trace=trace_id(headers.get("traceparent", "")))
        return Answer(200)

    async def answers(self, url: str) -> bool:
        """See `Executions.answers`."""
        self.n8n.reached()
        return urlsplit(url).path.rsplit("/", 1)[-1] in self.n8n.hooks

    async def get(self, execution_id: str, *, data: bool = False) -> StoredExecution:
        """See `Executions.get`."""
        self.n8n.reached()
        if execution_id not in self.n8n.executed:
            raise _refused(NotFound, 404, "Not Found")
        known = self.n8n.executed[execution_id]
        return known if data else replace(known, nodes=(), last_node="", output=(), error="")

    async def list(
        self, *, workflow_id: str = "", statuses: Sequence[str] = (), since: datetime | None = None, limit: int = 250
    ) -> "list[StoredExecution]":
        """See `Executions.list`; a list never tells trace ids."""
        self.n8n.reached()
        found = [
            replace(each, nodes=(), last_node="", output=(), error="", trace_id="")
            for each in reversed(self.n8n.executed.values())
            if (not workflow_id or each.workflow_id == workflow_id)
            and (not statuses or each.status in statuses)
            and not (since and each.started_at and each.started_at < since)
        ]
        return found[:limit]

    async def stop(self, execution_id: str) -> StoredExecution:
        """See `Executions.stop`."""
        known = await self.get(execution_id)
        if known.ended:
            said = f"Only running or waiting executions can be stopped and {execution_id} is currently {known.status}"
            raise _refused(Conflict, 409, said)
        task = self.n8n.tasks[execution_id]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if not self.n8n.executed[execution_id].ended:
            self.n8n.end(execution_id, "canceled")
        return self.n8n.executed[execution_id]

    async def retry(self, execution_id: str) -> StoredExecution:
        """See `Executions.retry`: answers when the new one has ended."""
        known = await self.get(execution_id)
        if known.status == "success":
            raise _refused(Conflict, 409, "The execution succeeded, so it cannot be retried.")
        workflow = self.n8n.workflow(known.workflow_id)
        made = self.n8n.run(workflow, self.n8n.bodies[execution_id], retry_of=execution_id)
        await self.n8n.tasks[made]
        return self.n8n.executed[made]

    async def ping(self) -> str:
        """See `Executions.ping`."""
        self.n8n.reached()
        return "2.40.7"


@dataclass
class FakeCredentials:
    """`Credentials` in a dict."""

    n8n: InMemoryN8n
    kept: dict[str, Credential] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, str]] = field(default_factory=dict)

    async def create(self, name: str, kind: str, data: Mapping[str, str]) -> Credential:
        """See `Credentials.create`."""
        self.n8n.reached()
        if kind.startswith("nope"):
            raise _refused(Unusable, 400, "req.body.type is not a known type")
        made = Credential(f"credential{next(self.n8n.numbers):06}", name, kind)
        self.kept[made.id], self.secrets[made.id] = made, dict(data)
        return made

    async def list(self) -> "list[Credential]":
        """See `Credentials.list`."""
        self.n8n.reached()
        return list(self.kept.values())

    async def update(self, credential_id: str, data: Mapping[str, str]) -> Credential:
        """See `Credentials.update`."""
        self.n8n.reached()
        if credential_id not in self.kept:
            raise _refused(NotFound, 404, "Credential not found")
        self.secrets[credential_id] = dict(data)
        return self.kept[credential_id]

    async def delete(self, credential_id: str) -> None:
        """See `Credentials.delete`."""
        self.n8n.reached()
        if self.kept.pop(credential_id, None) is None:
            raise _refused(NotFound, 404, "Not Found")


@dataclass
class FakeTags:
    """`Tags` in a dict."""

    n8n: InMemoryN8n
    kept: dict[str, str] = field(default_factory=dict)

    async def ensure(self, name: str) -> str:
        """See `Tags.ensure`."""
        self.n8n.reached()
        return self.kept.setdefault(name, f"tag{len(self.kept) + 1}")

    async def assign(self, workflow_id: str, tag_ids: Sequence[str]) -> None:
        """See `Tags.assign`."""
        known = self.n8n.workflow(workflow_id)
        names = {tag_id: name for name, tag_id in self.kept.items()}
        if any(each not in names for each in tag_ids):
            raise _refused(NotFound, 404, "Some tags not found")
        self.n8n.kept[workflow_id] = replace(known, tags=tuple(names[each] for each in tag_ids))
