"""The ledger of findings in two tables: what was found, and what was dismissed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, select
from sqlalchemy.engine import RowMapping

from bridge.doors.store.ledger import LedgerPage
from bridge.doors.store.sql.columns import moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.findings.ledger import Remembered, Seen
from bridge.problems import NotFound

FINDINGS = Table(
    "findings",
    METADATA,
    *(text(name, primary_key=True) for name in ("tenant", "repository", "branch", "fingerprint")),
    *(
        text(name)
        for name in ("rule_id", "severity", "message", "uri", "place", "state", "first_seen_in", "changed_in")
    ),
    moment("first_seen"),
    moment("last_seen"),
)
DISMISSALS = Table(
    "finding_dismissals",
    METADATA,
    *(text(name, primary_key=True) for name in ("tenant", "repository", "fingerprint")),
    text("dismissed_by"),
    text("dismissed_why"),
    moment("dismissed_at"),
)
_AT_ONCE = 500


class SqlLedger:
    """Findings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, page: LedgerPage) -> list[Remembered]:
        """All of a page."""
        same = [FINDINGS.c[name] == DISMISSALS.c[name] for name in ("tenant", "repository", "fingerprint")]
        joined = FINDINGS.outerjoin(DISMISSALS, and_(*same))
        said = (DISMISSALS.c.dismissed_by, DISMISSALS.c.dismissed_why, DISMISSALS.c.dismissed_at)
        query = select(FINDINGS, *said).select_from(joined).where(_on(page)).order_by(FINDINGS.c.fingerprint)
        async with self._database.read() as connection:
            return [_of(row) for row in (await connection.execute(query)).mappings()]

    async def record(self, page: LedgerPage, findings: Sequence[Remembered]) -> None:
        """Write."""
        rows = [_row(page, each) for each in findings]
        async with self._database.write() as connection:
            for start in range(0, len(rows), _AT_ONCE):
                batch = rows[start : start + _AT_ONCE]
                names = [row["fingerprint"] for row in batch]
                await connection.execute(delete(FINDINGS).where(_on(page), FINDINGS.c.fingerprint.in_(names)))
                await connection.execute(FINDINGS.insert(), batch)

    async def dismiss(self, page: LedgerPage, fingerprint: str, *, by: str, why: str, now: datetime) -> None:
        """Dismiss."""
        known = select(FINDINGS.c.fingerprint).where(_on(page), FINDINGS.c.fingerprint == fingerprint)
        row = {
            "tenant": page.tenant, "repository": page.repository, "fingerprint": fingerprint,
            "dismissed_by": by, "dismissed_why": why, "dismissed_at": now,
        }  # fmt: skip
        async with self._database.write() as connection:
            if (await connection.execute(known)).first() is None:
                raise NotFound(f"The ledger of {page.repository} {page.branch} knows no finding '{fingerprint[:64]}'.")
            await connection.execute(delete(DISMISSALS).where(_dismissal(page, fingerprint)))
            await connection.execute(DISMISSALS.insert().values(row))

    async def restore(self, page: LedgerPage, fingerprint: str) -> None:
        """Take back."""
        async with self._database.write() as connection:
            done = await connection.execute(delete(DISMISSALS).where(_dismissal(page, fingerprint)))
        if not done.rowcount:
            raise NotFound(f"The finding '{fingerprint[:64]}' of {page.repository} is not dismissed.")


def _on(page: LedgerPage) -> ColumnElement[bool]:
    return and_(
        FINDINGS.c.tenant == page.tenant, FINDINGS.c.repository == page.repository, FINDINGS.c.branch == page.branch
    )


def _dismissal(page: LedgerPage, fingerprint: str) -> ColumnElement[bool]:
    return and_(
        DISMISSALS.c.tenant == page.tenant,
        DISMISSALS.c.repository == page.repository,
        DISMISSALS.c.fingerprint == fingerprint,
    )


def _row(page: LedgerPage, each: Remembered) -> dict[str, Any]:
    seen = {key: value for key, value in vars(each.seen).items() if key != "where"}
    return {
        **vars(page), **seen, "place": each.seen.where,
        "state": "open" if each.state == "dismissed" else each.state,
        "first_seen_in": each.first_seen_in, "changed_in": each.changed_in,
        "first_seen": each.first_seen, "last_seen": each.last_seen,
    }  # fmt: skip


def _of(row: RowMapping) -> Remembered:
    dismissed = row["dismissed_at"] is not None
    return Remembered(
        seen=Seen(row["fingerprint"], row["rule_id"], row["severity"], row["message"], row["uri"], row["place"]),
        state="dismissed" if dismissed else row["state"],
        first_seen=row["first_seen"],
        first_seen_in=row["first_seen_in"],
        last_seen=row["last_seen"],
        changed_in=row["changed_in"],
        dismissed_by=row["dismissed_by"] or "",
        dismissed_why=row["dismissed_why"] or "",
    )
