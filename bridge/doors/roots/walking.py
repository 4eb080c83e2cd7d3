"""Walk a folder below a root without following links, leaving out what ignore files name."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

from bridge.doors.roots.opening import read_all
from bridge.problems import Problem

_IGNORE_FILES = (".gitignore", ".bridgeignore")
_DEEPEST = 64
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True)
class Found:
    """One regular file: its path below the walked folder, and a way to open it while the walk stands there."""

    path: str
    size: int
    folder: int
    name: str

    def open(self) -> int:
        """Open the file for reading; it cannot be a link, and a FIFO does not block."""
        return os.open(self.name, _FILE, dir_fd=self.folder)


def files_below(folder: int, patterns: Sequence[str] = (), *, ignoring: bool = True) -> Iterator[Found]:
    """Yield regular files with one name below *folder*, in order of their paths."""
    wanted = GitIgnoreSpec.from_lines(patterns) if patterns else None
    for found in _walk(folder, "", [], ignoring=ignoring):
        if wanted is None or wanted.match_file(found.path):
            yield found


def _walk(folder: int, prefix: str, ignores: list[tuple[str, GitIgnoreSpec]], *, ignoring: bool) -> Iterator[Found]:
    if prefix.count("/") > _DEEPEST:
        return
    inside = [*ignores, *_ignores_of(folder, prefix)] if ignoring else []
    for name in sorted(os.listdir(folder)):
        path = prefix + name
        try:
            about = os.stat(name, dir_fd=folder, follow_symlinks=False)
            path.encode()
        except (OSError, UnicodeEncodeError):
            continue
        if name.lower() == ".git" or _ignored(path, about, inside):
            continue
        if stat.S_ISDIR(about.st_mode):
            yield from _enter(folder, name, path, inside, ignoring=ignoring)
        elif stat.S_ISREG(about.st_mode) and about.st_nlink == 1:
            yield Found(path, about.st_size, folder, name)


def _enter(
    folder: int, name: str, path: str, ignores: list[tuple[str, GitIgnoreSpec]], *, ignoring: bool
) -> Iterator[Found]:
    try:
        inner = os.open(name, _FOLDER, dir_fd=folder)
    except OSError:
        return
    try:
        if os.fstat(inner).st_dev == os.fstat(folder).st_dev:
            yield from _walk(inner, f"{path}/", ignores, ignoring=ignoring)
    finally:
        os.close(inner)


def _ignores_of(folder: int, prefix: str) -> Iterator[tuple[str, GitIgnoreSpec]]:
    for name in _IGNORE_FILES:
        try:
            opened = os.open(name, _FILE, dir_fd=folder)
        except OSError:
            continue
        try:
            lines = read_all(opened, name, 1_000_000).decode("utf-8", "replace").splitlines()
            yield prefix, GitIgnoreSpec.from_lines(lines)
        except (Problem, ValueError):
            continue
        finally:
            os.close(opened)


def _ignored(path: str, about: os.stat_result, ignores: list[tuple[str, GitIgnoreSpec]]) -> bool:
    shown = f"{path}/" if stat.S_ISDIR(about.st_mode) else path
    verdict = False
    for prefix, spec in ignores:
        decided = spec.check_file(shown.removeprefix(prefix)).include
        verdict = verdict if decided is None else decided
    return verdict
