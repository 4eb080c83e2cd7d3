"""From the given source - upload, path, glob, text, address or git range - to private copies of files."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from bridge.authoring import (
    Checkout,
    Diff,
    Fetcher,
    Files,
    Issue,
    Problem,
    Roots,
    Subject,
    TooLarge,
    Unusable,
    UpstreamFailed,
    Worktree,
)
from bridge.generated.models.multimodal_analysis import MultimodalAnalysisInput

MAX_FILES = 2_000
MAX_FILE = 200_000_000
MAX_FOLDER = 2_000_000_000
SKIPPED = {
    ".git",
    "node_modules",
    "__pycache__",
    ".venv",
    "venv",
    "dist",
    "build",
    ".mypy_cache",
    ".ruff_cache",
    "target",
    "vendor",
}
GLOB = frozenset("*?[")


@dataclass
class Gathered:
    """The files to analyse, how the source is called in the result, and what had to be left out."""

    subjects: list[Subject] = field(default_factory=list)
    name: str = ""
    issues: list[Issue] = field(default_factory=list)
    revision: dict[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def gathering(
    given: MultimodalAnalysisInput, *, files: Files, roots: Roots, fetcher: Fetcher, worktree: Worktree
) -> AsyncIterator[Gathered]:
    """Yield what the input names; the copies are removed afterwards."""
    async with AsyncExitStack() as kept:
        if given.file is not None:
            upload = await files.open(given.file)
            yield Gathered([Subject(upload.path, upload.name or "file")], upload.name)
        elif given.file_path is not None:
            yield await _from_path(given.file_path, roots, kept)
        elif given.url is not None:
            yield await _from_url(given.url, fetcher, kept)
        elif given.repository is not None:
            yield await _from_repository(given, worktree, kept)
        else:
            raw = (given.text or "").encode("utf-8", "replace")
            yield Gathered([Subject(await _kept(raw, kept), given.document_name or "text")], given.document_name or "")


async def _kept(raw: bytes, kept: AsyncExitStack) -> Path:
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="bridge-subject-"))
    kept.push_async_callback(asyncio.to_thread, shutil.rmtree, folder, ignore_errors=True)
    path = folder / "content"
    await asyncio.to_thread(path.write_bytes, raw)
    return path


async def _from_url(url: str, fetcher: Fetcher, kept: AsyncExitStack) -> Gathered:
    fetched = await fetcher.fetch(url, max_bytes=MAX_FILE, timeout=120)
    if fetched.status != 200:
        raise UpstreamFailed(f"{url} answered with status {fetched.status}; nothing was analyzed.")
    name = unquote(PurePosixPath(urlsplit(fetched.url).path).name) or "index.html"
    return Gathered([Subject(await _kept(fetched.body, kept), name)], url)


async def _from_path(path: str, roots: Roots, kept: AsyncExitStack) -> Gathered:
    folder, pattern = _split_glob(path)
    if not pattern and not await roots.is_folder(path):
        copy = await roots.snapshot(path, max_bytes=MAX_FILE)
        kept.push_async_callback(roots.release, copy)
        return Gathered([Subject(copy.path, path)], path)
    entries = await roots.entries(folder, patterns=[pattern] if pattern else [], limit=10_000)
    chosen = [each for each in entries if not SKIPPED & set(PurePosixPath(each.path).parts)]
    gathered = Gathered([], path)
    total = 0
    for entry in sorted(chosen, key=lambda each: each.path):
        total += entry.size
        if len(gathered.subjects) >= MAX_FILES or total > MAX_FOLDER:
            left = len(chosen) - len(gathered.subjects)
            gathered.issues.append(
                Issue("cut", path, f"{left} of {len(chosen)} files are left out: the limit is {MAX_FILES}.")
            )
            break
        await _take(PurePosixPath(folder) / entry.path, roots, kept, gathered)
    if not gathered.subjects and not gathered.issues:
        raise Unusable(f"There is no file to analyze in {path}. Give a folder with files, or another pattern.")
    return gathered


async def _take(path: PurePosixPath, roots: Roots, kept: AsyncExitStack, gathered: Gathered) -> None:
    try:
        copy = await roots.snapshot(str(path), max_bytes=MAX_FILE)
    except Problem as problem:
        gathered.issues.append(Issue(problem.code.replace("-", "_"), str(path), str(problem)))
        return
    kept.push_async_callback(roots.release, copy)
    gathered.subjects.append(Subject(copy.path, str(path)))


def _split_glob(path: str) -> tuple[str, str]:
    parts = PurePosixPath(path).parts
    for number, part in enumerate(parts):
        if GLOB & set(part):
            return str(PurePosixPath(*parts[:number])) if number else ".", "/".join(parts[number:])
    return path, ""


async def _from_repository(given: MultimodalAnalysisInput, worktree: Worktree, kept: AsyncExitStack) -> Gathered:
    """The files that changed since ``base``, judged on their changed lines; without a base, all files."""
    repository = str(given.repository)
    checkout = await worktree.checkout(repository, given.ref or None)
    kept.push_async_callback(worktree.release, checkout)
    base = given.base
    gathered = Gathered(
        [], repository, [], {"head": checkout.commit, "base": base} if base else {"head": checkout.commit}
    )
    if base:
        _add_changed(await worktree.diff(checkout, base), checkout, gathered)
    else:
        gathered.subjects = await asyncio.to_thread(_all_files, checkout.path)
    _limit(gathered, repository)
    return gathered


def _add_changed(diff: Diff, checkout: Checkout, gathered: Gathered) -> None:
    for each in diff.files:
        path = checkout.path / each.path
        if each.status == "deleted" or path.is_symlink() or not path.is_file():
            continue
        gathered.subjects.append(Subject(path, each.path, frozenset(each.added) if each.added else None))


def _all_files(tree: Path) -> list[Subject]:
    found = []
    for path in sorted(tree.rglob("*")):
        inner = path.relative_to(tree)
        if path.is_symlink() or not path.is_file() or SKIPPED & set(inner.parts):
            continue
        found.append(Subject(path, inner.as_posix()))
    return found


def _limit(gathered: Gathered, name: str) -> None:
    if len(gathered.subjects) > MAX_FILES:
        words = f"{len(gathered.subjects) - MAX_FILES} of {len(gathered.subjects)} files are left out."
        gathered.issues.append(Issue("cut", name, words))
        del gathered.subjects[MAX_FILES:]
    for each in list(gathered.subjects):
        if each.path.stat().st_size > MAX_FILE:
            gathered.subjects.remove(each)
            gathered.issues.append(
                Issue("too_large", each.uri, str(TooLarge(f"{each.uri} is larger than {MAX_FILE} bytes.")))
            )
