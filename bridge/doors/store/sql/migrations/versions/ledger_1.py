"""The ledger of findings, and what was dismissed."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_1"
down_revision = None
branch_labels = ("ledger",)
depends_on = None


def text(name: str, *, key: bool = False) -> sa.Column[str]:
    """A text as this revision knew it."""
    return sa.Column(name, sa.String, primary_key=key, nullable=False, server_default="")


def moment(name: str) -> sa.Column[object]:
    """A time as this revision knew it."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "findings",
        *(text(name, key=True) for name in ("tenant", "repository", "branch", "fingerprint")),
        *(text(name) for name in ("rule_id", "severity", "message", "uri", "place", "state", "first_seen_in")),
        text("changed_in"),
        moment("first_seen"),
        moment("last_seen"),
    )
    op.create_table(
        "finding_dismissals",
        *(text(name, key=True) for name in ("tenant", "repository", "fingerprint")),
        text("dismissed_by"),
        text("dismissed_why"),
        moment("dismissed_at"),
    )
