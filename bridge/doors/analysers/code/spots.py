"""Spots: what an engine points at in one file, before it becomes a finding with fingerprint and symbol."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bridge.documents import Place
from bridge.doors.analysers.code.sources import Source
from bridge.findings import SEVERITIES, Finding, Fix, Severity, fingerprint


@dataclass(frozen=True)
class Spot:
    """One suspicion; lines and columns from 1, ``snippet`` overrides the code for the fingerprint."""

    rule_id: str
    severity: Severity
    confidence: float
    message: str
    start_line: int
    end_line: int
    start_column: int | None = None
    end_column: int | None = None
    help: str | None = None
    cwe: tuple[str, ...] = ()
    fix: Fix | None = None
    snippet: str | None = None


def findings_of(source: Source, uri: str, spots: Iterable[Spot], changed: frozenset[int] | None) -> list[Finding]:
    """Turn spots into findings: only on changed lines if those are given, one per weakness and line."""
    kept = [each for each in spots if changed is None or changed & set(range(each.start_line, each.end_line + 1))]
    seen: Counter[tuple[str, str, str | None]] = Counter()
    found = []
    for each in sorted(_distinct(kept), key=lambda spot: (spot.start_line, spot.start_column or 0, spot.rule_id)):
        symbol = source.enclosing(each.start_line)
        snippet = each.snippet or "\n".join(source.lines[each.start_line - 1 : min(each.end_line, each.start_line + 4)])
        key = (each.rule_id, snippet, symbol)
        print_ = fingerprint(each.rule_id, snippet, symbol, seen[key])
        seen[key] += 1
        place = Place(uri, each.start_line, each.end_line, each.start_column, each.end_column, symbol)
        finding = Finding(each.rule_id, each.severity, each.confidence, each.message, place, print_, each.help)
        found.append(replace(finding, cwe=each.cwe or None, fix=each.fix))
    return found


def _distinct(spots: list[Spot]) -> list[Spot]:
    best: dict[tuple[str, ...], Spot] = {}
    for each in spots:
        name = each.cwe[0] if each.cwe else each.rule_id
        key = (name, str(each.start_line))
        held = best.get(key)
        if held is None or _weight(each) > _weight(held):
            best[key] = each
    return list(best.values())


def _weight(spot: Spot) -> tuple[float, int]:
    return (spot.confidence, -SEVERITIES.index(spot.severity))
