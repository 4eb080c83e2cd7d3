"""From a question to ranked, quoted places: the whole pipeline above an index."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bridge.doors.search import FileFacts, Filter, Found, Hit, Search
from bridge.problems import Issue
from bridge.retrieval.bundling import Section, bundle, citation_of
from bridge.retrieval.queries import Question
from bridge.retrieval.ranking import Ranked, history_scores, rank, with_history
from bridge.retrieval.snippets import Snippet, around_span, around_words

CANDIDATES = 200
LITERAL_CANDIDATES = 50_000
COMMITS = 100
SECONDS_TO_VERIFY = 0.8
CONTENT = ("text", "image", "audio", "video")


@dataclass(frozen=True)
class Place:
    """One answer: the piece, why it stands here, and its snippet."""

    score: float
    found: Found
    snippet: Snippet
    parts: dict[str, float]

    @property
    def citation(self) -> str:
        """A reference to the piece."""
        return citation_of(self.found)


@dataclass(frozen=True)
class Answer:
    """What a question found. ``total`` counts matching files; ``issues`` say what was left out and why."""

    places: list[Place]
    total: int
    sections: list[Section]
    issues: list[Issue] = field(default_factory=list)


async def answer(
    search: Search, question: Question, where: Filter, *, limit: int = 10, offset: int = 0, budget: int = 4000
) -> Answer:
    """Answer *question*: words by rank, literal modes with exactly the files that contain the text."""
    if question.mode in ("words", "identifier"):
        ranked, issues = await _by_words(search, question, where)
    else:
        ranked, issues = await _literal(search, question, where)
    shown = ranked[offset : offset + limit]
    places = await _places(search, question, shown)
    around = [hit.chunk for each in ranked[: max(limit, 10)] for hit in each.hits[:3]]
    sections = bundle(_in_order(await search.fetch(around), around), budget) if budget else []
    return Answer(places, len(ranked), sections, issues)


async def _by_words(search: Search, question: Question, where: Filter) -> tuple[list[Ranked], list[Issue]]:
    content = where if where.modalities else replace(where, modalities=CONTENT)
    hits = await search.lexical(question.terms, content, CANDIDATES)
    if question.mode == "identifier" and len(question.literals[0]) >= 3:
        hits = await _with_exact(search, question, content, hits)
    ranked = rank(hits)
    if where.modalities and "history" not in where.modalities:
        return ranked, []
    commits = await search.lexical(question.terms, Filter(repos=where.repos, modalities=("history",)), COMMITS)
    scores = history_scores(commits)
    if not scores:
        return ranked, []
    top = dict(sorted(scores.items(), key=lambda each: -each[1])[:COMMITS])
    known = {(each.file.repo, each.file.path): each.file for each in ranked}
    known |= await _known(search, content, set(top) - known.keys())
    return with_history(ranked, top, known), []


async def _known(search: Search, where: Filter, keys: set[tuple[str, str]]) -> dict[tuple[str, str], FileFacts]:
    """The files with these (repo, path) that still exist and pass the filter."""
    if not keys or where.kinds:
        return {}
    found = await search.files(replace(where, paths=where.paths or tuple(f"/{path}" for _, path in sorted(keys))))
    return {(facts.repo, facts.path): facts for facts, _ in found if (facts.repo, facts.path) in keys}


async def _with_exact(search: Search, question: Question, where: Filter, hits: list[Hit]) -> list[Hit]:
    """Put pieces that contain the written name first-class beside pieces that contain its parts."""
    exact = await search.substring(question.literals, where, CANDIDATES)
    best = max((hit.score for hit in hits), default=1.0)
    scores = {hit.chunk: hit for hit in hits}
    names = {found.id: found for found in await search.fetch([hit.chunk for hit in exact])}
    name = question.literals[0]
    for hit in exact:
        found = names.get(hit.chunk)
        if found is None or name not in found.text:
            continue
        defines = name in found.symbol.replace(".", " ").split()
        bonus = best * (1.0 if defines else 0.25)
        known = scores.get(hit.chunk)
        scores[hit.chunk] = Hit((known.score if known else 0.0) + bonus, hit.chunk, hit.file)
    return sorted(scores.values(), key=lambda hit: (-hit.score, hit.chunk))


async def _literal(search: Search, question: Question, where: Filter) -> tuple[list[Ranked], list[Issue]]:
    """Candidates by trigrams, then verified on the stored text: exactly the true files, or an honest remark."""
    content = where if where.modalities else replace(where, modalities=CONTENT)
    candidates = await search.substring(question.literals, content, LITERAL_CANDIDATES)
    until = time.monotonic() + SECONDS_TO_VERIFY
    verified: list[Hit] = []
    for at in range(0, len(candidates), 500):
        if time.monotonic() > until:
            left = len({hit.file.id for hit in candidates[at:]})
            message = f"{left} more files may match; narrow the query or the filters to see them all."
            return rank(verified), [Issue("incomplete", "/query", message)]
        part = candidates[at : at + 500]
        pieces = await search.fetch([hit.chunk for hit in part])
        counts = await asyncio.to_thread(_count, question, pieces)
        verified += [Hit(float(counts[hit.chunk]), hit.chunk, hit.file) for hit in part if counts.get(hit.chunk)]
    return rank(verified), []


def _count(question: Question, pieces: Sequence[Found]) -> dict[int, int]:
    if question.pattern is not None:
        return {each.id: sum(1 for _ in question.pattern.finditer(each.text)) for each in pieces}
    text = "\n".join(question.literals)
    return {each.id: each.text.count(text) for each in pieces}


async def _places(search: Search, question: Question, ranked: list[Ranked]) -> list[Place]:
    first = [each.hits[0].chunk for each in ranked if each.hits]
    found = {each.id: each for each in await search.fetch(first)}
    places = []
    for each in ranked:
        piece = found.get(each.hits[0].chunk) if each.hits else await _opening(search, each.file)
        if piece is not None:
            places.append(Place(each.score, piece, _snippet(question, piece), each.parts))
    return places


async def _opening(search: Search, file: FileFacts) -> Found | None:
    """The first piece of a file that only the history knows."""
    hits = await search.substring((), Filter(repos=(file.repo,), paths=(f"/{file.path}",)), 1)
    return next(iter(await search.fetch([hit.chunk for hit in hits])), None)


def _snippet(question: Question, piece: Found) -> Snippet:
    if question.pattern is not None:
        match = next(iter(question.pattern.finditer(piece.text)), None)
        if match is not None:
            return around_span(piece.text, match.start(), match.end())
    elif question.mode in ("phrase", "substring", "identifier"):
        text = "\n".join(question.literals)
        start = piece.text.find(text)
        if start >= 0:
            return around_span(piece.text, start, start + len(text))
    return around_words(piece.text, question.terms)


def _in_order(found: Sequence[Found], chunks: Sequence[int]) -> list[Found]:
    by_id: dict[int, Found] = defaultdict()
    by_id.update({each.id: each for each in found})
    return [by_id[chunk] for chunk in dict.fromkeys(chunks) if chunk in by_id]
