"""Runs, idempotency keys, files, callbacks and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "runs_1"
down_revision = None
branch_labels = ("runs",)
depends_on = None


def text(name: str, *, key: bool = False) -> sa.Column[str]:
    """A text as this revision knew it."""
    return sa.Column(name, sa.String, primary_key=key, nullable=False, server_default="")


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """A time as this revision knew it."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    make_runs()
    make_keys_and_files()
    make_callbacks_and_webhooks()


def make_runs() -> None:
    """Runs."""
    op.create_table(
        "runs",
        text("id", key=True),
        *(text(name) for name in ("tenant", "step", "status", "message", "owner", "callback_url")),
        *(text(name) for name in ("n8n_workflow_id", "n8n_execution_id", "n8n_node")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("version", "attempt", "n8n_run_index")),
        sa.Column("n8n_item_index", sa.Integer, nullable=False),
        sa.Column("fraction", sa.Float, nullable=False),
        sa.Column("claimed", sa.Boolean, nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text),
        moment("created_at"),
        moment("started_at", nullable=True),
        moment("ended_at", nullable=True),
        moment("deadline"),
    )
    op.create_index("runs_by_tenant", "runs", ["tenant", "created_at", "id"])
    op.create_index("runs_by_execution", "runs", ["tenant", "n8n_workflow_id", "n8n_execution_id", "n8n_node"])
    op.create_index("runs_by_status", "runs", ["status", "created_at"])
    op.create_index("runs_by_end", "runs", ["ended_at"])


def make_keys_and_files() -> None:
    """Idempotency keys, and the names of files."""
    op.create_table(
        "idempotency_keys",
        *(text(name, key=True) for name in ("tenant", "route", "key")),
        text("fingerprint"),
        text("subject"),
        moment("expires_at"),
    )
    op.create_index("idempotency_keys_by_subject", "idempotency_keys", ["subject"])
    op.create_index("idempotency_keys_by_expiry", "idempotency_keys", ["expires_at"])
    op.create_table(
        "files",
        text("id", key=True),
        *(text(name) for name in ("tenant", "run_id", "sha256", "name", "media_type")),
        sa.Column("size", sa.BigInteger, nullable=False),
        moment("created_at"),
    )
    op.create_index("files_by_content", "files", ["sha256", "tenant"])
    op.create_index("files_by_age", "files", ["created_at"])


def make_callbacks_and_webhooks() -> None:
    """What is owed to n8n, and who wants to hear."""
    op.create_table(
        "callbacks",
        text("id", key=True),
        *(text(name) for name in ("tenant", "run_id", "url", "status", "last_error")),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_status", sa.Integer, nullable=False),
        moment("created_at"),
    )
    op.create_index("callbacks_by_status", "callbacks", ["status", "created_at"])
    op.create_table(
        "webhooks",
        text("id", key=True),
        *(text(name) for name in ("tenant", "url", "secret", "workflow_id", "node")),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("test", sa.Boolean, nullable=False),
        moment("created_at"),
        sa.UniqueConstraint("tenant", "workflow_id", "node", "test", name="one_webhook_per_node"),
    )
    op.create_index("webhooks_by_workflow", "webhooks", ["workflow_id"])
