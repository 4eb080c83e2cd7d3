"""The way to the search index; ranking, snippets and packing sit above it and are the same for every adapter.

An adapter stores files with their chunks and answers three questions about chunks: which match these
words best (BM25), which contain these literals, which lie near this vector. The index is derived data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Chunk:
    """One piece of a file: ``start`` and ``end`` are character offsets in the file's text.

    ``tokens`` is the whitespace-separated stream the engine ranks by; ``place`` says where the piece
    stands (lines, page, box, time), with the key names of the shape Place.
    """

    start: int
    end: int
    tokens: str
    symbol: str = ""
    kind: str = "code"
    modality: str = "text"
    place: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class IndexedFile:
    """One file (or document, or commit) with its whole text and its chunks.

    ``digest`` identifies text and chunking: the same digest again changes nothing. ``modified`` is in
    seconds since 1970. ``touches`` are the paths a commit changed (modality ``history`` only).
    """

    repo: str
    path: str
    text: str
    digest: str
    chunks: tuple[Chunk, ...]
    language: str = ""
    media_type: str = "text/plain"
    modified: float = 0.0
    touches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """What to change: removed files as (repo, path), and files added or replaced."""

    deletes: tuple[tuple[str, str], ...] = ()
    adds: tuple[IndexedFile, ...] = ()


@dataclass(frozen=True)
class Filter:
    """Which chunks may answer; an empty field does not restrict. Globs are gitignore-style."""

    repos: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True)
class FileFacts:
    """What the ranking needs to know of a file."""

    id: int
    repo: str
    path: str
    language: str
    media_type: str
    modified: float
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One matching chunk by id, with its file."""

    score: float
    chunk: int
    file: FileFacts


@dataclass(frozen=True)
class Found:
    """A chunk as stored, with its own text and its file."""

    id: int
    file: FileFacts
    text: str
    symbol: str
    kind: str
    modality: str
    place: dict[str, Any]
    start: int
    end: int


@dataclass(frozen=True)
class Stats:
    """What the index holds; ``waiting`` counts files stored but not searchable yet."""

    files: int
    chunks: int
    text_bytes: int
    index_bytes: int
    generation: int
    waiting: int
    repos: tuple[str, ...]


@dataclass(frozen=True)
class Capabilities:
    """What an adapter can do beyond words."""

    substring: bool = True
    dense: bool = False
    shared: bool = False


class Search(Protocol):
    """The index. Raises `Unavailable` when it is corrupt or its system does not answer."""

    @property
    def capabilities(self) -> Capabilities:
        """What this adapter can do."""
        ...

    async def apply(self, batch: Batch) -> int:
        """Store *batch* and make it searchable; acknowledged means kept. Return the new generation."""
        ...

    async def lexical(self, terms: Sequence[str], where: Filter, limit: int) -> list[Hit]:
        """The chunks that match any of *terms* best by BM25 over the token stream, best first."""
        ...

    async def substring(self, literals: Sequence[str], where: Filter, limit: int) -> list[Hit]:
        """Chunks that may contain every one of *literals* (each on one line); never misses one that does."""
        ...

    async def dense(self, vector: Sequence[float], where: Filter, limit: int) -> list[Hit]:
        """The chunks nearest to *vector*; raise `Unusable` without that capability."""
        ...

    async def fetch(self, chunks: Sequence[int]) -> list[Found]:
        """The chunks with these ids, in the order asked; ids that are gone are left out."""
        ...

    async def files(self, where: Filter) -> list[tuple[FileFacts, str]]:
        """The files that pass *where*, each with its digest."""
        ...

    async def stats(self) -> Stats:
        """Counts and sizes."""
        ...
