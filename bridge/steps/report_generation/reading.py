"""Read a result of any step, or whatever JSON was handed over, into blocks; nothing in it is taken on trust."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from bridge.authoring import clean, one_line, plain, words
from bridge.steps.report_generation.blocks import (
    Block,
    Bullets,
    Clause,
    Code,
    Facts,
    Part,
    Prose,
    Table,
    Verdict,
)
from bridge.steps.report_generation.gathering import Source

ENVELOPE = frozenset(
    {"success", "run_id", "degraded", "issues", "files", "verdict", "reasons", "step", "node", "title", "version"}
)
VERDICTS = ("fail", "inconclusive", "pass", "skipped")
_ROWS, _COLUMNS, _LONG = 50, 8, 160


def mapping(value: Any) -> Mapping[str, Any]:
    """*value* if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    """*value* if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [each for each in sequence(value) if isinstance(each, Mapping)]


def verdict_of(value: Any) -> Verdict | None:
    """*value* if it is a verdict's word."""
    return cast("Verdict", value) if isinstance(value, str) and value in VERDICTS else None


def clauses_of(result: Mapping[str, Any]) -> tuple[Clause, ...]:
    """The reasons of a result's verdict."""
    return tuple(
        Clause(
            one_line(each.get("code", "reason"), 80),
            one_line(each.get("message", ""), 1000),
            verdict_of(each.get("outcome")) or "inconclusive",
            one_line(each.get("expected"), 200),
            one_line(each.get("actual"), 200),
        )
        for each in objects(result.get("reasons"))[:100]
    )


def part_of(source: Source, blocks: Sequence[Block], told: frozenset[str], findings: int) -> Part:
    """Return the part of one source: special *blocks* first, then whatever keys they have not *told*."""
    rest = {key: value for key, value in source.result.items() if key not in ENVELOPE | told}
    return Part(
        title=one_line(source.title, 120),
        step=one_line(source.step, 80),
        verdict=verdict_of(source.result.get("verdict")),
        clauses=clauses_of(source.result),
        blocks=(*blocks, *generic(rest), *troubles(source.result)),
        findings=findings,
        run_id=one_line(source.run_id, 80),
    )


def troubles(result: Mapping[str, Any]) -> list[Block]:
    """What did not work as it should: the step's issues and the engines it had to do without."""
    said = [
        (f"{one_line(each.get('where'), 200)}: {one_line(each.get('message'), 500)}".lstrip(": "), "")
        for each in objects(result.get("issues"))[:_ROWS]
    ]
    said += [(_degraded(each), "inconclusive") for each in objects(result.get("degraded"))[:_ROWS]]
    error = result.get("error")
    if result.get("success") is False and error:
        said.insert(0, (one_line(error, 1000), "fail"))
    return [Bullets("What to know", tuple(said))] if said else []


def _degraded(each: Mapping[str, Any]) -> str:
    instead = f", {one_line(each['fallback'], 100)} was used instead" if each.get("fallback") else ""
    return f"{one_line(each.get('engine'), 100)} was not available ({one_line(each.get('reason'), 300)}){instead}"


def generic(values: Mapping[str, Any], heading: str = "") -> list[Block]:
    """Return blocks for any JSON object: short values as facts, lists of objects as tables, long texts as code."""
    facts: list[tuple[str, str]] = []
    blocks: list[Block] = []
    for key, value in list(values.items())[:60]:
        name = f"{heading} · {words(str(key))}" if heading else words(str(key))
        if _short(value):
            if value not in (None, "", [], {}):
                facts.append((name, one_line(value, _LONG)))
        else:
            blocks += _long(name, value, nested=bool(heading))
    return ([Facts(tuple(facts))] if facts else []) + blocks


def _short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONG and "\n" not in value
    if isinstance(value, Mapping):
        return not value
    if isinstance(value, list):
        return (
            len(value) <= 12
            and all(not isinstance(each, (Mapping, list)) for each in value)
            and len(plain(value)) <= _LONG
        )
    return True


def _long(name: str, value: Any, *, nested: bool) -> list[Block]:
    if isinstance(value, str):
        return [Code(name, clean(value, 20_000))]
    if objects(value):
        return [table_of(name, objects(value))]
    if isinstance(value, list):
        return [Bullets(name, tuple((one_line(each, 300), "") for each in value[:_ROWS]))]
    if nested:
        return [Facts(((name, one_line(value, 500)),))]
    return generic(value, name)


def table_of(caption: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> Table:
    """Return *rows* as a table of their most frequent keys, or of *columns* where given."""
    seen: dict[str, int] = {}
    for row in rows[:_ROWS]:
        for key, value in row.items():
            if value not in (None, "", [], {}):
                seen[str(key)] = seen.get(str(key), 0) + 1
    chosen = [key for key in columns if key in seen] if columns else list(seen)[:_COLUMNS]
    return Table(
        caption,
        tuple(words(key) for key in chosen),
        tuple(tuple(one_line(row.get(key), 300) for key in chosen) for row in rows[:_ROWS]),
        max(0, len(rows) - _ROWS),
    )


def prose(text: Any) -> list[Block]:
    """A paragraph, if there is text for one."""
    return [Prose(clean(text, 4000).strip())] if isinstance(text, str) and text.strip() else []
