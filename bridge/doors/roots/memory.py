"""Roots in memory, for tests and trials: a mapping from path to content, under the same rules."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from bridge.doors.roots import Entry, Snapshot
from bridge.doors.roots.opening import parts_of
from bridge.problems import Forbidden, NotFound, TooLarge


class MemoryRoots:
    """Files in a mapping; ``root`` is the one absolute folder they seem to be in."""

    def __init__(self, files: Mapping[str, bytes] | None = None, root: str = "/root-in-memory") -> None:
        self.files: dict[str, bytes] = dict(files or {})
        self._root = root

    async def read(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """Return the whole content of one file."""
        name = self._name(path)
        if self._below(name):
            raise Forbidden(f"{path!a} is a folder, not a file.")
        if name not in self.files:
            raise NotFound(f"There is no {path!a} below the configured roots.")
        return self._within(self.files[name], path, max_bytes)

    async def entries(self, folder: str, *, patterns: Sequence[str] = (), limit: int = 10_000) -> list[Entry]:
        """List files below *folder*; ignore files at its top are respected."""
        below = self._below(self._name(folder))
        if not below:
            raise NotFound(f"There is no folder {folder!a}.")
        wanted = GitIgnoreSpec.from_lines(patterns)
        ignored = GitIgnoreSpec.from_lines(below.get(".gitignore", b"").decode().splitlines())
        chosen = sorted(path for path in below if (not patterns or wanted.match_file(path)))
        return [Entry(path, len(below[path])) for path in chosen if not ignored.match_file(path)][:limit]

    async def is_folder(self, path: str) -> bool:
        """Whether *path* is a folder."""
        name = self._name(path)
        if self._below(name):
            return True
        await self.read(path)
        return False

    async def snapshot(self, path: str, *, max_bytes: int | None = None) -> Snapshot:
        """Copy one file or folder to a private place on disk."""
        name = self._name(path)
        below = self._below(name)
        place = Path(tempfile.mkdtemp(prefix="snapshot-"))
        if not below:
            content = await self.read(path, max_bytes=max_bytes)
            (place / Path(name).name).write_bytes(content)
            return Snapshot(place / Path(name).name, path, len(content), hashlib.sha256(content).hexdigest())
        self._within(b"".join(below.values()), path, max_bytes)
        for inner, content in below.items():
            (place / "tree" / inner).parent.mkdir(parents=True, exist_ok=True)
            (place / "tree" / inner).write_bytes(content)
        return Snapshot(place / "tree", path, sum(map(len, below.values())))

    async def release(self, snapshot: Snapshot) -> None:
        """Remove a snapshot."""
        shutil.rmtree(snapshot.path.parent, ignore_errors=True)

    async def write(self, path: str, content: bytes) -> None:
        """Write one file; its folder must exist."""
        name = self._name(path)
        above = name.rpartition("/")[0]
        if above and not self._below(above):
            raise NotFound(f"There is no folder for {path!a}.")
        self.files[name] = content

    def _name(self, path: str) -> str:
        if path == self._root:
            return ""
        if path.startswith("/") and not path.startswith(f"{self._root}/"):
            raise Forbidden(f"The path {path!a} is outside the configured roots (BRIDGE_ROOTS).")
        return "/".join(parts_of(path.removeprefix(f"{self._root}/")))

    def _below(self, folder: str) -> dict[str, bytes]:
        prefix = f"{folder}/" if folder else ""
        return {path[len(prefix) :]: content for path, content in self.files.items() if path.startswith(prefix)}

    @staticmethod
    def _within(content: bytes, path: str, max_bytes: int | None) -> bytes:
        if max_bytes is not None and len(content) > max_bytes:
            raise TooLarge(f"{path!a} has {len(content)} bytes; at most {max_bytes} are read.")
        return content
