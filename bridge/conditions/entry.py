"""The entry gate: what the changed files of an event must be like.

``exclude_patterns`` (gitignore rules) are applied first; ``file_types`` and ``min_changes`` look at what is
left. ``min_changes`` counts files. Events of kinds that never carry files (`manual`, `schedule`, `alert`) are
let through, because nobody changed anything; an event that should list files and does not is inconclusive.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pathspec import GitIgnoreSpec

from bridge.conditions.reasons import JudgedReason, Verdict, together

ENTRY_KEYS: Mapping[str, Mapping[str, Any]] = {
    "exclude_patterns": {"type": "array", "items": {"type": "string"}},
    "file_types": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "min_changes": {"type": "integer", "minimum": 0},
}
"""Condition keys of a template that the entry gate decides, each with the JSON Schema of its value."""

WITHOUT_FILES = frozenset({"manual", "schedule", "alert"})
SHOWN = 5


def judge_event(conditions: Mapping[str, Any], event: Mapping[str, Any]) -> Verdict:
    """Judge the normalised *event* (with its ``type``) by the entry *conditions* of a template."""
    if not conditions:
        return Verdict("pass", ())
    listed = event.get("files")
    if not isinstance(listed, list):
        return together([_unlisted(str(event.get("type", "manual")))])
    paths = [str(each.get("path", "")) for each in listed if isinstance(each, Mapping)]
    return together(_judge(conditions, paths))


def _unlisted(kind: str) -> JudgedReason:
    if kind in WITHOUT_FILES:
        return JudgedReason(
            "no_files", f"An event of type {kind} changes no files; file conditions do not apply.", "skipped"
        )
    return JudgedReason(
        "no_files", f"The {kind} event does not say which files changed, so nothing can be judged.", "inconclusive"
    )


def _judge(conditions: Mapping[str, Any], paths: Sequence[str]) -> Iterator[JudgedReason]:
    patterns = conditions.get("exclude_patterns", [])
    excluded = GitIgnoreSpec.from_lines(patterns)
    counted = [path for path in paths if not excluded.match_file(path)]
    if patterns:
        yield _excluding(patterns, paths, counted)
    if "file_types" in conditions:
        yield _typed(conditions["file_types"], counted)
    if "min_changes" in conditions:
        least = int(conditions["min_changes"])
        enough = len(counted) >= least
        said = f"{len(counted)} counted file(s) changed; at least {least} must."
        yield JudgedReason("min_changes", said, "pass" if enough else "fail", str(least), str(len(counted)))


def _excluding(patterns: Sequence[str], paths: Sequence[str], counted: Sequence[str]) -> JudgedReason:
    left = f"{len(counted)} of {len(paths)} changed file(s) are left after {', '.join(patterns)}"
    if counted:
        return JudgedReason("exclude_patterns", f"{left}.", "pass", "at least one file left", _some(counted))
    return JudgedReason(
        "exclude_patterns", f"{left}: only excluded files changed.", "fail", "at least one file left", _some(paths)
    )


def _typed(types: Sequence[str], counted: Sequence[str]) -> JudgedReason:
    wanted = {each.lower().lstrip(".") for each in types}
    fitting = [path for path in counted if PurePosixPath(path).suffix.lower().lstrip(".") in wanted]
    said = f"{len(fitting)} of {len(counted)} counted file(s) are of type {', '.join(types)}."
    return JudgedReason("file_types", said, "pass" if fitting else "fail", ", ".join(types), _some(fitting or counted))


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return (", ".join(paths[:SHOWN]) or "none") + more
