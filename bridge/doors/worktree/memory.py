"""A worktree without git, for tests and trials: histories given as lists of trees."""

import difflib
import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bridge.doors.roots.opening import parts_of
from bridge.doors.worktree import ChangedFile, Checkout, Commit, Diff
from bridge.problems import NotFound

Tree = dict[str, bytes]


@dataclass
class MemoryRepository:
    """One repository: commits in order, each a whole tree, and branches that point at them."""

    commits: dict[str, Tree] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)

    def add(self, tree: Mapping[str, bytes], title: str = "", branch: str = "main", parent: str | None = None) -> str:
        """Add a commit on *branch* and return its id."""
        above = parent or self.branches.get(branch)
        identity = hashlib.sha1(f"{sorted(tree.items())}{title}{above}".encode(), usedforsecurity=False).hexdigest()
        self.commits[identity], self.titles[identity], self.parents[identity] = dict(tree), title, above
        self.branches[branch] = identity
        return identity

    def find(self, revision: str | None) -> str:
        """Return the commit that *revision* names."""
        wanted = (revision or "main").removeprefix("refs/heads/").removeprefix("origin/")
        found = self.branches.get(wanted, wanted)
        if found not in self.commits:
            raise NotFound(f"There is no revision {wanted!r} in this repository.")
        return found


class MemoryWorktree:
    """Repositories by name; ``pushed`` records (repository, branch, commit)."""

    def __init__(self, repositories: Mapping[str, MemoryRepository | Sequence[Mapping[str, bytes]]]) -> None:
        self.repositories = {name: _repository(given) for name, given in repositories.items()}
        self.pushed: list[tuple[str, str, str]] = []

    async def checkout(self, repository: str, ref: str | None = None, *, depth: int | None = None) -> Checkout:  # noqa: ARG002
        """Write the tree of *ref* to a private folder."""
        if repository not in self.repositories:
            raise NotFound(f"There is no repository {repository!r}.")
        found = self.repositories[repository]
        commit = found.find(ref)
        place = Path(tempfile.mkdtemp(prefix="tree-"))
        (place / "tree").mkdir()
        for path, content in found.commits[commit].items():
            (place / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (place / "tree" / path).write_bytes(content)
        name = (ref or "main").removeprefix("refs/heads/")
        return Checkout(repository, place / "tree", place / "git", commit, name if name in found.branches else None)

    async def diff(self, checkout: Checkout, base: str | None, head: str | None = None) -> Diff:
        """Compare two trees."""
        found = self.repositories[checkout.repository]
        to = found.find(head or checkout.commit)
        since = None if base is None or not base.strip("0") else found.find(base)
        old, new = (found.commits[since] if since else {}), found.commits[to]
        files, patches = [], []
        for path in sorted(old.keys() | new.keys()):
            if old.get(path) != new.get(path):
                change, patch = _compare(path, old.get(path), new.get(path))
                files.append(change)
                patches.append(patch)
        return Diff(since, to, tuple(files), "".join(patches))

    async def show(self, checkout: Checkout, revision: str, path: str) -> bytes:
        """Return one file of a tree."""
        found = self.repositories[checkout.repository]
        tree = found.commits[found.find(revision)]
        name = "/".join(parts_of(path))
        if name not in tree:
            raise NotFound(f"There is no file {path!r} at {revision}.")
        return tree[name]

    async def log(self, checkout: Checkout, *, limit: int = 1000, since: str | None = None) -> list[Commit]:
        """Return the commits that lead to the checkout."""
        found = self.repositories[checkout.repository]
        stop = found.find(since) if since else None
        here: str | None = checkout.commit
        made: list[Commit] = []
        while here and here != stop and len(made) < limit:
            above = found.parents[here]
            before = found.commits[above] if above else {}
            after = found.commits[here]
            touched = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
            made.append(Commit(here, found.titles[here], "Someone", 0, tuple(touched)))
            here = above
        return made

    async def commit(self, checkout: Checkout, branch: str, message: str, changes: Mapping[str, bytes | None]) -> str:
        """Commit *changes* on *branch*."""
        found = self.repositories[checkout.repository]
        parent = found.branches.get(branch, checkout.commit)
        tree = dict(found.commits[parent])
        for path, content in changes.items():
            name = "/".join(parts_of(path))
            tree.pop(name, None)
            if content is not None:
                tree[name] = content
        return found.add(tree, message.splitlines()[0], branch, parent)

    async def push(self, checkout: Checkout, branch: str) -> None:
        """Record the push."""
        found = self.repositories[checkout.repository]
        if branch not in found.branches:
            raise NotFound(f"There is no branch {branch!r} to push; commit on it first.")
        self.pushed.append((checkout.repository, branch, found.branches[branch]))

    async def release(self, checkout: Checkout) -> None:
        """Remove the private tree."""
        shutil.rmtree(checkout.path.parent, ignore_errors=True)


def _repository(given: MemoryRepository | Sequence[Mapping[str, bytes]]) -> MemoryRepository:
    if isinstance(given, MemoryRepository):
        return given
    made = MemoryRepository()
    for number, tree in enumerate(given):
        made.add(tree, f"Commit {number + 1}")
    return made


def _compare(path: str, old: bytes | None, new: bytes | None) -> tuple[ChangedFile, str]:
    before, after = ((each or b"").decode("utf-8", "replace").splitlines(keepends=True) for each in (old, new))
    added: list[int] = []
    removed = 0
    for kind, a_from, a_to, b_from, b_to in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if kind != "equal":
            added.extend(range(b_from + 1, b_to + 1))
            removed += a_to - a_from
    names = ("/dev/null" if old is None else f"a/{path}", "/dev/null" if new is None else f"b/{path}")
    patch = "".join(difflib.unified_diff(before, after, *names))
    if old is None:
        return ChangedFile(path, "added", None, tuple(added), removed), f"diff --git a/{path} b/{path}\n{patch}"
    status = ChangedFile(path, "deleted" if new is None else "modified", None, tuple(added), removed)
    return status, f"diff --git a/{path} b/{path}\n{patch}"
