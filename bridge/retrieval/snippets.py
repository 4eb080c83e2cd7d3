"""The text around a match: computed from the stored text, so it works for every index."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.retrieval.tokens import WORD, stream

OPEN, CLOSE = "«", "»"
WIDTH = 240
LINES = 5


@dataclass(frozen=True)
class Snippet:
    """A few lines with the matches marked, and the number of the first line within the piece (from 0)."""

    text: str
    first_line: int


def around_words(text: str, terms: Sequence[str]) -> Snippet:
    """The lines of *text* that hold most distinct *terms*, each matching word marked."""
    wanted = set(terms)
    lines = text.split("\n")
    marks = [
        [word for word in WORD.finditer(line[:2000]) if not wanted.isdisjoint(stream(word[0]).split())]
        for line in lines
    ]
    weights = [len({mark[0].lower() for mark in found}) for found in marks]
    best = max(range(len(lines)), key=lambda at: (sum(weights[at : at + LINES]), weights[at], -at))
    while best < len(lines) - 1 and not lines[best].strip():
        best += 1
    chosen = range(best, min(best + LINES, len(lines)))
    return Snippet("\n".join(_marked(lines[at], [mark.span() for mark in marks[at]]) for at in chosen).rstrip(), best)


def around_span(text: str, start: int, end: int) -> Snippet:
    """The lines around the characters *start* to *end*, which are marked."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    line = text[first:last]
    return Snippet(_marked(line, [(start - first, end - first)]), text.count("\n", 0, first))


def _marked(line: str, spans: list[tuple[int, int]]) -> str:
    offset = max(0, min((start for start, _ in spans), default=0) - WIDTH // 2) if len(line) > WIDTH * 2 else 0
    shown = line[offset : offset + WIDTH * 2]
    for start, end in reversed(spans):
        left, right = start - offset, end - offset
        if 0 <= left < right <= len(shown):
            shown = f"{shown[:left]}{OPEN}{shown[left:right]}{CLOSE}{shown[right:]}"
    return f"…{shown}" if offset else shown


def plain(snippet: str) -> str:
    """A snippet without its marks."""
    return re.sub(f"[{OPEN}{CLOSE}]", "", snippet)
