"""The ledger of findings: what was found on each branch of each repository, and what people decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bridge.findings.ledger import Remembered


@dataclass(frozen=True)
class LedgerPage:
    """Whose page of the ledger: one branch of one repository of one tenant."""

    tenant: str
    repository: str
    branch: str


class Ledger(Protocol):
    """Findings by page and fingerprint. A dismissal holds for all branches of the repository."""

    async def recall(self, page: LedgerPage) -> list[Remembered]:
        """All findings of a page, in the order of their fingerprints; dismissed ones say who and why."""
        ...

    async def record(self, page: LedgerPage, findings: Sequence[Remembered]) -> None:
        """Write findings, each in place of what the page knew of it."""
        ...

    async def dismiss(self, page: LedgerPage, fingerprint: str, *, by: str, why: str, now: datetime) -> None:
        """Dismiss a finding of the repository; raise `NotFound` when the page does not know it."""
        ...

    async def restore(self, page: LedgerPage, fingerprint: str) -> None:
        """Take a dismissal back; raise `NotFound` when there is none."""
        ...
