"""A context bundle for a model: whole pieces by rank, neighbours merged, within a token budget, each cited."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.doors.search import Found

CHARACTERS_PER_TOKEN = 4
OVERHEAD = 15
"""Tokens for the heading of each section."""


@dataclass(frozen=True)
class Section:
    """One cited piece of the bundle."""

    citation: str
    title: str
    content: str
    modality: str
    tokens: int


def citation_of(found: Found) -> str:
    """A reference that resolves: path with lines, page or time."""
    place = found.place
    name = f"{found.file.repo}:{found.file.path}" if found.file.repo else found.file.path
    if "start_line" in place:
        return f"{name}#L{place['start_line']}-L{place.get('end_line', place['start_line'])}"
    if "page" in place:
        return f"{name}#page={place['page']}"
    if "start_time" in place:
        return f"{name}#t={place['start_time']:g},{place.get('end_time', place['start_time']):g}"
    return name


def bundle(pieces: Sequence[Found], budget: int) -> list[Section]:
    """Take whole pieces by rank until *budget* tokens are used; the same text is taken once."""
    sections: list[Section] = []
    seen: set[str] = set()
    used = 0
    for found in _merged(pieces):
        tokens = len(found.text) // CHARACTERS_PER_TOKEN + OVERHEAD
        if found.text in seen or used + tokens > budget:
            continue
        seen.add(found.text)
        used += tokens
        title = f"{found.file.path} {found.symbol}".strip()
        sections.append(Section(citation_of(found), title, found.text.strip("\n"), found.modality, tokens))
    return sections


def _merged(pieces: Sequence[Found]) -> list[Found]:
    """Join pieces of one file that touch, at the better one's rank."""
    merged: list[Found] = []
    for piece in pieces:
        for at, other in enumerate(merged):
            if (
                other.file == piece.file
                and (other.end == piece.start or piece.end == other.start)
                and len(other.text) < 6000
            ):
                merged[at] = _joined(*sorted((other, piece), key=lambda each: each.start))
                break
        else:
            merged.append(piece)
    return merged


def _joined(first: Found, second: Found) -> Found:
    place = dict(first.place)
    for key in ("end_line", "end_time"):
        if key in second.place:
            place[key] = second.place[key]
    symbol = first.symbol if second.symbol in ("", first.symbol) else f"{first.symbol} {second.symbol}".strip()
    return Found(
        first.id,
        first.file,
        first.text + second.text,
        symbol,
        first.kind,
        first.modality,
        place,
        first.start,
        second.end,
    )


def unified(question: str, sections: Sequence[Section]) -> str:
    """The bundle as one Markdown text, with numbered sources."""
    parts = [f"# Search results for: {question}"]
    for number, section in enumerate(sections, 1):
        parts.append(f"## [{number}] {section.title}\nSource: {section.citation}\n\n```\n{section.content}\n```")
    return "\n\n".join(parts) + "\n"
