"""How many, how long, how often: the settings of executions, and the clock they live by."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Pace:
    """Times are seconds.

    ``starts`` is how often n8n is asked to start one execution, ``claim_within`` after how long an unclaimed start
    is looked for, ``soonest`` the shortest and ``interval`` the longest pause between two looks at one.
    """

    concurrent: int = 20
    queued: int = 1000
    timeout: int = 1800
    interval: float = 30.0
    soonest: float = 0.25
    claim_within: float = 60.0
    starts: int = 5
    editor_url: str = ""
    keep: int = 1000
    keep_seconds: int = 336 * 3600


def now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)
