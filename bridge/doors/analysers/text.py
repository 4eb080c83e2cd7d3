"""Plain text and its relatives: Markdown by headings, everything else by paragraphs."""

import re
from pathlib import Path

from bridge.documents import Place
from bridge.doors.analysers.code.secrets import secrets
from bridge.doors.analysers.code.sources import Source
from bridge.doors.analysers.code.spots import findings_of
from bridge.doors.analysers.limits import MAX_TEXT
from bridge.doors.analysers.sorting import decode
from bridge.doors.analysers.tasks import Found, Task
from bridge.problems import Issue

PIECE = 4_000
HEADING = re.compile(r"#{1,6}\s+(.*)")


def read(task: Task, found: Found) -> None:
    """Read one text file."""
    raw = Path(task.path).read_bytes()
    if len(raw) > 4 * MAX_TEXT:
        found.issues.append(Issue("cut", task.uri, f"Only the first {4 * MAX_TEXT} bytes are read."))
    text = decode(raw[: 4 * MAX_TEXT]) or ""
    lines = text.split("\n")
    found.metadata.update(lines=len(lines), characters=len(text), words=len(text.split()))
    if task.content:
        _cut(lines, task, found, markdown=task.options.get("media_type") == "text/markdown")
    if task.security:
        changed = frozenset(task.changed) if task.changed is not None else None
        found.findings.extend(findings_of(Source(text, "", None, lines), task.uri, secrets(text), changed))


def _cut(lines: list[str], task: Task, found: Found, *, markdown: bool) -> None:
    heading: str | None = None
    start, size = 1, 0
    for number, line in enumerate([*lines, ""], 1):
        title = HEADING.match(line) if markdown else None
        last = number == len(lines) + 1
        size += len(line) + 1
        if title or last or (size > PIECE and not line.strip()) or size > 2 * PIECE:
            end = number - 1 if title or last else number
            _piece(lines, start, end, heading, task, found)
            start, size = end + 1, 0
        if title:
            heading = title.group(1).strip()
            found.add("heading", heading, Place(task.uri, number, number, symbol=heading))
            start = number + 1


def _piece(lines: list[str], start: int, end: int, heading: str | None, task: Task, found: Found) -> None:
    text = "\n".join(lines[start - 1 : end])
    if text.strip():
        found.add("text", text, Place(task.uri, start, end, symbol=heading))
