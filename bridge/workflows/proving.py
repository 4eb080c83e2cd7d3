"""Proving: a workflow counts as published once its hook answers; n8n says yes before it does."""

import asyncio
from dataclasses import dataclass

import structlog

from bridge.doors.n8n import N8n
from bridge.problems import Conflict, UpstreamFailed

log = structlog.get_logger()


@dataclass(frozen=True)
class Patience:
    """Seconds: how long one registration may take, how often it is asked for, and how long between two looks."""

    registered: float = 5.0
    tries: int = 3
    look: float = 0.05


class Proving:
    """Publishes and unpublishes for real."""

    def __init__(self, n8n: N8n, patience: Patience | None = None) -> None:
        self._n8n = n8n
        self._patience = patience or Patience()

    async def publish(self, workflow_id: str, url: str) -> str:
        """Publish and return the version that answers at *url*; raise `UpstreamFailed` when none ever does."""
        for attempt in range(self._patience.tries):
            published = await self._n8n.workflows.publish(workflow_id)
            if await self._registered(workflow_id, url):
                return published.version_id
            log.warning("publish.no_answer", workflow_id=workflow_id, attempt=attempt + 1)
            await self.unpublish(workflow_id, url)
        raise UpstreamFailed(
            f"n8n says that workflow '{workflow_id}' is published, but its webhook never answered. Is another workflow "
            "using the same path, or does N8N_WEBHOOK_URL name another n8n?"
        )

    async def unpublish(self, workflow_id: str, url: str) -> None:
        """Unpublish, and wait until the hook is gone."""
        await self._n8n.workflows.unpublish(workflow_id)
        if url:
            await self._until_answers(url, wanted=False)

    async def _registered(self, workflow_id: str, url: str) -> bool:
        if not await self._until_answers(url, wanted=True):
            return False
        # The path might be answered by somebody else's workflow: ours must count its trigger, too.
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.registered
        while loop.time() < end:
            if (await self._n8n.workflows.get(workflow_id)).trigger_count > 0:
                return True
            await asyncio.sleep(self._patience.look)
        return False

    async def _until_answers(self, url: str, *, wanted: bool) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.registered
        while await self._n8n.executions.answers(url) is not wanted:
            if loop.time() >= end:
                return False
            await asyncio.sleep(self._patience.look)
        return True

    async def delete(self, workflow_id: str) -> None:
        """Delete once n8n lets go of it; raise `Conflict` when it never does."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience.registered
        while True:
            try:
                await self._n8n.workflows.delete(workflow_id)
            except Conflict:
                if loop.time() >= end:
                    raise
                await asyncio.sleep(self._patience.look)
            else:
                return
