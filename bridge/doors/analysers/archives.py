"""Archives: listed, and their members analysed within limits that are kept while unpacking, not before."""

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from bridge.doors.analysers.limits import MAX_PARTS, MAX_RATIO, MAX_UNPACKED, MEGABYTE
from bridge.doors.analysers.office.packages import too_much
from bridge.doors.analysers.tasks import Found, Part, Task
from bridge.problems import Issue

LISTED = 2_000
CHUNK = 1 << 16


class Unpacked:
    """Counts what has been unpacked; says when it is too much for the size of the archive."""

    def __init__(self, packed: int) -> None:
        self._left = min(MAX_UNPACKED, MEGABYTE + MAX_RATIO * packed)

    def take(self, size: int) -> bool:
        """Whether *size* more bytes are within the limits."""
        self._left -= size
        return self._left >= 0


def read(task: Task, found: Found) -> None:
    """List an archive and hand its members on."""
    count = Unpacked(Path(task.path).stat().st_size)
    try:
        if zipfile.is_zipfile(task.path):
            _zip(task, found, count)
        else:
            _tar(task, found, count)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        _stop(found, task, "unreadable", f"The archive is damaged: {error}.")


def _stop(found: Found, task: Task, code: str, words: str) -> None:
    found.issues.append(Issue(code, task.uri, words))


def _zip(task: Task, found: Found, count: Unpacked) -> None:
    with zipfile.ZipFile(task.path) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        _list(found, ((each.filename, each.file_size) for each in members))
        if words := too_much(members):
            _stop(found, task, "too_large", words)
            return
        if any(each.flag_bits & 1 for each in members):
            _stop(found, task, "encrypted", "Members of the archive are encrypted; remove the password first.")
        for each in (member for member in members[:MAX_PARTS] if not member.flag_bits & 1):
            with archive.open(each) as packed:
                fits = _unpack(packed, each.filename, task, found, count)
            if not fits:
                return


def _tar(task: Task, found: Found, count: Unpacked) -> None:
    listed: list[tuple[str, int]] = []
    with tarfile.open(task.path, "r|*") as archive:
        for member in archive:
            if not member.isfile():
                continue
            listed.append((member.name, member.size))
            # Passing over a member unpacks it too, so it counts before it is opened.
            packed: Any = archive.extractfile(member) if len(found.parts) < MAX_PARTS else None
            fits = _unpack(packed, member.name, task, found, count) if packed else count.take(member.size)
            if not fits or len(listed) >= LISTED:
                break
    _list(found, iter(listed))


def _list(found: Found, members: Iterator[tuple[str, int]]) -> None:
    names = [{"name": name[:500], "size": size} for name, size in members]
    found.metadata.update(members=names[:LISTED], member_count=len(names))


def _unpack(packed: IO[bytes], name: str, task: Task, found: Found, count: Unpacked) -> bool:
    target = Path(task.scratch) / f"{Path(task.path).name}-member-{len(found.parts)}"
    with target.open("wb") as file:
        whole = _copy(packed, file, count)
    if not whole:
        words = f"Unpacking ended at {name[:200]}: the archive grows beyond its limits."
        _stop(found, task, "too_large", words)
        target.unlink()
        return False
    found.parts.append(Part(str(target), f"{task.uri}!/{name[:500]}"))
    return True


def _copy(packed: IO[bytes], file: IO[bytes], count: Unpacked) -> bool:
    while block := packed.read(CHUNK):
        if not count.take(len(block)):
            return False
        file.write(block)
    return True
