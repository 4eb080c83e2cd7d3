"""Findings as SARIF 2.1.0, the form that code hosts and editors read."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from bridge.documents import Place
from bridge.findings.shapes import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "0.0"}


def sarif(findings: Iterable[Finding], *, version: str = "0") -> dict[str, Any]:
    """Return one SARIF log with one run per tool; a rule id such as ``ruff/S307`` names its tool first."""
    tools: dict[str, list[Finding]] = {}
    for each in findings:
        tool, slash, _ = each.rule_id.partition("/")
        tools.setdefault(tool if slash else "bridge", []).append(each)
    if not tools:
        tools["bridge"] = []
    runs = [_run(tool, found, version) for tool, found in sorted(tools.items())]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}


def _run(tool: str, findings: list[Finding], version: str) -> dict[str, Any]:
    rules = list({each.rule_id: each for each in findings}.values())
    index = {each.rule_id: number for number, each in enumerate(rules)}
    driver = {"name": tool, "version": version, "rules": [_rule(each) for each in rules]}
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, index[each.rule_id]) for each in findings],
    }


def _rule(finding: Finding) -> dict[str, Any]:
    properties: dict[str, Any] = {"tags": list(finding.cwe or ())}
    if finding.cwe:
        properties["security-severity"] = SCORES[finding.severity]
    return {
        "id": finding.rule_id,
        "shortDescription": {"text": finding.message},
        "help": {"text": finding.help or finding.message},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": properties,
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule_id,
        "ruleIndex": rule_index,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(finding.place)],
        "partialFingerprints": {"bridge/v1": finding.fingerprint},
        "rank": round(finding.confidence * 100, 1),
        "properties": {"severity": finding.severity, "cwe": list(finding.cwe or ())},
    }
    if finding.fix:
        result["properties"]["suggestion"] = finding.fix.description
        if finding.fix.patch:
            result["properties"]["patch"] = finding.fix.patch
    return result


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(place.uri or "text", safe="/:@+,;=~")}}
    if place.start_line is not None:
        physical["region"] = _region(place)
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.symbol:
        location["logicalLocations"] = [{"name": place.symbol}]
    extra: Mapping[str, Any] = {"page": place.page, "start_time": place.start_time, "end_time": place.end_time}
    if any(value is not None for value in extra.values()):
        location["properties"] = {key: value for key, value in extra.items() if value is not None}
    return location


def _region(place: Place) -> dict[str, Any]:
    region = {
        "startLine": place.start_line, "endLine": place.end_line,
        "startColumn": place.start_column, "endColumn": place.end_column,
    }  # fmt: skip
    return {key: value for key, value in region.items() if value is not None}
