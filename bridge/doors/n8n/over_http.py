"""The real n8n: its public REST API and its webhooks, over one aiohttp session."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.doors.n8n import Answer, Credential, Document, StoredExecution, StoredWorkflow, reading
from bridge.doors.n8n.calling import Caller, ident
from bridge.doors.n8n.sanitising import sanitised
from bridge.problems import Conflict

PAGE = 100
EVERY_STATUS = ("", "running")
"""n8n's default list leaves running executions out; the two lists together are all of them."""


class HttpWorkflows:
    """`Workflows` over the public API."""

    def __init__(self, caller: Caller) -> None:
        self._call = caller

    async def create(self, document: Document) -> StoredWorkflow:
        """See `Workflows.create`."""
        return reading.workflow(await self._call.api("POST", "workflows", sanitised(document)))

    async def get(self, workflow_id: str) -> StoredWorkflow:
        """See `Workflows.get`."""
        return reading.workflow(await self._call.api("GET", f"workflows/{ident(workflow_id, 'workflow')}"))

    async def list(self, *, tag: str = "", name: str = "") -> "list[StoredWorkflow]":
        """See `Workflows.list`."""
        query = {key: value for key, value in (("tags", tag), ("name", name)) if value}
        found = [reading.workflow(each) async for each in self._call.pages("workflows", query)]
        # n8n's filter by name matches parts of names as well.
        return [each for each in found if not name or each.name == name]

    async def update(self, workflow_id: str, document: Document) -> StoredWorkflow:
        """See `Workflows.update`."""
        path = f"workflows/{ident(workflow_id, 'workflow')}"
        return reading.workflow(await self._call.api("PUT", path, sanitised(document)))

    async def publish(self, workflow_id: str) -> StoredWorkflow:
        """See `Workflows.publish`; `activate` is the word both lines of n8n know."""
        path = f"workflows/{ident(workflow_id, 'workflow')}/activate"
        return reading.workflow(await self._call.api("POST", path))

    async def unpublish(self, workflow_id: str) -> StoredWorkflow:
        """See `Workflows.unpublish`."""
        path = f"workflows/{ident(workflow_id, 'workflow')}/deactivate"
        return reading.workflow(await self._call.api("POST", path))

    async def delete(self, workflow_id: str) -> None:
        """See `Workflows.delete`."""
        await self._call.api("DELETE", f"workflows/{ident(workflow_id, 'workflow')}")


class HttpExecutions:
    """`Executions` over the public API and the webhooks."""

    def __init__(self, caller: Caller) -> None:
        self._call = caller

    async def start(self, url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = 30.0) -> Answer:
        """See `Executions.start`."""
        return await self._call.webhook(url, body, headers, timeout)

    async def answers(self, url: str) -> bool:
        """See `Executions.answers`."""
        return "POST" in await self._call.methods(url)

    async def get(self, execution_id: str, *, data: bool = False) -> StoredExecution:
        """See `Executions.get`."""
        query = {"includeData": "true"} if data else {}
        path = f"executions/{ident(execution_id, 'execution')}"
        return reading.execution(await self._call.api("GET", path, query=query))

    async def list(
        self, *, workflow_id: str = "", statuses: Sequence[str] = (), since: datetime | None = None, limit: int = 250
    ) -> "list[StoredExecution]":
        """See `Executions.list`."""
        found: dict[str, StoredExecution] = {}
        for status in statuses or EVERY_STATUS:
            query = {"status": status} if status else {}
            query |= {"workflowId": workflow_id} if workflow_id else {}
            taken = 0
            async for raw in self._call.pages("executions", query):
                each = reading.execution(raw)
                taken += 1
                if taken > limit or (since and each.started_at and each.started_at < since):
                    break
                found[each.id] = each
        return sorted(found.values(), key=lambda each: int(each.id) if each.id.isdecimal() else 0, reverse=True)[:limit]

    async def stop(self, execution_id: str) -> StoredExecution:
        """See `Executions.stop`."""
        path = f"executions/{ident(execution_id, 'execution')}/stop"
        raw = await self._call.api("POST", path)
        return reading.execution({"id": execution_id, **raw})

    async def retry(self, execution_id: str) -> StoredExecution:
        """See `Executions.retry`."""
        path = f"executions/{ident(execution_id, 'execution')}/retry"
        return reading.execution(await self._call.api("POST", path, {"loadWorkflow": False}, timeout=3600))

    async def ping(self) -> str:
        """See `Executions.ping`: the key is proved by a list, the version comes from n8n's public settings."""
        await self._call.api("GET", "workflows", query={"limit": "1"})
        return await self._call.version()


class HttpCredentials:
    """`Credentials` over the public API."""

    def __init__(self, caller: Caller) -> None:
        self._call = caller

    async def create(self, name: str, kind: str, data: Mapping[str, str]) -> Credential:
        """See `Credentials.create`."""
        given = {"name": name, "type": kind, "data": dict(data)}
        return reading.credential(await self._call.api("POST", "credentials", given))

    async def list(self) -> "list[Credential]":
        """See `Credentials.list`."""
        return [reading.credential(each) async for each in self._call.pages("credentials", {})]

    async def update(self, credential_id: str, data: Mapping[str, str]) -> Credential:
        """See `Credentials.update`."""
        path = f"credentials/{ident(credential_id, 'credential')}"
        return reading.credential(await self._call.api("PATCH", path, {"data": dict(data)}))

    async def delete(self, credential_id: str) -> None:
        """See `Credentials.delete`."""
        await self._call.api("DELETE", f"credentials/{ident(credential_id, 'credential')}")


class HttpTags:
    """`Tags` over the public API."""

    def __init__(self, caller: Caller) -> None:
        self._call = caller

    async def ensure(self, name: str) -> str:
        """See `Tags.ensure`: look first, and look again when somebody else was faster."""
        if known := await self._find(name):
            return known
        try:
            made: dict[str, Any] = await self._call.api("POST", "tags", {"name": name})
        except Conflict:
            if known := await self._find(name):
                return known
            raise
        return str(made["id"])

    async def assign(self, workflow_id: str, tag_ids: Sequence[str]) -> None:
        """See `Tags.assign`."""
        path = f"workflows/{ident(workflow_id, 'workflow')}/tags"
        await self._call.api("PUT", path, [{"id": each} for each in tag_ids])

    async def _find(self, name: str) -> str:
        async for each in self._call.pages("tags", {}):
            if each.get("name") == name:
                return str(each["id"])
        return ""


class N8nOverHttp:
    """`N8n`: four parts over one caller."""

    def __init__(self, caller: Caller) -> None:
        self.workflows = HttpWorkflows(caller)
        self.executions = HttpExecutions(caller)
        self.credentials = HttpCredentials(caller)
        self.tags = HttpTags(caller)
