"""What a report is made of, before it takes any format: frozen pieces that every template can draw."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
Verdict = Literal["pass", "fail", "inconclusive", "skipped"]


@dataclass(frozen=True)
class Facts:
    """Named values."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows under columns; ``more`` rows were left out."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0


@dataclass(frozen=True)
class Code:
    """Text to be read letter by letter; ``marked`` are line numbers to point at."""

    kind: ClassVar[str] = "code"
    caption: str
    text: str
    language: str = ""
    first_line: int | None = None
    marked: frozenset[int] = frozenset()

    def numbered(self) -> list[tuple[int | None, str, bool]]:
        """Each line with its number (if lines have any) and whether it is the one meant."""
        lines = self.text.split("\n")
        if self.first_line is None:
            return [(None, each, False) for each in lines]
        return [(number, each, number in self.marked) for number, each in enumerate(lines, self.first_line)]


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    kind: ClassVar[str] = "prose"
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of short sentences; ``tone`` is a verdict's word or empty."""

    kind: ClassVar[str] = "bullets"
    caption: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """An image inside the report: ``source`` is a data URL, ``alt`` says what it shows.

    ``text`` is what stands in Markdown instead (Mermaid source, say), in the language ``language``.
    """

    kind: ClassVar[str] = "picture"
    caption: str
    source: str
    alt: str
    text: str = ""
    language: str = ""
    paper: bool = False


Block = Facts | Table | Code | Prose | Bullets | Picture


@dataclass(frozen=True)
class Noted:
    """One finding as the report shows it."""

    rule_id: str
    severity: Severity
    confidence: float
    message: str
    help: str
    where: str
    source: str
    fingerprint: str
    cwe: tuple[str, ...] = ()
    suggestion: str = ""
    patch: str = ""
    excerpt: Code | None = None
    standing: str = ""
    note: str = ""
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Clause:
    """One reason of a verdict."""

    code: str
    message: str
    outcome: Verdict
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True)
class Number:
    """One figure of the summary; ``tone`` is good, bad, warn or empty."""

    label: str
    value: str
    tone: str = ""


@dataclass(frozen=True)
class Part:
    """What one earlier result says."""

    title: str
    step: str
    verdict: Verdict | None
    clauses: tuple[Clause, ...]
    blocks: tuple[Block, ...]
    findings: int = 0
    run_id: str = ""


@dataclass(frozen=True)
class Group:
    """The findings of one severity."""

    severity: Severity
    findings: tuple[Noted, ...]


@dataclass(frozen=True)
class Report:
    """Everything a template may show; all text in it is cleaned, none of it is trusted."""

    title: str
    created_at: str
    verdict: Verdict
    clauses: tuple[Clause, ...]
    summary: str
    about: tuple[tuple[str, str], ...]
    numbers: tuple[Number, ...]
    groups: tuple[Group, ...]
    parts: tuple[Part, ...]
    pictures: tuple[Picture, ...] = ()
    fixed: tuple[Noted, ...] = ()
    dismissed: tuple[Noted, ...] = ()
    include_suggestions: bool = True

    @property
    def findings(self) -> tuple[Noted, ...]:
        """All findings, worst first."""
        return tuple(each for group in self.groups for each in group.findings)
