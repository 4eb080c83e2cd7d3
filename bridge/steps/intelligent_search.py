"""Answer a question with ranked, cited places of the index."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bridge.authoring import Search, SearchFilter, SearchPlace, answer, plain_snippet, understand, unified
from bridge.generated.models.intelligent_search import (
    IntelligentSearchInput,
    IntelligentSearchInputFilters,
    IntelligentSearchOutput,
    IntelligentSearchOutputContext,
)
from bridge.generated.models.shapes import Hit, Place, Segment


async def run(given: IntelligentSearchInput, *, search: Search) -> IntelligentSearchOutput:
    """Search; an index without a match is an honest empty answer."""
    question = understand(given.query, given.mode)
    where = _filter(given.filters, given.modalities)
    found = await answer(search, question, where, limit=given.limit, offset=given.offset, budget=given.context_tokens)
    issues = [asdict(each) for each in found.issues]
    if not found.places and (await search.stats()).files == 0:
        issues.append(
            {"code": "index-empty", "where": "/query", "message": "Nothing is indexed yet; run Index Content first."}
        )
    return IntelligentSearchOutput(
        results=[_hit(each, explain=given.explain) for each in found.places],
        context=IntelligentSearchOutputContext(
            unified_context=unified(given.query, found.sections),
            sections=[asdict(each) for each in found.sections],
            citations=[each.citation for each in found.sections],
        ),
        query=given.query,
        mode=question.mode,
        total=found.total,
        issues=issues,
    )


def _filter(given: IntelligentSearchInputFilters | None, modalities: Sequence[str] | None) -> SearchFilter:
    if given is None:
        return SearchFilter(modalities=tuple(modalities or ()))
    return SearchFilter(
        repos=tuple(given.repo or ()),
        paths=tuple(given.path or ()),
        languages=tuple(given.language or ()),
        modalities=tuple(modalities or ()),
        kinds=tuple(given.symbol_kind or ()),
        media_types=tuple(given.type or ()),
        since=_seconds(given.since),
        until=_seconds(given.until),
    )


def _seconds(time: str | None) -> float | None:
    return datetime.fromisoformat(time).timestamp() if time else None


def _hit(place: SearchPlace, *, explain: bool) -> Hit:
    found = place.found
    where: dict[str, Any] = {**found.place, "uri": found.file.path}
    if found.symbol:
        where["symbol"] = found.symbol
    return Hit(
        score=place.score,
        document={
            "id": str(found.file.id),
            "uri": found.file.path,
            "repository": found.file.repo,
            "language": found.file.language,
            "media_type": found.file.media_type,
        },
        segment=Segment(
            id=str(found.id),
            modality=found.modality,
            kind=found.kind,
            text=plain_snippet(place.snippet.text),
            place=Place.model_validate(where),
        ),
        snippet=place.snippet.text,
        citation=place.citation,
        parts=dict(place.parts) if explain else None,
    )
