"""Unified diffs: each file's new side is judged, and only on the lines the diff adds."""

from dataclasses import replace
from pathlib import Path

from unidiff import PatchedFile, PatchSet, UnidiffParseError

from bridge.documents import Place
from bridge.doors.analysers.code import judge
from bridge.doors.analysers.limits import MAX_CODE
from bridge.doors.analysers.sorting import LANGUAGES, decode
from bridge.doors.analysers.tasks import Found, Task
from bridge.problems import Issue


def read(task: Task, found: Found) -> None:
    """Read one diff."""
    text = decode(Path(task.path).read_bytes()[:MAX_CODE]) or ""
    try:
        patch = PatchSet(text)
    except UnidiffParseError as error:
        found.issues.append(Issue("broken_diff", task.uri, f"The diff cannot be read: {error}."))
        return
    files = []
    for each in patch:
        files.append({"path": each.path, "added": each.added, "removed": each.removed})
        _judge_file(each, task, found)
    found.metadata.update(
        files=files, added=sum(each.added for each in patch), removed=sum(each.removed for each in patch)
    )


def _judge_file(file: PatchedFile, task: Task, found: Found) -> None:
    if file.is_binary_file or file.is_removed_file:
        return
    lines: list[str] = []
    added = []
    for hunk in file:
        lines += [""] * (hunk.target_start - 1 - len(lines))
        for line in hunk:
            if line.is_removed or line.target_line_no is None:
                continue
            lines.append(line.value.rstrip("\r\n"))
            if line.is_added:
                added.append(line.target_line_no)
    if task.content:
        _segments(file, found)
    language = LANGUAGES.get(Path(file.path).suffix.lower().lstrip("."), "")
    part = Found()
    judge(
        "\n".join(lines),
        replace(task, uri=file.path, content=False, changed=tuple(added), options={"language": language}),
        part,
    )
    found.findings.extend(part.findings)


def _segments(file: PatchedFile, found: Found) -> None:
    for hunk in file:
        end = hunk.target_start + max(hunk.target_length - 1, 0)
        place = Place(file.path, max(hunk.target_start, 1), max(end, 1), symbol=hunk.section_header or None)
        found.add("diff", str(hunk), place)
