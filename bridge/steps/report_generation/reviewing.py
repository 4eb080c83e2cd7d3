"""A report as a code review: one summary, and inline comments only where the diff has lines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from bridge.authoring import code_span, escape_markdown_line, fenced
from bridge.steps.report_generation.blocks import Noted, Report
from bridge.steps.report_generation.markdown import LIMIT, shortened
from bridge.steps.report_generation.noting import whole
from bridge.steps.report_generation.reading import mapping

MARKER = "<!-- n8n-multimodal-bridge:review -->"
_MOST_COMMENTS = 50
_SIGNS = {"critical": "🟣", "high": "🔴", "medium": "🟠", "low": "🔵", "info": "⚪"}


@dataclass(frozen=True)
class Comment:
    """One inline comment on lines ``start`` to ``end`` of the new side of ``path``."""

    path: str
    start: int
    end: int
    body: str
    fingerprint: str
    old_path: str
    old_line: int | None = None


@dataclass(frozen=True)
class Lines:
    """The lines of the new side that a diff shows, by path, each with its number on the old side if it has one.

    ``old_paths`` says where a renamed file came from.
    """

    shown: Mapping[str, Mapping[int, int | None]]
    old_paths: Mapping[str, str]


def lines_of(diff: str) -> Lines:
    """Read a unified diff; a diff that is none shows no line."""
    shown: dict[str, dict[int, int | None]] = {}
    old: dict[str, str] = {}
    try:
        files = list(PatchSet(diff))
    except UnidiffParseError:
        files = []
    for file in files:
        new = [line for hunk in file for line in hunk if line.target_line_no is not None]
        shown[file.path] = {line.target_line_no or 0: line.source_line_no for line in new}
        old[file.path] = re.sub("^a/", "", file.source_file)
    return Lines(shown, {path: name if name != "/dev/null" else path for path, name in old.items()})


def marker_of(fingerprint: str) -> str:
    """The hidden mark by which a comment on this finding is known again."""
    return f"<!-- n8n-multimodal-bridge:{re.sub(r'[^A-Za-z0-9_.:/-]', '', fingerprint)[:80]} -->"


def comments(report: Report, lines: Lines) -> list[Comment]:
    """Inline comments for findings that are new here and stand on lines the diff shows, worst first."""
    fresh = [each for each in report.findings if each.standing in ("", "new", "reopened")]
    found = [made for each in fresh if (made := _comment(each, lines, suggest=report.include_suggestions))]
    return found[:_MOST_COMMENTS]


def _comment(note: Noted, lines: Lines, *, suggest: bool) -> Comment | None:
    place = mapping(note.raw.get("place"))
    path, start = str(place.get("uri") or "").removeprefix("./"), whole(place.get("start_line"))
    shown = lines.shown.get(path, {})
    if start is None or start not in shown:
        return None
    end = max(whole(place.get("end_line")) or start, start)
    while end > start and not all(number in shown for number in range(start, end + 1)):
        end -= 1
    change = _mechanical(note.patch, path) if suggest and note.patch else None
    if change and all(number in shown for number in range(change[0], change[1] + 1)):
        start, end = change[0], change[1]
    else:
        change = None
    body = _body(note, change[2] if change else None, suggest=suggest)
    return Comment(path, start, end, body, note.fingerprint, lines.old_paths.get(path, path), shown[end])


def _mechanical(patch: str, path: str) -> tuple[int, int, str] | None:
    """Return first line, last line and new text of a patch that replaces lines in one place of *path*."""
    try:
        files = list(PatchSet(patch + "\n"))
    except UnidiffParseError:
        return None
    if len(files) != 1 or len(files[0]) != 1 or files[0].path != path:
        return None
    hunk = list(files[0][0])
    touched = [index for index, line in enumerate(hunk) if line.is_added or line.is_removed]
    removed = [line.source_line_no for line in hunk if line.is_removed and line.source_line_no]
    if not removed or any(hunk[index].is_context for index in range(touched[0], touched[-1] + 1)):
        return None
    return removed[0], removed[-1], "".join(line.value for line in hunk if line.is_added).rstrip("\n")


def _body(note: Noted, change: str | None, *, suggest: bool) -> str:
    said = [
        f"{marker_of(note.fingerprint)}\n{_SIGNS[note.severity]} **{escape_markdown_line(note.message)}**",
        str(escape_markdown_line(note.help)),
        str(escape_markdown_line(note.suggestion)) if suggest else "",
        str(fenced(change, "suggestion")) if change is not None else "",
        " · ".join([str(code_span(note.rule_id)), *(str(escape_markdown_line(each)) for each in note.cwe)]),
    ]
    return "\n\n".join(each for each in said if each)[: LIMIT - 100]


def summary(text: str, link: str) -> str:
    """The body of the one summary comment."""
    return f"{MARKER}\n{shortened(text, link, LIMIT - len(MARKER) - 1)}"


def for_github(found: Sequence[Comment], commit: str) -> dict[str, Any]:
    """The body of GitHub's "create a review" call."""
    said = f"{len(found)} new findings on the changed lines; the summary comment has the whole report."
    body: dict[str, Any] = {"event": "COMMENT", "body": said, "comments": [_github(each) for each in found]}
    return {**body, "commit_id": commit} if commit else body


def _github(each: Comment) -> dict[str, Any]:
    one = {"path": each.path, "line": each.end, "side": "RIGHT", "body": each.body}
    return {**one, "start_line": each.start, "start_side": "RIGHT"} if each.start < each.end else one


def for_gitlab(found: Sequence[Comment], refs: Mapping[str, str]) -> list[dict[str, Any]]:
    """The bodies of GitLab's "create a discussion" calls; *refs* are base_sha, start_sha and head_sha."""
    return [
        {
            "body": each.body.replace("```suggestion", f"```suggestion:-{each.end - each.start}+0"),
            "position": {
                "position_type": "text",
                **refs,
                "old_path": each.old_path,
                "new_path": each.path,
                "new_line": each.end,
                **({"old_line": each.old_line} if each.old_line else {}),
            },
        }
        for each in found
    ]
