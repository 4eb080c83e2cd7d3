"""Pieces of a text by line numbers, and how they become chunks: small ones merged, long ones split."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from bridge.doors.search import Chunk
from bridge.retrieval.tokens import boosted, path_stream

SMALL = 8
"""Neighbours below this many lines are merged."""
LONG = 60
"""Pieces above this many lines are split at a blank line."""
LONGEST_LINE = 2_000
"""Characters of a line that count for ranking: minified files would drown everything else."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines ``first`` to ``last`` (from 1, included), with the symbol they define."""

    first: int
    last: int
    symbol: str = ""
    kind: str = "code"


def windows(text: str, size: int = 40) -> list[Piece]:
    """Equal windows of lines for a text without known structure."""
    count = text.count("\n") + 1
    return [Piece(start, min(start + size - 1, count), kind="text") for start in range(1, count + 1, size)]


def pieces_to_chunks(path: str, text: str, pieces: Iterable[Piece]) -> tuple[Chunk, ...]:
    """Turn pieces into chunks that cover every line of *text* once, in order."""
    lines = text.split("\n")
    ends = list(accumulate(len(line) + 1 for line in lines))
    return tuple(_chunks(path, text, lines, ends, _sized(_covering(pieces, len(lines)), lines)))


def _covering(pieces: Iterable[Piece], count: int) -> Iterator[Piece]:
    """Fill the gaps between pieces, so that no line is lost."""
    after = 1
    for piece in pieces:
        if piece.last < after:
            continue
        if piece.first > after:
            yield Piece(after, piece.first - 1, kind="code" if piece.kind != "heading" else "text")
        yield Piece(max(piece.first, after), piece.last, piece.symbol, piece.kind)
        after = piece.last + 1
    if after <= count:
        yield Piece(after, count)


def _sized(pieces: Iterator[Piece], lines: list[str]) -> Iterator[Piece]:
    held: Piece | None = None
    for piece in pieces:
        if held is not None and _mergeable(held, piece):
            held = Piece(held.first, piece.last, f"{held.symbol} {piece.symbol}".strip(), held.kind)
            continue
        if held is not None:
            yield from _split(held, lines)
        held = piece
    if held is not None:
        yield from _split(held, lines)


def _mergeable(held: Piece, piece: Piece) -> bool:
    together = piece.last - held.first + 1
    both_small = held.last - held.first + 1 < SMALL and piece.last - piece.first + 1 < SMALL
    return both_small and together <= LONG // 2 and held.kind == piece.kind


def _split(piece: Piece, lines: list[str]) -> Iterator[Piece]:
    first = piece.first
    while piece.last - first + 1 > LONG:
        cut = next(
            (at for at in range(first + LONG - 1, first + LONG // 2, -1) if not lines[at - 1].strip()), first + LONG - 1
        )
        yield Piece(first, cut, piece.symbol, piece.kind)
        first = cut + 1
    yield Piece(first, piece.last, piece.symbol, piece.kind)


def _chunks(path: str, text: str, lines: list[str], ends: list[int], pieces: Iterator[Piece]) -> Iterator[Chunk]:
    names = path_stream(path)
    for piece in pieces:
        start = ends[piece.first - 2] if piece.first > 1 else 0
        end = min(ends[piece.last - 1], len(text))
        body = text[start:end]
        if not body.strip():
            continue
        if len(body) > LONGEST_LINE * 2:
            body = "\n".join(line[:LONGEST_LINE] for line in lines[piece.first - 1 : piece.last])
        yield Chunk(
            start=start,
            end=end,
            tokens=boosted(body, names, piece.symbol),
            symbol=piece.symbol,
            kind=piece.kind,
            place={"start_line": piece.first, "end_line": piece.last},
        )
