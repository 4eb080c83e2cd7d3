"""Where files to index come from: a folder below a root, or a private checkout of a repository."""

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from bridge.doors.roots import Roots
from bridge.problems import Forbidden, Issue, NotFound, TooLarge
from bridge.retrieval.indexing import LARGEST_FILE, Source, digest_of

UNINTERESTING = frozenset(
    [".git", ".hg", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache", ".pytest_cache",
     ".ruff_cache",
     "vendor"]
)  # fmt: skip


async def sources_in_folder(roots: Roots, folder: str, *, limit: int = 50_000) -> tuple[list[Source], list[Issue]]:
    """Every text file below *folder* that ignore files do not exclude, and what was left out."""
    sources: list[Source] = []
    issues: list[Issue] = []
    for entry in await roots.entries(folder, limit=limit):
        if UNINTERESTING & set(entry.path.split("/")):
            continue
        if entry.size > LARGEST_FILE:
            issues.append(Issue("skipped", entry.path, f"{entry.path} is larger than {LARGEST_FILE // 1_000_000} MB."))
            continue
        try:
            content = await roots.read(f"{folder.rstrip('/')}/{entry.path}", max_bytes=LARGEST_FILE)
        except (NotFound, Forbidden, TooLarge) as problem:
            issues.append(Issue(problem.code, entry.path, str(problem)))
            continue
        sources.append(_source(entry.path, content))
    return sources, issues


async def sources_in_tree(tree: Path) -> list[Source]:
    """Every regular file of a private checkout; links are not followed."""
    found = await asyncio.to_thread(lambda: list(_walk(tree)))
    return [_source(path, content) for path, content in found]


def _walk(tree: Path) -> Iterator[tuple[str, bytes]]:
    for folder, names, files in os.walk(tree, followlinks=False):
        names[:] = sorted(name for name in names if name not in UNINTERESTING)
        for name in sorted(files):
            content = _regular(Path(folder) / name)
            if content is not None:
                yield (Path(folder) / name).relative_to(tree).as_posix(), content


def _regular(path: Path) -> bytes | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(handle)
        return file.read(LARGEST_FILE) if stat.S_ISREG(facts.st_mode) and facts.st_size <= LARGEST_FILE else None


def _source(path: str, content: bytes) -> Source:
    return Source(path, digest_of(content), len(content), _already(content))


def _already(content: bytes) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        return content

    return read
