"""The one model of test results: CTRF's words, whatever the runner."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

TestStatus = Literal["passed", "failed", "skipped", "pending", "other"]
_LONGEST_MESSAGE = 2_000
_LONGEST_TRACE = 20_000


@dataclass(frozen=True)
class Test:
    """One test: ``duration`` in seconds, ``line`` from 1; ``flaky`` means it failed first and passed later."""

    __test__ = False

    name: str
    status: TestStatus
    duration: float = 0.0
    suite: str = ""
    file: str = ""
    line: int = 0
    message: str = ""
    trace: str = ""
    stdout: tuple[str, ...] = ()
    retries: int = 0
    flaky: bool = False

    @property
    def key(self) -> str:
        """What identifies the test from run to run."""
        return f"{self.file or self.suite}::{self.name}"

    def to_ctrf(self) -> dict[str, Any]:
        """Return the test as CTRF has it; times in milliseconds."""
        made: dict[str, Any] = {"name": self.name, "status": self.status, "duration": round(self.duration * 1000)}
        optional = {
            "suite": self.suite,
            "filePath": self.file,
            "line": self.line,
            "message": self.message[:_LONGEST_MESSAGE],
            "trace": self.trace[-_LONGEST_TRACE:],
            "stdout": list(self.stdout),
            "retries": self.retries,
            "flaky": self.flaky,
        }
        return made | {key: value for key, value in optional.items() if value}


@dataclass(frozen=True)
class Failure:
    """Failures with the same cause: its first line, the place and the tests."""

    cause: str
    file: str
    line: int
    tests: tuple[str, ...]


@dataclass(frozen=True)
class TestResults:
    """All tests of one run; ``tool`` names the runner, ``start`` and ``stop`` are seconds since 1970."""

    __test__ = False

    tool: str
    tests: tuple[Test, ...] = ()
    start: float = 0.0
    stop: float = 0.0
    issues: tuple[str, ...] = field(default=())

    def count(self, status: TestStatus) -> int:
        """Count tests of one status."""
        return sum(each.status == status for each in self.tests)

    @property
    def success_rate(self) -> float | None:
        """Percent of executed tests that passed; None when none was executed, for that is no success."""
        executed = self.count("passed") + self.count("failed")
        return round(100 * self.count("passed") / executed, 2) if executed else None

    @property
    def flaky(self) -> tuple[Test, ...]:
        """Tests that failed first and passed later."""
        return tuple(each for each in self.tests if each.flaky)

    def slowest(self, count: int = 10) -> list[Test]:
        """Return the slowest tests, slowest first."""
        return sorted(self.tests, key=lambda each: -each.duration)[:count]

    def failures(self) -> list[Failure]:
        """Return failed tests grouped by cause, largest group first."""
        groups: dict[tuple[str, str], list[Test]] = defaultdict(list)
        for each in self.tests:
            if each.status == "failed":
                groups[first_line(each.message or each.trace), each.file].append(each)
        made = [Failure(cause, file, min(t.line for t in tests), tuple(t.key for t in tests))
                for (cause, file), tests in groups.items()]  # fmt: skip
        return sorted(made, key=lambda each: (-len(each.tests), each.cause))

    def summary(self) -> dict[str, Any]:
        """Return CTRF's summary."""
        counted = Counter(each.status for each in self.tests)
        return {
            "tests": len(self.tests),
            **{status: counted[status] for status in ("passed", "failed", "skipped", "pending", "other")},
            "flaky": len(self.flaky),
            "start": round(self.start * 1000),
            "stop": round(self.stop * 1000),
        }

    def to_ctrf(self) -> dict[str, Any]:
        """Return the whole as a CTRF document."""
        return {
            "reportFormat": "CTRF",
            "specVersion": "0.0.0",
            "results": {
                "tool": {"name": self.tool or "unknown"},
                "summary": self.summary(),
                "tests": [each.to_ctrf() for each in self.tests],
            },
        }


def join(tool: str, parts: Iterable[TestResults]) -> TestResults:
    """Join results of several runs, such as one per test type."""
    given = list(parts)
    return TestResults(
        tool,
        tuple(test for part in given for test in part.tests),
        min((part.start for part in given if part.start), default=0.0),
        max((part.stop for part in given), default=0.0),
        tuple(issue for part in given for issue in part.issues),
    )


def merged(records: Sequence[Test]) -> tuple[Test, ...]:
    """Merge repeated records of one test: the last result wins, and more than one record means it was retried."""
    by_key: dict[tuple[str, str, str], list[Test]] = defaultdict(list)
    for each in records:
        by_key[each.suite, each.file, each.name].append(each)
    made = []
    for group in by_key.values():
        last = group[-1]
        failed_before = any(each.status == "failed" for each in group[:-1]) or len(group) > 1
        made.append(
            replace(
                last,
                retries=max(last.retries, len(group) - 1),
                flaky=last.flaky or (last.status == "passed" and failed_before),
                duration=sum(each.duration for each in group),
            )
        )
    return tuple(made)


def first_line(text: str) -> str:
    """Return the first line that says something."""
    return next((line.strip()[:300] for line in text.splitlines() if line.strip()), "no message")
