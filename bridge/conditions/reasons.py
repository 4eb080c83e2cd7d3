"""What every clause answers: an outcome and why; and how outcomes add up to one verdict."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["pass", "fail", "inconclusive", "skipped"]


@dataclass(frozen=True)
class JudgedReason:
    """One clause of a verdict, in the shape every judging step uses."""

    code: str
    message: str
    outcome: Outcome
    expected: str | None = None
    actual: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The sum of some reasons."""

    verdict: Outcome
    reasons: Sequence[JudgedReason]


def together(reasons: Iterable[JudgedReason]) -> Verdict:
    """Add reasons up: one failure fails, one clause without data leaves the whole inconclusive."""
    given = tuple(reasons)
    outcomes = {reason.outcome for reason in given}
    if "fail" in outcomes:
        return Verdict("fail", given)
    return Verdict("inconclusive" if "inconclusive" in outcomes else "pass", given)
