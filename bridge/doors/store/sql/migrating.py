"""Bring a database up to date when the bridge starts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bridge.doors.store.sql.database import Database, translated

SCRIPTS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 741_852_963
"""Key of PostgreSQL's advisory lock, so that two processes that start together migrate one after the other."""


async def migrate(database: Database) -> None:
    """Run every migration that has not run yet, all in one transaction."""
    with translated():
        async with database.engine.begin() as connection:
            if not database.is_sqlite:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
            await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")
