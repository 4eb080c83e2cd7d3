"""What has to change in the index: compared by content, in batches, with progress."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from bridge.doors.search import Batch, Chunk, FileFacts, Filter, IndexedFile, Search
from bridge.problems import Issue
from bridge.retrieval.chunking import CHUNKER_VERSION, chunk_file, language_of
from bridge.retrieval.tokens import boosted, path_stream

BATCH_FILES = 400
BATCH_BYTES = 8_000_000
LARGEST_FILE = 2_000_000
PARALLEL_FROM = 300
"""Files from which a second process pays for its start."""


@dataclass(frozen=True)
class Source:
    """One file that should be in the index: its bytes are read when they are needed."""

    path: str
    digest: str
    size: int
    read: Callable[[], Awaitable[bytes]]
    modified: float = 0.0


@dataclass
class Indexed:
    """What an indexing run did; ``issues`` name what was skipped and why."""

    added: int = 0
    unchanged: int = 0
    removed: int = 0
    bytes: int = 0
    generation: int = 0
    issues: list[Issue] = field(default_factory=list)


def tokenize(body: str, file: FileFacts, chunk: Chunk) -> str:
    """The token stream of a stored chunk, for an index that has to be rebuilt."""
    return boosted(body, path_stream(file.path), chunk.symbol)


def digest_of(content: str | bytes) -> str:
    """Identifies content together with the way it is cut."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return f"{CHUNKER_VERSION}:{hashlib.sha256(raw).hexdigest()[:32]}"


def prepared(repo: str, path: str, digest: str, content: bytes, modified: float) -> IndexedFile | str:
    """Cut one file into chunks, or say why it is skipped. Runs in a worker process for large sources."""
    if len(content) > LARGEST_FILE:
        return f"is larger than {LARGEST_FILE // 1_000_000} MB"
    if b"\0" in content[:8000]:
        return "is binary; analyze it with Multimodal Analysis and index the result"
    text = content.decode("utf-8", "replace")
    language = language_of(path)
    return IndexedFile(repo, path, text, digest, chunk_file(path, text, language), language, "text/plain", modified)


async def index_sources(
    search: Search,
    repo: str,
    sources: Sequence[Source],
    *,
    said: Callable[[float, str], None] = lambda *_: None,
    prune: bool = True,
) -> Indexed:
    """Bring the part of the index named *repo* up to *sources*; only what changed is read and written."""
    known = {facts.path: digest for facts, digest in await search.files(Filter(repos=(repo,))) if not facts.touches}
    wanted = {each.path for each in sources}
    changed = [each for each in sources if known.get(each.path) != each.digest]
    gone = [(repo, path) for path in sorted(known.keys() - wanted)] if prune else []
    result = Indexed(unchanged=len(sources) - len(changed), removed=len(gone))
    if gone:
        result.generation = await search.apply(Batch(deletes=tuple(gone)))
    total = sum(each.size for each in changed) or 1
    async for files, batch_bytes in _prepared_batches(repo, changed, result):
        result.generation = await search.apply(Batch(adds=tuple(files)))
        result.added += len(files)
        result.bytes += batch_bytes
        said(min(1.0, result.bytes / total), f"{result.added} of {len(changed)} files indexed")
    return result


async def _prepared_batches(
    repo: str, sources: Sequence[Source], result: Indexed
) -> AsyncIterator[tuple[list[IndexedFile], int]]:
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn")) if len(sources) >= PARALLEL_FROM else None
    try:
        for batch in _batches(sources):
            yield await _prepared(repo, batch, pool, result)
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


async def _prepared(
    repo: str, batch: Sequence[Source], pool: ProcessPoolExecutor | None, result: Indexed
) -> tuple[list[IndexedFile], int]:
    loop = asyncio.get_running_loop()
    contents = [(each, await each.read()) for each in batch]
    work = [
        loop.run_in_executor(pool, prepared, repo, each.path, each.digest, content, each.modified)
        for each, content in contents
    ]
    files = []
    for (source, _), made in zip(contents, await asyncio.gather(*work), strict=True):
        if isinstance(made, IndexedFile):
            files.append(made)
        else:
            result.issues.append(Issue("skipped", source.path, f"{source.path} {made}."))
    return files, sum(len(content) for _, content in contents)


def _batches(sources: Iterable[Source]) -> Iterable[list[Source]]:
    batch: list[Source] = []
    size = 0
    for each in sources:
        batch.append(each)
        size += each.size
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def document_file(repo: str, document: dict[str, Any], modified: float = 0.0) -> IndexedFile:
    """An analysed document (shape Document) as a file of the index: one chunk per segment, text joined by lines."""
    chunks: list[Chunk] = []
    text = ""
    names = path_stream(document["uri"])
    for segment in document["segments"]:
        body = segment["text"]
        if not body.strip():
            continue
        place = {key: value for key, value in segment["place"].items() if key != "uri"}
        symbol = place.get("symbol", "")
        start = len(text)
        text += body + "\n"
        tokens = boosted(body, names, symbol)
        chunks.append(Chunk(start, start + len(body), tokens, symbol, segment["kind"], segment["modality"], place))
    digest = digest_of(document["id"] + text)
    return IndexedFile(repo, document["uri"], text, digest, tuple(chunks), "", document["media_type"], modified)


def commit_file(repo: str, commit: str, title: str, paths: Sequence[str], modified: float) -> IndexedFile:
    """A commit as a file of the index: its title is found, its paths are what it speaks of."""
    chunk = Chunk(0, len(title), boosted(title, "", ""), "", "commit", "history", {})
    return IndexedFile(
        repo, f"commit/{commit}", title, digest_of(title), (chunk,), "", "text/x-commit", modified, tuple(paths)
    )
