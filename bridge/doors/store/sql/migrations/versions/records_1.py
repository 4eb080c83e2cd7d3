"""Executions, workflows, triggers, templates, deliveries and the events for the figures."""

import sqlalchemy as sa
from alembic import op

revision = "records_1"
down_revision = None
branch_labels = ("records",)
depends_on = None


def text(name: str, *, key: bool = False) -> sa.Column[str]:
    """A text as this revision knew it."""
    return sa.Column(name, sa.String, primary_key=key, nullable=False, server_default="")


def document(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """A JSON document as this revision knew it."""
    return sa.Column(name, sa.Text, nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """A time as this revision knew it."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def number(name: str) -> sa.Column[int]:
    """A whole number as this revision knew it."""
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    """Make the tables."""
    make_executions()
    make_workflows()
    make_deliveries()


def make_executions() -> None:
    """Executions."""
    words = ("workflow_id", "template_name", "user_id", "status", "error", "tenant", "trigger", "claim", "outcome")
    op.create_table(
        "workflow_executions",
        text("id", key=True),
        sa.Column("execution_id", sa.String, nullable=False, unique=True, server_default=""),
        *(text(name) for name in (*words, "lane", "delivery_id", "retry_of")),
        *(document(name) for name in ("trigger_data", "reasons", "timeline")),
        document("result", nullable=True),
        *(number(name) for name in ("progress", "starts", "rating")),
        *(moment(name) for name in ("created_at", "updated_at")),
        *(moment(name, nullable=True) for name in ("started_at", "completed_at", "deadline", "asked_at", "not_before")),
        sa.Column("n8n_execution_id", sa.String, nullable=True),
        sa.Column("stop_asked", sa.Boolean, nullable=False),
    )
    op.create_index("executions_by_status", "workflow_executions", ["status", "created_at"])
    op.create_index("executions_by_workflow", "workflow_executions", ["workflow_id", "created_at"])
    op.create_index(
        "one_record_per_n8n_execution", "workflow_executions", ["workflow_id", "n8n_execution_id"], unique=True
    )


def make_workflows() -> None:
    """Workflows, their triggers, and templates."""
    words = ("tenant", "name", "key", "template_name", "user_id", "target", "digest", "hook_url", "version_id")
    op.create_table(
        "workflows",
        text("workflow_id", key=True),
        *(text(name) for name in words),
        *(document(name) for name in ("custom_config", "nodes", "document")),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("timeout", sa.Integer, nullable=False),
        *(moment(name) for name in ("created_at", "updated_at")),
    )
    op.create_index("workflows_by_template", "workflows", ["template_name", "name"])
    op.create_table(
        "workflow_triggers",
        text("id", key=True),
        text("workflow_id"),
        text("trigger_type"),
        document("trigger_config"),
        sa.Column("enabled", sa.Boolean, nullable=False),
        moment("created_at"),
        moment("cursor", nullable=True),
    )
    op.create_index("triggers_by_workflow", "workflow_triggers", ["workflow_id"])
    op.create_index("triggers_by_type", "workflow_triggers", ["trigger_type"])
    op.create_table(
        "workflow_templates",
        text("id", key=True),
        text("name"),
        sa.Column("description", sa.String, nullable=False),
        *(document(name) for name in ("template_data", "triggers", "conditions")),
        *(moment(name) for name in ("created_at", "updated_at")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("name", "version", name="one_template_per_version"),
    )


def make_deliveries() -> None:
    """Deliveries and events."""
    op.create_table(
        "deliveries",
        text("id", key=True),
        *(text(name) for name in ("forge", "hook", "delivery_id", "kind", "body", "outcome", "replay_of")),
        *(document(name) for name in ("headers", "events", "starts")),
        moment("received_at"),
        sa.UniqueConstraint("forge", "hook", "delivery_id", name="one_effect_per_delivery"),
    )
    op.create_index("deliveries_by_outcome", "deliveries", ["outcome", "received_at"])
    op.create_table(
        "workflow_analytics",
        text("id", key=True),
        *(text(name) for name in ("workflow_id", "execution_id", "event_type")),
        document("event_data"),
        moment("timestamp"),
    )
    op.create_index("analytics_by_time", "workflow_analytics", ["timestamp"])


def downgrade() -> None:
    """Remove them."""
    for table in (
        "workflow_analytics",
        "deliveries",
        "workflow_templates",
        "workflow_triggers",
        "workflows",
        "workflow_executions",
    ):
        op.drop_table(table)
