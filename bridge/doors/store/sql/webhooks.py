"""Webhook registrations in a table."""

from typing import Any

from sqlalchemy import Boolean, Column, Index, Table, UniqueConstraint, delete, select
from sqlalchemy.engine import RowMapping

from bridge.doors.store.sql.columns import document, moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.doors.store.webhooks import Webhook
from bridge.problems import NotFound

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    text("id", primary_key=True),
    text("tenant"),
    text("url"),
    document("events"),
    document("config"),
    text("secret"),
    text("workflow_id"),
    text("node"),
    Column("test", Boolean, nullable=False),
    moment("created_at"),
    UniqueConstraint("tenant", "workflow_id", "node", "test", name="one_webhook_per_node"),
    Index("webhooks_by_workflow", "workflow_id"),
)


class SqlWebhooks:
    """Registrations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, webhook: Webhook) -> None:
        """In place of an earlier one."""
        same = (
            (WEBHOOKS.c.tenant == webhook.tenant)
            & (WEBHOOKS.c.workflow_id == webhook.workflow_id)
            & (WEBHOOKS.c.node == webhook.node)
            & (WEBHOOKS.c.test == webhook.test)
        )
        async with self._database.write() as connection:
            await connection.execute(delete(WEBHOOKS).where(same))
            await connection.execute(WEBHOOKS.insert().values({**vars(webhook), "events": list(webhook.events)}))

    async def get(self, webhook_id: str) -> Webhook:
        """One registration."""
        found = await self._where(WEBHOOKS.c.id == webhook_id)
        if not found:
            raise NotFound(f"There is no webhook '{webhook_id[:60]}'.")
        return found[0]

    async def remove(self, webhook_id: str) -> bool:
        """Forget it."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id))).rowcount == 1

    async def listening(self, event: str) -> list[Webhook]:
        """Who wants to hear of this."""
        return [each for each in await self._where(WEBHOOKS.c.id != "") if event in each.events]

    async def of_workflow(self, workflow_id: str) -> list[Webhook]:
        """All of one workflow."""
        return await self._where(WEBHOOKS.c.workflow_id == workflow_id)

    async def _where(self, condition: Any) -> list[Webhook]:
        query = select(WEBHOOKS).where(condition).order_by(WEBHOOKS.c.created_at)
        async with self._database.read() as connection:
            return [_of(row) for row in (await connection.execute(query)).mappings()]


def _of(row: RowMapping) -> Webhook:
    return Webhook(**{**row, "events": tuple(row["events"])})
