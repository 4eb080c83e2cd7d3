"""Findings as the report shows them: read from results, each with its code in context, worst first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.authoring import clean, one_line
from bridge.steps.report_generation.blocks import SEVERITIES, Code, Group, Noted, Severity
from bridge.steps.report_generation.gathering import Source
from bridge.steps.report_generation.reading import mapping, objects, sequence

_CONTEXT = 3
_LANGUAGES = {
    "py": "python", "js": "javascript", "mjs": "javascript", "ts": "typescript", "tsx": "tsx", "jsx": "jsx", "go": "go",
    "java": "java", "rs": "rust", "c": "c", "h": "c", "cpp": "cpp", "cc": "cpp", "cs": "csharp", "php": "php",
    "rb": "ruby", "sh": "bash", "sql": "sql", "yml": "yaml", "yaml": "yaml", "json": "json", "toml": "toml",
}  # fmt: skip


def findings_of(source: Source) -> list[Mapping[str, Any]]:
    """The findings a result carries, wherever its step keeps them."""
    inside = mapping(source.result.get("analysis"))
    return [*objects(inside.get("findings")), *objects(source.result.get("findings"))]


def noted(source: Source, number: int) -> list[Noted]:
    """Return the findings of one source; *number* makes ids of findings that have no fingerprint."""
    lines = _lines_by_uri(mapping(source.result.get("analysis")))
    return [_note(each, source, lines, f"{number}-{index}") for index, each in enumerate(findings_of(source))]


def _note(raw: Mapping[str, Any], source: Source, lines: Mapping[str, Mapping[int, str]], name: str) -> Noted:
    place, fix = mapping(raw.get("place")), mapping(raw.get("fix"))
    return Noted(
        rule_id=one_line(raw.get("rule_id") or "finding", 120),
        severity=severity_of(raw.get("severity")),
        confidence=_share(raw.get("confidence")),
        message=one_line(raw.get("message") or "No message", 1000),
        help=clean(raw.get("help"), 2000).strip(),
        where=where(place),
        source=one_line(source.title, 120),
        fingerprint=one_line(raw.get("fingerprint"), 200) or name,
        cwe=tuple(one_line(each, 20) for each in sequence(raw.get("cwe"))[:8]),
        suggestion=clean(fix.get("description"), 2000).strip(),
        patch=clean(fix.get("patch"), 20_000).rstrip(),
        excerpt=_excerpt(place, lines),
        raw=dict(raw),
    )


def severity_of(value: Any) -> Severity:
    """*value* if it is one of the five words, else ``info``."""
    return next((each for each in SEVERITIES if each == value), "info")


def _share(value: Any) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if good else 1.0


def whole(value: Any) -> int | None:
    """*value* if it is a positive whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else None


def where(place: Mapping[str, Any]) -> str:
    """A place in words: ``src/app.py:10 in load``, ``scan.pdf, page 3``, ``call.wav at 1:05``."""
    text = one_line(place.get("uri"), 300)
    start, end, page = whole(place.get("start_line")), whole(place.get("end_line")), whole(place.get("page"))
    if start:
        text += f":{start}" + (f"-{end}" if end and end > start else "")
    if page:
        text += f", page {page}"
    moment = place.get("start_time")
    if isinstance(moment, (int, float)) and not isinstance(moment, bool) and 0 <= moment < 10**7:
        text += f" at {int(moment) // 60}:{int(moment) % 60:02}"
    if place.get("symbol"):
        text += f" in {one_line(place['symbol'], 120)}"
    return text


def _lines_by_uri(analysis: Mapping[str, Any]) -> dict[str, dict[int, str]]:
    """The text lines of each analysed document, by the number they have there."""
    found: dict[str, dict[int, str]] = {}
    for document in objects(analysis.get("documents")):
        for segment in objects(document.get("segments")):
            place = mapping(segment.get("place"))
            start, text = whole(place.get("start_line")), segment.get("text")
            if start is None or not isinstance(text, str):
                continue
            uri = str(place.get("uri") or document.get("uri") or "")
            found.setdefault(uri, {}).update(enumerate(text.rstrip("\n").split("\n"), start))
    return found


def _excerpt(place: Mapping[str, Any], lines: Mapping[str, Mapping[int, str]]) -> Code | None:
    uri, start = str(place.get("uri") or ""), whole(place.get("start_line"))
    known = lines.get(uri) or (next(iter(lines.values())) if len(lines) == 1 and not uri else {})
    if start is None or start not in known:
        return None
    end = min(max(whole(place.get("end_line")) or start, start), start + 20)
    first = start
    while first - 1 in known and first > start - _CONTEXT:
        first -= 1
    last = start
    while last + 1 in known and last < end + _CONTEXT:
        last += 1
    text = "\n".join(clean(known[number], 400).replace("\n", " ") for number in range(first, last + 1))
    language = _LANGUAGES.get(uri.rpartition(".")[2].lower(), "")
    return Code("", text, language, first, frozenset(range(start, min(end, last) + 1)))


def together(findings: Iterable[Noted]) -> list[Noted]:
    """Return each finding once, whichever and however many steps found it."""
    once: dict[str, Noted] = {}
    for each in findings:
        known = once.get(each.fingerprint)
        if known is None:
            once[each.fingerprint] = each
        elif each.source not in known.source.split(", "):
            once[each.fingerprint] = replace(known, source=f"{known.source}, {each.source}")
    return list(once.values())


def grouped(findings: Sequence[Noted]) -> tuple[Group, ...]:
    """Return the findings by severity, worst first; within one the surest first, then by place."""
    by: dict[Severity, list[Noted]] = {severity: [] for severity in SEVERITIES}
    for each in findings:
        by[each.severity].append(each)
    return tuple(
        Group(severity, tuple(sorted(found, key=lambda each: (-each.confidence, each.where))))
        for severity, found in by.items()
        if found
    )
