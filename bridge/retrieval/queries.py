"""What a question asks for: words to rank by, or text that must stand there literally."""

import re
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bridge.problems import InvalidInput, Issue
from bridge.retrieval.tokens import terms

Mode = Literal["auto", "words", "phrase", "substring", "regex"]
LONGEST_QUERY = 10_000
MOST_TERMS = 64
QUOTED = re.compile(r'^\s*"([^"]+)"\s*$')
SLASHED = re.compile(r"^\s*/(.+)/\s*$")
IDENTIFIER = re.compile(r"^\s*[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)*\s*$")
CODE_LIKE = re.compile(r"[(){}\[\];=<>]|->|::")


class Pattern(Protocol):
    """A compiled regular expression of the linear engine."""

    def finditer(self, text: str) -> Any:
        """Every match in *text*."""
        ...


@dataclass(frozen=True)
class Question:
    """A question understood: its mode, its ranked words, and for literal modes what must be found."""

    text: str
    mode: Literal["words", "identifier", "phrase", "substring", "regex"]
    terms: tuple[str, ...]
    literals: tuple[str, ...] = ()
    pattern: Pattern | None = None


def understand(text: str, mode: Mode = "auto") -> Question:
    """Detect the mode of a question, or force it; raise `InvalidInput` when nothing can be asked with it."""
    if not text.strip():
        raise InvalidInput(
            "The query is empty. Ask a question, a name or a piece of text.", issues=[_issue("is empty")]
        )
    if len(text) > LONGEST_QUERY:
        raise InvalidInput(
            f"The query has {len(text)} characters; at most {LONGEST_QUERY} are searched for.",
            issues=[_issue(f"must have at most {LONGEST_QUERY} characters")],
        )
    words = tuple(terms(text)[:MOST_TERMS])
    quoted, slashed = QUOTED.match(text), SLASHED.match(text)
    if mode == "regex" or (mode == "auto" and slashed):
        return _regex(slashed[1] if slashed and mode == "auto" else text, words)
    if mode == "substring":
        return Question(text, "substring", words, _lines(text))
    if mode == "phrase" or (mode == "auto" and quoted):
        phrase = quoted[1] if quoted else text
        return Question(text, "phrase", tuple(terms(phrase)[:MOST_TERMS]), _lines(phrase))
    if mode == "auto" and IDENTIFIER.match(text) and len(text.split()) == 1:
        return Question(text, "identifier", words, (text.strip(),))
    if mode == "auto" and (not words or (CODE_LIKE.search(text) and len(text) < 200 and "?" not in text)):
        return Question(text, "substring", words, _lines(text.strip()))
    return Question(text, "words", words)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line) or (text,)


def _issue(message: str) -> Issue:
    return Issue("query", "/query", message)


def _regex(pattern: str, words: tuple[str, ...]) -> Question:
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 16_000_000
    try:
        compiled = re2.compile(f"(?m){pattern}", options=options)
        literals = _required(pattern)
    except (re2.error, re.error, RecursionError, OverflowError) as error:
        raise InvalidInput(
            f"The query is not a regular expression the search understands: {error}. Look-around and back-references "
            "are not part of RE2; quote the query to search for it literally.",
            issues=[_issue(f"is not a regular expression: {error}")],
        ) from error
    return Question(pattern, "regex", words, literals, compiled)


def _required(pattern: str) -> tuple[str, ...]:
    """Literal runs of at least three characters that every match contains on one line."""
    from re import _constants as sre  # type: ignore[attr-defined]  # the only parser that knows Python's syntax
    from re import _parser as sre_parse  # type: ignore[attr-defined]

    runs: list[str] = []
    run: list[str] = []
    for operation, argument in sre_parse.parse(pattern, re.MULTILINE):
        if operation is sre.LITERAL and chr(argument) != "\n":
            run.append(chr(argument))
            continue
        runs.append("".join(run))
        run = []
        if operation is sre.SUBPATTERN and all(each[0] is sre.LITERAL for each in argument[3]):
            runs.append("".join(chr(each[1]) for each in argument[3] if chr(each[1]) != "\n"))
    runs.append("".join(run))
    if pattern.startswith("(?i") or "(?i" in pattern:
        runs = [each for each in runs if each.isascii()]
    return tuple(each for each in runs if len(each) >= 3)
