"""Furnishing: what every workflow of ours needs in n8n - a credential, a tag, and an error workflow."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from bridge.doors.n8n import Credential, N8n
from bridge.problems import Problem

log = structlog.get_logger()
NAME = "Multimodal Bridge"
KINDS = {"nodes": "multimodalBridgeApi", "http": "httpHeaderAuth"}
TAG = "multimodal-bridge"
ERROR_WORKFLOW = "Multimodal Bridge: Report Failures"


@dataclass(frozen=True)
class Furniture:
    """Where n8n reaches the bridge, and the key it calls with."""

    bridge_url: str
    key: str = field(repr=False)


class Furnishing:
    """Finds these things in n8n, or makes them; remembers what it found for the life of this process."""

    def __init__(self, n8n: N8n, furniture: Furniture) -> None:
        self._n8n = n8n
        self._given = furniture
        self._credentials: dict[str, Credential] = {}
        self._error_workflow = ""
        self._turn = asyncio.Lock()

    async def credential(self, target: str) -> Credential:
        """Return the credential that nodes of this target use, brought up to date once per process."""
        async with self._turn:
            if target not in self._credentials:
                self._credentials[target] = await self._ensure(KINDS[target], self._secret(target))
            return self._credentials[target]

    def _secret(self, target: str) -> Mapping[str, str]:
        if target == "nodes":
            return {"baseUrl": self._given.bridge_url, "apiKey": self._given.key}
        return {"name": "Authorization", "value": f"Bearer {self._given.key}"}

    async def _ensure(self, kind: str, secret: Mapping[str, str]) -> Credential:
        own = f"{NAME} ({self._given.bridge_url})"
        for each in await self._n8n.credentials.list():
            if each.type == kind and each.name == own:
                await self._n8n.credentials.update(each.id, secret)
                return each
        return await self._n8n.credentials.create(own, kind, secret)

    async def label(self, workflow_id: str) -> None:
        """Give the workflow our tag; a workflow without it works all the same."""
        try:
            await self._n8n.tags.assign(workflow_id, [await self._n8n.tags.ensure(TAG)])
        except Problem as problem:
            log.warning("workflow.not_tagged", workflow_id=workflow_id, said=str(problem))

    async def error_workflow(self) -> str:
        """Return the id of the published workflow that tells the bridge of failures."""
        credential = await self.credential("http")
        async with self._turn:
            if not self._error_workflow:
                self._error_workflow = await self._ensure_error_workflow(credential)
            return self._error_workflow

    async def _ensure_error_workflow(self, credential: Credential) -> str:
        name = f"{ERROR_WORKFLOW} ({self._given.bridge_url})"
        document = _reporting(name, self._given.bridge_url, credential)
        known = [each for each in await self._n8n.workflows.list(name=name) if not each.archived]
        made = known[0] if known else await self._n8n.workflows.create(document)
        if not made.active:
            # An error workflow that is not published is silently not run.
            await self._n8n.workflows.publish(made.id)
        return made.id


def _reporting(name: str, bridge_url: str, credential: Credential) -> dict[str, Any]:
    body = "={{ JSON.stringify({workflow_id: $json.workflow.id, execution_id: $json.execution?.id ?? ''}) }}"
    call = {
        "method": "POST",
        "url": f"{bridge_url.rstrip('/')}/v1/n8n/failures",
        "authentication": "genericCredentialType",
        "genericAuthType": credential.type,
        "sendBody": True,
        "specifyBody": "json",
        "jsonBody": body,
        "options": {},
    }
    return {
        "name": name,
        "nodes": [
            {
                "id": "on-failure",
                "name": "On Failure",
                "type": "n8n-nodes-base.errorTrigger",
                "typeVersion": 1,
                "position": [0, 0],
                "parameters": {},
            },
            {
                "id": "tell",
                "name": "Tell the Bridge",
                "type": "n8n-nodes-base.httpRequest",
                "typeVersion": 4.2,
                "position": [220, 0],
                "parameters": call,
                "credentials": {credential.type: {"id": credential.id, "name": credential.name}},
            },
        ],
        "connections": {"On Failure": {"main": [[{"node": "Tell the Bridge", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
    }
