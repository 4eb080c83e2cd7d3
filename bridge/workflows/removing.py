"""Removing: unpublish, wait until n8n has let go, delete, and forget."""

import structlog

from bridge.doors.n8n import N8n
from bridge.doors.store import Records, Webhooks, Workflow
from bridge.problems import NotFound
from bridge.workflows.proving import Proving

log = structlog.get_logger()


class Removing:
    """Takes workflows away; what is gone in n8n already is only forgotten here."""

    def __init__(self, n8n: N8n, records: Records, webhooks: Webhooks, proving: Proving) -> None:
        self._n8n = n8n
        self._records = records
        self._webhooks = webhooks
        self._proving = proving

    async def remove(self, workflow: Workflow) -> None:
        """Remove it from n8n and from our records; its executions stay."""
        try:
            await self._proving.unpublish(workflow.workflow_id, workflow.hook_url)
            await self._proving.delete(workflow.workflow_id)
        except NotFound:
            log.info("workflow.gone_already", workflow_id=workflow.workflow_id)
        for each in await self._webhooks.of_workflow(workflow.workflow_id):
            await self._webhooks.remove(each.id)
        await self._records.workflows.remove(workflow.workflow_id)
