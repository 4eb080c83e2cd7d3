"""Fold failures along declared dependencies: one root cause and what it affects, not a wall of red."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bridge.steps.health_check.looking import Look

Outcome = Literal["pass", "fail", "flapping", "maintenance"]


@dataclass(frozen=True)
class Result:
    """How one check ended; ``caused_by`` names the root causes below it."""

    look: Look
    outcome: Outcome
    detail: str
    seconds: float
    passed: int
    samples: int
    facts: dict[str, float | str] = field(default_factory=dict)
    caused_by: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the check counts as a failure."""
        return self.outcome in ("fail", "flapping")


def fold(results: list[Result]) -> list[Result]:
    """Give each failure its root causes; a circle of dependencies ends where it began."""
    by_name = {each.look.name: each for each in results}
    return [
        replace(each, caused_by=tuple(sorted(_roots(each, by_name, {each.look.name})))) if each.failed else each
        for each in results
    ]


def _roots(result: Result, by_name: Mapping[str, Result], seen: set[str]) -> set[str]:
    roots: set[str] = set()
    for name in result.look.depends_on:
        below = by_name[name]
        if below.outcome == "pass" or name in seen:
            continue
        roots |= _roots(below, by_name, seen | {name}) or {name}
    return roots
