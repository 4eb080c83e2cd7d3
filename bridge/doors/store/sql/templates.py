"""Templates given by API, every version of them."""

import uuid
from datetime import datetime

import orjson
from sqlalchemy import Column, Integer, RowMapping, String, Table, UniqueConstraint, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.doors.store.sql.columns import document, moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.doors.store.workflows import Body, Template
from bridge.problems import Conflict, NotFound

TEMPLATES = Table(
    "workflow_templates",
    METADATA,
    text("id", primary_key=True),
    text("name"),
    Column("description", String, nullable=False),
    document("template_data"),
    document("triggers"),
    document("conditions"),
    moment("created_at"),
    moment("updated_at"),
    Column("version", Integer, nullable=False),
    UniqueConstraint("name", "version", name="one_template_per_version"),
)


class SqlTemplates:
    """Templates."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def put(self, name: str, template_data: Body, now: datetime) -> Template:
        """Compare with the newest version, then add one."""
        known = await self._newest(name)
        if known and orjson.dumps(known.template_data) == orjson.dumps(template_data):
            return known
        made = Template(
            id=str(uuid.uuid4()),
            name=name,
            version=known.version + 1 if known else 1,
            template_data=template_data,
            created_at=known.created_at if known else now,
            updated_at=now,
            description=str(template_data.get("description", "")),
            triggers=tuple(template_data.get("triggers") or ()),
            conditions=dict(template_data.get("conditions") or {}),
        )
        row = {**vars(made), "triggers": list(made.triggers)}
        async with self._database.write() as connection:
            done = await connection.execute(self._insert(TEMPLATES).values(row).on_conflict_do_nothing())
        if done.rowcount != 1:
            raise Conflict(f"Template '{name}' was changed at the same moment; look at it and try again.")
        return made

    async def get(self, name: str, version: int = 0) -> Template:
        """Return one."""
        found = await self._newest(name, version)
        if found is None:
            raise NotFound(f"There is no template '{name[:80]}'" + (f" version {version}." if version else "."))
        return found

    async def find(self) -> list[Template]:
        """Return the newest of each."""
        query = select(TEMPLATES).order_by(TEMPLATES.c.name, TEMPLATES.c.version)
        async with self._database.read() as connection:
            return list({row["name"]: _of(row) for row in (await connection.execute(query)).mappings()}.values())

    async def remove(self, name: str) -> bool:
        """Forget every version."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(TEMPLATES).where(TEMPLATES.c.name == name))).rowcount > 0

    async def _newest(self, name: str, version: int = 0) -> Template | None:
        query = select(TEMPLATES).where(TEMPLATES.c.name == name).order_by(TEMPLATES.c.version.desc()).limit(1)
        if version:
            query = query.where(TEMPLATES.c.version == version)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _of(row) if row is not None else None


def _of(row: RowMapping) -> Template:
    return Template(**{**row, "triggers": tuple(row["triggers"])})
