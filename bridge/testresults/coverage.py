"""Read line coverage: Cobertura, lcov, coverage.py's JSON and Go's cover profile; and coverage of a patch."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bridge.testresults.reading_reports import UnreadableReport

_GO = re.compile(r"(?P<file>.+):(?P<from>\d+)\.\d+,(?P<to>\d+)\.\d+ (?P<statements>\d+) (?P<count>\d+)")


@dataclass
class LineCoverage:
    """Which lines of which file can run, and whether they did."""

    lines: dict[str, dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, file: str, line: int, *, hit: bool) -> None:
        """Record a line; once hit is hit."""
        of_file = self.lines[file]
        of_file[line] = of_file.get(line, False) or hit

    def of_file(self, file: str) -> float | None:
        """Percent of one file's lines; None when it has none."""
        return _percent(self.lines.get(file, {}).values())

    @property
    def total(self) -> float | None:
        """Percent of all lines; None when there is no data."""
        return _percent(hit for of_file in self.lines.values() for hit in of_file.values())

    def files(self) -> dict[str, float]:
        """Percent per file."""
        return {file: percent for file in sorted(self.lines) if (percent := self.of_file(file)) is not None}

    def patch(self, changed: Mapping[str, Iterable[int]]) -> float | None:
        """Percent of changed lines that can run; None when no changed line can."""
        hits = [self.lines[file][line] for file, lines in changed.items() if file in self.lines
                for line in lines if line in self.lines[file]]  # fmt: skip
        return _percent(hits)

    def joined(self, other: "LineCoverage") -> "LineCoverage":
        """Join two runs: a line is covered when either ran it."""
        for file, of_file in other.lines.items():
            for line, hit in of_file.items():
                self.add(file, line, hit=hit)
        return self

    def to_lcov(self) -> bytes:
        """Write lcov."""
        made = []
        for file, of_file in sorted(self.lines.items()):
            made += ["TN:", f"SF:{file}", *(f"DA:{line},{int(hit)}" for line, hit in sorted(of_file.items()))]
            made += [f"LF:{len(of_file)}", f"LH:{sum(of_file.values())}", "end_of_record"]
        return ("\n".join(made) + "\n").encode()


def _percent(hits: Iterable[bool]) -> float | None:
    known = list(hits)
    return round(100 * sum(known) / len(known), 2) if known else None


def read_coverage(content: bytes, root: str = "/work/") -> LineCoverage:
    """Read coverage of any known format, told by its content; raise `UnreadableReport`."""
    start = content[:2000].lstrip()
    try:
        if start.startswith(b"<"):
            return _cobertura(content, root)
        if start.startswith(b"{"):
            return _coverage_json(json.loads(content), root)
        if start.startswith(b"mode:"):
            return _go_profile(content.decode("utf-8", "replace"))
        if b"SF:" in start:
            return _lcov(content.decode("utf-8", "replace"), root)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ParseError, DefusedXmlException) as error:
        raise UnreadableReport(f"The coverage report cannot be read: {type(error).__name__}.") from error
    raise UnreadableReport("The coverage report has no known format (Cobertura, lcov, coverage.py JSON, Go).")


def _cobertura(content: bytes, root: str) -> LineCoverage:
    made, document = LineCoverage(), fromstring(content, forbid_dtd=False, forbid_entities=True)
    sources = [(each.text or "").rstrip("/") + "/" for each in document.iter("source")]
    prefix = next((each.removeprefix(root) for each in sources if each.startswith(root)), "")
    for part in document.iter("class"):
        file = prefix + part.get("filename", "").removeprefix(root)
        for line in part.iter("line"):
            made.add(file, int(line.get("number", "0")), hit=int(line.get("hits", "0")) > 0)
    return made


def _coverage_json(document: dict[str, Any], root: str) -> LineCoverage:
    made = LineCoverage()
    for file, about in document["files"].items():
        for key, hit in (("executed_lines", True), ("missing_lines", False)):
            for line in about[key]:
                made.add(str(file).removeprefix(root), int(line), hit=hit)
    return made


def _lcov(content: str, root: str) -> LineCoverage:
    made, file = LineCoverage(), ""
    for line in content.splitlines():
        if line.startswith("SF:"):
            file = line[3:].removeprefix(root)
        elif line.startswith("DA:"):
            number, hits, *_ = line[3:].split(",")
            made.add(file, int(number), hit=int(hits) > 0)
    return made


def _go_profile(content: str) -> LineCoverage:
    made = LineCoverage()
    for line in content.splitlines():
        if found := _GO.fullmatch(line):
            last = min(int(found["to"]), int(found["from"]) + 10_000)
            for number in range(int(found["from"]), last + 1):
                made.add(found["file"], number, hit=int(found["count"]) > 0)
    return made
