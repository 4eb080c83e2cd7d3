"""Special sections for what steps are known to return; every key they do not tell is told generically."""

from collections.abc import Callable, Mapping
from typing import Any

from bridge.authoring import clean, one_line, words
from bridge.steps.report_generation.blocks import Block, Bullets, Code, Facts, Table
from bridge.steps.report_generation.reading import generic, mapping, objects, table_of

Section = Callable[[Any], list[Block]]


def special(result: Mapping[str, Any]) -> tuple[list[Block], frozenset[str]]:
    """Return the special blocks of a result and the keys they told."""
    blocks: list[Block] = []
    told = set()
    for key, section in SECTIONS.items():
        if key in result:
            blocks += section(result[key])
            told.add(key)
    return blocks, frozenset(told)


def analysis(value: Any) -> list[Block]:
    """Documents with their best pieces, and metrics; findings have their own part of the report."""
    inside = mapping(value)
    documents = objects(inside.get("documents"))
    rows = tuple(
        (one_line(each.get("uri"), 200), one_line(each.get("media_type"), 80), _size(each.get("size")), _held(each))
        for each in documents[:50]
    )
    blocks: list[Block] = []
    if rows:
        blocks.append(Table("Documents", ("Document", "Type", "Size", "Holds"), rows, max(0, len(documents) - 50)))
    for each in documents[:20]:
        blocks += _pieces(each)
    return blocks + generic(mapping(inside.get("metrics")))


def _size(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**15:
        return ""
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}" if isinstance(value, float) else f"{value} {unit}"
        value /= 1000
    return f"{value:.3g} GB"


def _held(document: Mapping[str, Any]) -> str:
    kinds: dict[str, int] = {}
    for each in objects(document.get("segments")):
        kind = one_line(each.get("kind"), 30)
        kinds[kind] = kinds.get(kind, 0) + 1
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda pair: -pair[1])[:5])


_QUOTED = {"transcript": "", "ocr": "", "caption": "", "table": "", "summary": ""}


def _pieces(document: Mapping[str, Any]) -> list[Block]:
    """What people want to read of a document that is not code: transcript, recognised text, captions, tables."""
    by_kind: dict[str, list[str]] = {}
    for each in objects(document.get("segments")):
        if each.get("kind") in _QUOTED and isinstance(each.get("text"), str):
            by_kind.setdefault(str(each["kind"]), []).append(clean(each["text"], 4000))
    uri = one_line(document.get("uri"), 120)
    return [
        Code(f"{words(kind)} of {uri}" if kind != "ocr" else f"Text recognized in {uri}", "\n".join(texts)[:8000])
        for kind, texts in by_kind.items()
    ]


def tests(value: Any) -> list[Block]:
    """A CTRF report: the numbers, then each failed and each flaky test with what it said."""
    results = mapping(mapping(value).get("results"))
    tool, cases = mapping(results.get("tool")), objects(results.get("tests"))
    blocks: list[Block] = []
    if tool.get("name"):
        blocks.append(Facts((("Test runner", one_line(f"{tool.get('name')} {tool.get('version') or ''}", 80)),)))
    failed = [each for each in cases if each.get("status") == "failed"]
    if failed:
        blocks.append(
            Table(
                "Failed tests",
                ("Test", "Message", "Duration"),
                tuple(_case(each) for each in failed[:50]),
                max(0, len(failed) - 50),
            )
        )
    blocks += [
        Code(one_line(each.get("name"), 200), clean(each["trace"], 4000).rstrip())
        for each in failed[:10]
        if isinstance(each.get("trace"), str) and each["trace"].strip()
    ]
    flaky = [(one_line(each.get("name"), 200), "inconclusive") for each in cases if each.get("flaky") is True]
    return [*blocks, Bullets("Flaky tests", tuple(flaky[:50]))] if flaky else blocks


def _case(each: Mapping[str, Any]) -> tuple[str, str, str]:
    took = each.get("duration")
    known = isinstance(took, (int, float)) and not isinstance(took, bool)
    return one_line(each.get("name"), 200), one_line(each.get("message"), 300), f"{took:.0f} ms" if known else ""


def coverage(value: Any) -> list[Block]:
    """Coverage: the totals, then the least covered files."""
    inside = mapping(value)
    facts = [
        (label, f"{inside[key]:.1f} %")
        for key, label in (("total", "Coverage"), ("patch", "Coverage of changed lines"))
        if _number(inside.get(key))
    ]
    least = sorted(
        ((one_line(path, 200), share) for path, share in mapping(inside.get("files")).items() if _number(share)),
        key=lambda pair: pair[1],
    )
    blocks: list[Block] = [Facts(tuple(facts))] if facts else []
    if least:
        blocks.append(
            Table(
                "Least covered files",
                ("File", "Coverage"),
                tuple((path, f"{share:.1f} %") for path, share in least[:10]),
            )
        )
    return blocks


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def listed(caption: str, *columns: str) -> Section:
    """A section that shows a list of objects as a table of the columns people look at first."""

    def section(value: Any) -> list[Block]:
        rows = objects(value)
        if not rows:
            return generic({caption: value})
        return [table_of(caption, rows, columns if any(key in row for row in rows for key in columns) else ())]

    return section


def results(value: Any) -> list[Block]:
    """Search hits: where, how good, and the text around the match."""
    rows = [
        {"place": each.get("citation"), "score": each.get("score"), "text": each.get("snippet")}
        for each in objects(value)
    ]
    return [table_of("Search results", rows)] if rows else generic({"results": value})


SECTIONS: dict[str, Section] = {
    "analysis": analysis,
    "ctrf": tests,
    "coverage": coverage,
    "changes": listed("Changes", "severity", "level", "kind", "path", "where", "message", "description"),
    "checks": listed("Checks", "name", "status", "outcome", "target", "latency", "message", "detail"),
    "services": listed("Services", "name", "status", "outcome", "message"),
    "results": results,
    "findings": lambda _: [],
    "diagrams": lambda _: [],
}
"""What tells which key; a key that is missing here is told by `generic`."""
