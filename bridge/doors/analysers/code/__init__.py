"""Source code: its structure, and what ruff, our rules, the taint step, lizard and the secrets scan find in it."""

from pathlib import Path

from bridge.doors.analysers.code.complexity import complexity
from bridge.doors.analysers.code.linting import lint
from bridge.doors.analysers.code.patterns import matches
from bridge.doors.analysers.code.secrets import secrets
from bridge.doors.analysers.code.sources import Source, parse
from bridge.doors.analysers.code.spots import Spot, findings_of
from bridge.doors.analysers.code.structure import describe
from bridge.doors.analysers.code.taint import flows
from bridge.doors.analysers.limits import MAX_CODE
from bridge.doors.analysers.sorting import decode
from bridge.doors.analysers.tasks import Found, Task
from bridge.problems import Issue

INJECTIONS = frozenset(["CWE-78", "CWE-89", "CWE-95", "CWE-22", "CWE-918", "CWE-79", "CWE-90", "CWE-601"])
"""Weaknesses that need a value from outside; the flow step knows when there is none."""


def read(task: Task, found: Found) -> None:
    """Analyse one source file."""
    raw = Path(task.path).read_bytes()
    if len(raw) > MAX_CODE:
        found.issues.append(Issue("cut", task.uri, f"Only the first {MAX_CODE} bytes of code are analyzed."))
    text = decode(raw[:MAX_CODE]) or ""
    judge(text, task, found)


def judge(text: str, task: Task, found: Found) -> None:
    """Analyse source code that is already text."""
    source = parse(text, str(task.options.get("language", "")))
    describe(source, task, found)
    changed = frozenset(task.changed) if task.changed is not None else None
    found.findings.extend(findings_of(source, task.uri, _spots(source, task, found), changed))


def _spots(source: Source, task: Task, found: Found) -> list[Spot]:
    kinds = {name for name in ("security", "performance", "quality") if getattr(task, name)}
    if not kinds:
        return []
    spots = [*lint(source, kinds, found, task.uri), *matches(source, kinds)]
    if "security" in kinds:
        reached, cleared = flows(source)
        spots = [each for each in spots if each.start_line not in cleared or not INJECTIONS & set(each.cwe)]
        spots += [*reached, *secrets(source.text)]
    if "quality" in kinds:
        spots += complexity(source, found)
    return spots
