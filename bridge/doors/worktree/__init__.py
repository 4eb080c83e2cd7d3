"""The only way to git: own git dir and own config, so nothing of a foreign tree ever runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True)
class Checkout:
    """A private work tree at one commit; ``git_dir`` is ours, outside the tree."""

    repository: str
    path: Path
    git_dir: Path
    commit: str
    branch: str | None = None


@dataclass(frozen=True)
class ChangedFile:
    """One file between two revisions; ``added`` are the new side's changed line numbers."""

    path: str
    status: Literal["added", "modified", "deleted", "renamed"]
    old_path: str | None = None
    added: tuple[int, ...] = ()
    removed: int = 0


@dataclass(frozen=True)
class Diff:
    """What changed from ``base`` to ``head`` (full hashes; base None: everything is new)."""

    base: str | None
    head: str
    files: tuple[ChangedFile, ...]
    patch: str


@dataclass(frozen=True)
class Commit:
    """One commit of the history: ``time`` in seconds since 1970, ``files`` the paths it touched."""

    id: str
    title: str
    author: str
    time: int
    files: tuple[str, ...]


class Worktree(Protocol):
    """Git in repositories we do not trust.

    A repository is a path below a root, or an https, ssh or (if allowed) file URL. Raises `NotFound`
    for an unknown repository or revision, `Forbidden` for a refused one, `UpstreamFailed` when the
    remote failed, `TooLarge` and `DeadlineExceeded`.
    """

    async def checkout(self, repository: str, ref: str | None = None, *, depth: int | None = None) -> Checkout:
        """Check out *ref* (default branch when None) into a private tree; clones are cached."""
        ...

    async def diff(self, checkout: Checkout, base: str | None, head: str | None = None) -> Diff:
        """Compare two revisions; head None is the checkout's commit; a base of zeros is the empty tree."""
        ...

    async def show(self, checkout: Checkout, revision: str, path: str) -> bytes:
        """One file's content at a revision."""
        ...

    async def log(self, checkout: Checkout, *, limit: int = 1000, since: str | None = None) -> list[Commit]:
        """Commits that lead to the checkout, newest first."""
        ...

    async def commit(self, checkout: Checkout, branch: str, message: str, changes: Mapping[str, bytes | None]) -> str:
        """Commit *changes* (None deletes) on *branch* and return its hash; nothing is pushed."""
        ...

    async def push(self, checkout: Checkout, branch: str) -> None:
        """Push a branch to the repository it came from."""
        ...

    async def release(self, checkout: Checkout) -> None:
        """Remove the private tree."""
        ...
