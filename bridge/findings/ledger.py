"""The ledger's reasoning: which findings are new, still open, fixed since, or dismissed; no storage in sight."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

State = Literal["open", "fixed", "dismissed"]
Standing = Literal["new", "open", "reopened", "dismissed"]


@dataclass(frozen=True)
class Seen:
    """A finding as an analysis saw it now: ``uri`` is its file, ``where`` the place in words."""

    fingerprint: str
    rule_id: str
    severity: str
    message: str
    uri: str = ""
    where: str = ""


@dataclass(frozen=True)
class Remembered:
    """What the ledger knows of one finding on one branch; ``*_in`` name the execution in which it happened."""

    seen: Seen
    state: State
    first_seen: datetime
    first_seen_in: str
    last_seen: datetime
    changed_in: str = ""
    dismissed_by: str = ""
    dismissed_why: str = ""

    @property
    def fingerprint(self) -> str:
        """The finding's name."""
        return self.seen.fingerprint


@dataclass(frozen=True)
class Comparison:
    """How today's findings stand, which old ones are gone, and what to write down."""

    standings: dict[str, Standing]
    fixed: tuple[Remembered, ...]
    dismissed: tuple[Remembered, ...]
    record: tuple[Remembered, ...] = field(repr=False)


def compare(
    remembered: Iterable[Remembered],
    seen: Sequence[Seen],
    *,
    looked_at: Collection[str],
    execution: str,
    now: datetime,
    elsewhere: Iterable[Remembered] = (),
) -> Comparison:
    """Compare what is *seen* now with what is *remembered* of the same branch.

    A remembered finding is fixed only when its file was *looked_at* and it is gone: an analysis of three
    changed files says nothing of the others. What the base branch knows (*elsewhere*) is not new here.
    Comparing twice in one execution gives the same answer twice.
    """
    known = {each.fingerprint: each for each in remembered}
    base = {each.fingerprint for each in elsewhere if each.state == "open"}
    record = [
        _met(each, known.get(each.fingerprint), execution, now) for each in {s.fingerprint: s for s in seen}.values()
    ]
    gone = known.keys() - {each.fingerprint for each in record}
    missing = [known[each] for each in gone if known[each].state == "open" and known[each].seen.uri in looked_at]
    mended = [replace(each, state="fixed", changed_in=execution) for each in missing]
    before = [
        each
        for each in known.values()
        if each.state == "fixed" and each.changed_in == execution and each.fingerprint in gone
    ]
    fixed = sorted((*mended, *before), key=lambda each: (each.seen.where, each.fingerprint))
    return Comparison(
        standings={each.fingerprint: _standing(each, execution, base) for each in record},
        fixed=tuple(fixed),
        dismissed=tuple(each for each in record if each.state == "dismissed"),
        record=(*record, *mended),
    )


def _met(seen: Seen, known: Remembered | None, execution: str, now: datetime) -> Remembered:
    """What to remember of a finding that is there now."""
    if known is None:
        return Remembered(seen, "open", now, execution, now, execution)
    if known.state == "fixed":
        return replace(known, seen=seen, state="open", last_seen=now, changed_in=execution)
    return replace(known, seen=seen, last_seen=now)


def _standing(each: Remembered, execution: str, base: Collection[str]) -> Standing:
    if each.state == "dismissed":
        return "dismissed"
    if each.first_seen_in == execution:
        return "open" if each.fingerprint in base else "new"
    return "reopened" if each.changed_in == execution else "open"
