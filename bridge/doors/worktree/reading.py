"""Read what git prints: change lists, patches, logs and trees."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from bridge.doors.worktree import ChangedFile, Commit

Status = Literal["added", "modified", "deleted", "renamed"]
_STATUS: dict[str, Status] = {
    "A": "added",
    "M": "modified",
    "T": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "added",
}
_HUNK = re.compile(rb"^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def read_changes(raw: bytes, patch: bytes) -> tuple[ChangedFile, ...]:
    """Join ``diff --raw -z`` and ``diff --patch -U0``; both list the files in one order."""
    sections = re.split(rb"(?m)^diff --git ", patch)[1:]
    changes = list(_read_raw(raw))
    counted = [_count(section) for section in sections]
    if len(counted) != len(changes):
        counted = [((), 0)] * len(changes)
    return tuple(
        ChangedFile(path, status, old, added, removed)
        for (path, status, old), (added, removed) in zip(changes, counted, strict=True)
    )


def _read_raw(raw: bytes) -> Iterator[tuple[str, Status, str | None]]:
    parts = iter(raw.split(b"\0"))
    for head in parts:
        if not head.startswith(b":"):
            continue
        letter = head.split()[-1][:1].decode()
        first = _name(next(parts))
        if letter in "RC":
            yield _name(next(parts)), _STATUS[letter], first if letter == "R" else None
        else:
            yield first, _STATUS.get(letter, "modified"), None


def _count(section: bytes) -> tuple[tuple[int, ...], int]:
    added: list[int] = []
    removed = 0
    for line in section.splitlines():
        if hunk := _HUNK.match(line):
            removed += int(hunk[1] or 1)
            start, length = int(hunk[2]), int(hunk[3] or 1)
            added.extend(range(start, start + length))
    return tuple(added), removed


def read_log(raw: bytes) -> list[Commit]:
    """Read ``log -z --name-only --format=%x01%H%x02%at%x02%an%x02%s``."""
    commits = []
    for record in raw.split(b"\1")[1:]:
        head, _, names = record.partition(b"\0") if b"\0" in record else record.partition(b"\n")
        identity, when, author, title = (head.split(b"\2", 3) + [b""] * 4)[:4]
        files = tuple(_name(each.strip(b"\n")) for each in names.split(b"\0") if each.strip(b"\n"))
        commits.append(Commit(identity.decode(), _name(title.strip()), _name(author), int(when or 0), files))
    return commits


def read_tree(raw: bytes) -> Sequence[tuple[str, int, str]]:
    """Read ``ls-tree -r -l -z`` as (mode, size, path)."""
    found = []
    for line in raw.split(b"\0"):
        if line:
            head, _, name = line.partition(b"\t")
            mode, _, _, size = head.split()
            found.append((mode.decode(), int(size) if size.isdigit() else 0, _name(name)))
    return found


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
