"""Workflows and their triggers in tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, RowMapping, Table, delete, select, update

from bridge.doors.store.sql.columns import document, moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.doors.store.workflows import Trigger, Workflow
from bridge.problems import NotFound

WORKFLOWS = Table(
    "workflows",
    METADATA,
    text("workflow_id", primary_key=True),
    text("tenant"),
    text("name"),
    text("key"),
    text("template_name"),
    document("custom_config"),
    text("user_id"),
    text("target"),
    text("digest"),
    text("hook_url"),
    document("nodes"),
    Column("published", Boolean, nullable=False),
    text("version_id"),
    Column("timeout", Integer, nullable=False),
    document("document"),
    moment("created_at"),
    moment("updated_at"),
    Index("workflows_by_template", "template_name", "name"),
)
TRIGGERS = Table(
    "workflow_triggers",
    METADATA,
    text("id", primary_key=True),
    text("workflow_id"),
    text("trigger_type"),
    document("trigger_config"),
    Column("enabled", Boolean, nullable=False),
    moment("created_at"),
    moment("cursor", nullable=True),
    Index("triggers_by_workflow", "workflow_id"),
    Index("triggers_by_type", "trigger_type"),
)


class SqlWorkflows:
    """Workflows of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, workflow: Workflow) -> None:
        """In place of what was there."""
        async with self._database.write() as connection:
            await connection.execute(delete(WORKFLOWS).where(WORKFLOWS.c.workflow_id == workflow.workflow_id))
            await connection.execute(WORKFLOWS.insert().values({**vars(workflow), "nodes": list(workflow.nodes)}))

    async def get(self, workflow_id: str) -> Workflow:
        """Return one."""
        query = select(WORKFLOWS).where(WORKFLOWS.c.workflow_id == workflow_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise NotFound(f"There is no workflow '{workflow_id[:60]}' made by this bridge.")
        return _workflow(row)

    async def find(self, *, tenant: str = "", template_name: str = "", name: str = "") -> list[Workflow]:
        """Newest first."""
        given = {"tenant": tenant, "template_name": template_name, "name": name}
        query = select(WORKFLOWS).where(*(WORKFLOWS.c[key] == value for key, value in given.items() if value))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(WORKFLOWS.c.created_at.desc()))).mappings()
            return [_workflow(row) for row in rows]

    async def remove(self, workflow_id: str) -> bool:
        """With its triggers."""
        async with self._database.write() as connection:
            await connection.execute(delete(TRIGGERS).where(TRIGGERS.c.workflow_id == workflow_id))
            gone = await connection.execute(delete(WORKFLOWS).where(WORKFLOWS.c.workflow_id == workflow_id))
            return gone.rowcount == 1


class SqlTriggers:
    """Triggers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, workflow_id: str, triggers: Sequence[Trigger]) -> None:
        """Those that stay keep their id, switch and cursor."""
        known = {(each.trigger_type, str(each.trigger_config)): each for each in await self.of_workflow(workflow_id)}
        kept = [
            replace(each, id=old.id, enabled=old.enabled, cursor=old.cursor, created_at=old.created_at)
            if (old := known.pop((each.trigger_type, str(each.trigger_config)), None))
            else each
            for each in triggers
        ]
        async with self._database.write() as connection:
            await connection.execute(delete(TRIGGERS).where(TRIGGERS.c.workflow_id == workflow_id))
            if kept:
                await connection.execute(TRIGGERS.insert(), [dict(vars(each)) for each in kept])

    async def of_workflow(self, workflow_id: str) -> list[Trigger]:
        """All of one workflow."""
        return await self._where(TRIGGERS.c.workflow_id == workflow_id)

    async def listening(self, trigger_type: str) -> list[Trigger]:
        """All enabled of one type."""
        return await self._where((TRIGGERS.c.trigger_type == trigger_type) & TRIGGERS.c.enabled)

    async def switch(self, trigger_id: str, enabled: bool) -> Trigger:
        """On or off."""
        given = update(TRIGGERS).where(TRIGGERS.c.id == trigger_id).values(enabled=enabled)
        async with self._database.write() as connection:
            await connection.execute(given)
        found = await self._where(TRIGGERS.c.id == trigger_id)
        if not found:
            raise NotFound(f"There is no trigger '{trigger_id[:60]}'.")
        return found[0]

    async def advance(self, trigger_id: str, seen: datetime | None, to: datetime) -> bool:
        """First come."""
        at = TRIGGERS.c.cursor.is_(None) if seen is None else TRIGGERS.c.cursor == seen
        given = update(TRIGGERS).where(TRIGGERS.c.id == trigger_id, at).values(cursor=to)
        async with self._database.write() as connection:
            return (await connection.execute(given)).rowcount == 1

    async def _where(self, condition: Any) -> list[Trigger]:
        query = select(TRIGGERS).where(condition).order_by(TRIGGERS.c.created_at, TRIGGERS.c.id)
        async with self._database.read() as connection:
            return [Trigger(**row) for row in (await connection.execute(query)).mappings()]


def _workflow(row: RowMapping) -> Workflow:
    return Workflow(**{**row, "nodes": tuple(row["nodes"])})
