"""The one token stream every engine ranks by: whole identifiers, their parts, stemmed.

Ranking happens by this stream and not by an engine's analyser, so that an embedded index and a
distributed one give the same order.
"""

import re
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found,unused-ignore]

WORD = re.compile(r"[^\W_]+(?:_+[^\W_]+)*")
PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2,}")
LONGEST = 64
_stem = Stemmer.Stemmer("english")
_stem.maxCacheSize = 0


@lru_cache(maxsize=200_000)
def _expand(word: str) -> str:
    """One written word as its tokens: ``getUserName`` as ``getusernam get user name``."""
    if len(word) > LONGEST:
        return ""
    whole: str = _stem.stemWord(word.lower())
    if word.islower() and "_" not in word and word.isalpha():
        return whole
    if not word.isascii():
        return " ".join([whole, *_pairs(word)])
    parts = [_stem.stemWord(part.lower()) for part in PART.findall(word) if len(part) > 1]
    return whole if parts in ([], [whole]) else " ".join([whole, *parts])


def _pairs(word: str) -> list[str]:
    """Scripts that are written without blanks are found by pairs of letters."""
    return [run[at : at + 2] for run in UNSPACED.findall(word) for at in range(len(run) - 1)]


def stream(text: str) -> str:
    """All tokens of *text* in order, separated by blanks."""
    return " ".join(map(_expand, WORD.findall(text)))


def boosted(text: str, path_stream: str, symbol: str) -> str:
    """The stream of a chunk: three times its path and its symbol, then its text."""
    names = f"{path_stream} {stream(symbol)} " if symbol else f"{path_stream} "
    return f"{names * 3}{stream(text)}"


def path_stream(path: str) -> str:
    """The tokens of a path without its suffix."""
    folder, _, name = path.rpartition("/")
    return stream(f"{folder} {name.rpartition('.')[0] or name}")


def terms(question: str) -> list[str]:
    """The distinct tokens of a question, in order."""
    return list(dict.fromkeys(stream(question).split()))
