"""Alembic's entry: migrations run inside the transaction the bridge opened."""

from alembic import context

from bridge.doors.store.sql.database import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True,
    transaction_per_migration=False,
)  # fmt: skip
context.run_migrations()
