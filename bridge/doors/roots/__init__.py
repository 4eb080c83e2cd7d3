"""The only way to a path that came from outside: it names a file under a configured root, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """One regular file below a root: ``path`` relative to the folder listed, ``size`` in bytes."""

    path: str
    size: int


@dataclass(frozen=True)
class Snapshot:
    """A private copy of a file or folder, safe to hand to a library; removed by `Roots.release`."""

    path: Path
    source: str
    size: int
    sha256: str = ""


class Roots(Protocol):
    """Files below the configured roots (setting BRIDGE_ROOTS).

    A path is absolute and below a root, or relative to the first root. Every verb raises `NotFound`
    for what is not there, `Forbidden` for what is outside, no regular file or a hard link to the
    outside, and `TooLarge` over ``max_bytes``. None blocks the event loop.
    """

    async def read(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """Return the whole content of one regular file."""
        ...

    async def entries(self, folder: str, *, patterns: Sequence[str] = (), limit: int = 10_000) -> list[Entry]:
        """List regular files below *folder* by gitignore-style *patterns*, ignore files respected."""
        ...

    async def is_folder(self, path: str) -> bool:
        """Whether *path* is a folder (True) or a regular file (False)."""
        ...

    async def snapshot(self, path: str, *, max_bytes: int | None = None) -> Snapshot:
        """Copy one file, or a folder without links and special files, to a private place."""
        ...

    async def release(self, snapshot: Snapshot) -> None:
        """Remove a snapshot."""
        ...

    async def write(self, path: str, content: bytes) -> None:
        """Write one file atomically; its folder must exist."""
        ...
