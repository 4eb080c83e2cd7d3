"""An index in memory for tests and small trials: plain BM25 in Python, same answers, no speed."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

from bridge.doors.search import Batch, Capabilities, Chunk, FileFacts, Filter, Found, Hit, IndexedFile, Stats
from bridge.problems import Unusable

K1, B = 1.2, 0.75


@dataclass
class _Stored:
    facts: FileFacts
    file: IndexedFile
    chunks: list[tuple[int, Chunk, Counter[str]]]


class InMemorySearch:
    """Everything in dictionaries; lost with the process."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], _Stored] = {}
        self._next = 1
        self._generation = 0

    @property
    def capabilities(self) -> Capabilities:
        """What this adapter can do."""
        return Capabilities(substring=True, dense=False, shared=False)

    async def close(self) -> None:
        """Nothing to give up."""

    async def apply(self, batch: Batch) -> int:
        """See `Search.apply`."""
        for key in batch.deletes:
            self._files.pop(key, None)
        for each in batch.adds:
            known = self._files.get((each.repo, each.path))
            if known is None or known.file.digest != each.digest:
                self._files[each.repo, each.path] = self._stored(each)
        self._generation += 1
        return self._generation

    def _stored(self, each: IndexedFile) -> _Stored:
        facts = FileFacts(
            self._take(), each.repo, each.path, each.language, each.media_type, each.modified, each.touches
        )
        return _Stored(facts, each, [(self._take(), chunk, Counter(chunk.tokens.split())) for chunk in each.chunks])

    def _take(self) -> int:
        self._next += 1
        return self._next

    async def lexical(self, terms: Sequence[str], where: Filter, limit: int) -> list[Hit]:
        """See `Search.lexical`."""
        every = [(stored, chunk_id, counts) for stored in self._files.values() for chunk_id, _, counts in stored.chunks]
        allowed = {chunk_id for _, chunk_id in self._allowed(where)}
        mean = sum(sum(counts.values()) for _, _, counts in every) / max(1, len(every))
        frequency = {term: sum(term in counts for _, _, counts in every) for term in terms}
        hits = []
        for stored, chunk_id, counts in every:
            score = sum(_bm25(counts, term, frequency[term], len(every), mean) for term in terms)
            if score > 0 and chunk_id in allowed:
                hits.append(Hit(score, chunk_id, stored.facts))
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk))[:limit]

    async def substring(self, literals: Sequence[str], where: Filter, limit: int) -> list[Hit]:
        """See `Search.substring`."""
        hits = []
        for stored, chunk_id in self._allowed(where):
            chunk = next(chunk for each, chunk, _ in stored.chunks if each == chunk_id)
            body = stored.file.text[chunk.start : chunk.end].lower()
            if chunk.modality != "history" and all(literal.lower() in body for literal in literals):
                hits.append(Hit(1.0, chunk_id, stored.facts))
        return hits[:limit]

    async def dense(self, vector: Sequence[float], where: Filter, limit: int) -> list[Hit]:  # noqa: ARG002 - the door's signature
        """Refuse: there are no vectors."""
        raise Unusable("The index in memory holds no vectors; its answers are ranked by words.")

    async def fetch(self, chunks: Sequence[int]) -> list[Found]:
        """See `Search.fetch`."""
        every = {chunk_id: (stored, chunk) for stored in self._files.values() for chunk_id, chunk, _ in stored.chunks}
        found = ((each, *every[each]) for each in chunks if each in every)
        return [
            Found(
                each, stored.facts, stored.file.text[chunk.start : chunk.end], chunk.symbol, chunk.kind,
                chunk.modality, chunk.place, chunk.start, chunk.end,
            )
            for each, stored, chunk in found
        ]  # fmt: skip

    async def files(self, where: Filter) -> list[tuple[FileFacts, str]]:
        """See `Search.files`."""
        return [(stored.facts, stored.file.digest) for stored in self._files.values() if _passes(stored, where)]

    async def stats(self) -> Stats:
        """See `Search.stats`."""
        stored = list(self._files.values())
        return Stats(
            len(stored), sum(len(each.chunks) for each in stored), sum(len(each.file.text) for each in stored), 0,
            self._generation, 0, tuple(sorted({each.facts.repo for each in stored})),
        )  # fmt: skip

    def _allowed(self, where: Filter) -> list[tuple[_Stored, int]]:
        return [
            (stored, chunk_id)
            for stored in self._files.values()
            if _passes(stored, where)
            for chunk_id, chunk, _ in stored.chunks
            if (not where.kinds or chunk.kind in where.kinds)
            and (not where.modalities or chunk.modality in where.modalities)
        ]


def _bm25(counts: Counter[str], term: str, frequency: int, total: int, mean: float) -> float:
    if not counts[term]:
        return 0.0
    weight = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
    length = K1 * (1 - B + B * sum(counts.values()) / mean)
    return weight * counts[term] * (K1 + 1) / (counts[term] + length)


def _passes(stored: _Stored, where: Filter) -> bool:
    facts = stored.facts
    return (
        (not where.repos or facts.repo in where.repos)
        and (not where.languages or facts.language in where.languages)
        and (not where.media_types or facts.media_type in where.media_types)
        and (not where.modalities or any(chunk.modality in where.modalities for _, chunk, _ in stored.chunks))
        and (where.since is None or facts.modified >= where.since)
        and (where.until is None or facts.modified < where.until)
        and (not where.paths or GitIgnoreSpec.from_lines(where.paths).match_file(facts.path))
    )
