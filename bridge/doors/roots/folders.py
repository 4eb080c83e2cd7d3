"""Roots over the real file system: every path is opened beneath a root by the kernel, never by its name."""

import asyncio
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from bridge.doors.roots import Entry, Snapshot
from bridge.doors.roots.opening import check_regular, open_beneath, parts_of, read_all
from bridge.doors.roots.walking import files_below
from bridge.problems import Forbidden, NotFound, TooLarge, Unusable

T = TypeVar("T")
_MOST_FILES = 200_000


class FolderRoots:
    """Files below *roots*; snapshots stand in *private*. ``portable`` forces the walk without openat2."""

    def __init__(self, roots: Sequence[str | Path], private: Path, *, portable: bool = False) -> None:
        self._names = [Path(each).expanduser().absolute() for each in roots]
        self._private = private
        self._portable = portable

    async def read(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """Return the whole content of one regular file."""

        def read() -> bytes:
            with self._open(path) as opened:
                return read_all(opened, path, max_bytes)

        return await self._aside(read)

    async def entries(self, folder: str, *, patterns: Sequence[str] = (), limit: int = 10_000) -> list[Entry]:
        """List regular files below *folder*."""

        def entries() -> list[Entry]:
            found: list[Entry] = []
            with self._open(folder, folder=True) as opened:
                for each in files_below(opened, patterns):
                    if len(found) >= limit:
                        break
                    found.append(Entry(each.path, each.size))
            return found

        return await self._aside(entries)

    async def is_folder(self, path: str) -> bool:
        """Whether *path* is a folder (True) or a regular file (False)."""

        def is_folder() -> bool:
            with self._open(path) as opened:
                if stat.S_ISDIR(os.fstat(opened).st_mode):
                    return True
                check_regular(opened, path, None)
                return False

        return await self._aside(is_folder)

    async def snapshot(self, path: str, *, max_bytes: int | None = None) -> Snapshot:
        """Copy one file or folder to a private place."""

        def snapshot() -> Snapshot:
            self._private.mkdir(parents=True, exist_ok=True)
            place = Path(tempfile.mkdtemp(prefix="snapshot-", dir=self._private))
            try:
                with self._open(path) as opened:
                    if stat.S_ISDIR(os.fstat(opened).st_mode):
                        return _copy_folder(opened, place, path, max_bytes)
                    return _copy_file(opened, place, path, max_bytes)
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise

        return await self._aside(snapshot)

    async def release(self, snapshot: Snapshot) -> None:
        """Remove a snapshot."""
        place = snapshot.path.parent
        if place.parent == self._private and place.name.startswith("snapshot-"):
            await self._aside(lambda: shutil.rmtree(place, ignore_errors=True))

    async def write(self, path: str, content: bytes) -> None:
        """Write one file atomically."""

        def write() -> None:
            root, relative = self._split(path)
            *above, name = parts_of(relative) or [""]
            if not name:
                raise Forbidden(f"{path[:200]!a} is a root, not a file.")
            with self._descriptor(root) as base:
                folder = open_beneath(base, "/".join(above) or ".", folder=True, portable=self._portable)
                try:
                    _write_in(folder, name, content)
                finally:
                    os.close(folder)

        await self._aside(write)

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)

    @contextmanager
    def _open(self, path: str, *, folder: bool = False) -> Iterator[int]:
        root, relative = self._split(path)
        with self._descriptor(root) as base:
            opened = open_beneath(base, relative, folder=folder, portable=self._portable)
            try:
                yield opened
            finally:
                os.close(opened)

    def _split(self, path: str) -> tuple[Path, str]:
        """Find the root that *path* is below, and the rest of it; pure text, the kernel checks the rest."""
        if not self._names:
            raise Unusable("No folder is open to steps. Set BRIDGE_ROOTS to the folders they may read.")
        if not path.startswith("/"):
            return self._names[0], path
        for root in sorted(self._names, key=lambda each: -len(str(each))):
            if path == str(root):
                return root, "."
            if path.startswith(f"{root}/"):
                return root, path[len(str(root)) + 1 :] or "."
        raise Forbidden(f"The path {path[:200]!a} is outside the configured roots (BRIDGE_ROOTS).")

    @contextmanager
    def _descriptor(self, root: Path) -> Iterator[int]:
        try:
            opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            raise NotFound(f"The configured root {root} is not there.") from None
        try:
            yield opened
        finally:
            os.close(opened)


def _write_in(folder: int, name: str, content: bytes) -> None:
    """Write beside the target and rename, so that a link or device of that name is replaced, never followed."""
    if _is_folder_in(folder, name):
        raise Forbidden(f"{name!a} is a folder; it is not overwritten.")
    beside = f".{hashlib.sha256(os.urandom(16)).hexdigest()[:16]}.tmp"
    made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=folder)
    try:
        with os.fdopen(made, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(beside, dir_fd=folder)
        raise


def _is_folder_in(folder: int, name: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _copy_file(opened: int, place: Path, path: str, max_bytes: int | None) -> Snapshot:
    content = read_all(opened, path, max_bytes)
    copy = place / (Path(path).name or "file")
    copy.write_bytes(content)
    copy.chmod(0o444)
    return Snapshot(copy, path, len(content), hashlib.sha256(content).hexdigest())


def _copy_folder(opened: int, place: Path, path: str, max_bytes: int | None) -> Snapshot:
    copy, total = place / "tree", 0
    copy.mkdir()
    for count, found in enumerate(files_below(opened, ignoring=False)):
        total += _copy_found(found.open(), copy / found.path, None if max_bytes is None else max_bytes - total)
        if count >= _MOST_FILES:
            raise TooLarge(f"{path[:200]!a} holds more than {_MOST_FILES} files.")
    return Snapshot(copy, path, total)


def _copy_found(opened: int, target: Path, left: int | None) -> int:
    try:
        content = read_all(opened, target.name, left)
        executable = bool(os.fstat(opened).st_mode & 0o100)
    finally:
        os.close(opened)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    target.chmod(0o755 if executable else 0o644)
    return len(content)
