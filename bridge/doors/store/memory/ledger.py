"""The ledger in dictionaries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bridge.doors.store.ledger import LedgerPage
from bridge.findings.ledger import Remembered
from bridge.problems import NotFound


class MemoryLedger:
    """Findings."""

    def __init__(self) -> None:
        self._pages: dict[LedgerPage, dict[str, Remembered]] = {}
        self._dismissed: dict[tuple[str, str, str], tuple[str, str]] = {}

    async def recall(self, page: LedgerPage) -> list[Remembered]:
        """All of a page."""
        return [self._judged(page, each) for _, each in sorted(self._pages.get(page, {}).items())]

    def _judged(self, page: LedgerPage, each: Remembered) -> Remembered:
        said = self._dismissed.get((page.tenant, page.repository, each.fingerprint))
        return replace(each, state="dismissed", dismissed_by=said[0], dismissed_why=said[1]) if said else each

    async def record(self, page: LedgerPage, findings: Sequence[Remembered]) -> None:
        """Write."""
        kept = self._pages.setdefault(page, {})
        for each in findings:
            state = "open" if each.state == "dismissed" else each.state
            kept[each.fingerprint] = replace(each, state=state, dismissed_by="", dismissed_why="")

    async def dismiss(self, page: LedgerPage, fingerprint: str, *, by: str, why: str, now: datetime) -> None:  # noqa: ARG002
        """Dismiss."""
        if fingerprint not in self._pages.get(page, {}):
            raise NotFound(f"The ledger of {page.repository} {page.branch} knows no finding '{fingerprint[:64]}'.")
        self._dismissed[page.tenant, page.repository, fingerprint] = (by, why)

    async def restore(self, page: LedgerPage, fingerprint: str) -> None:
        """Take back."""
        if self._dismissed.pop((page.tenant, page.repository, fingerprint), None) is None:
            raise NotFound(f"The finding '{fingerprint[:64]}' of {page.repository} is not dismissed.")
