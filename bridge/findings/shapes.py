"""Finding and Fix, in SARIF's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from bridge.documents import Place

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True)
class Fix:
    """How to mend a finding: in words, and as a unified diff where the change is mechanical."""

    description: str
    patch: str | None = None


@dataclass(frozen=True)
class Finding:
    """Something worth a person's attention; ``confidence`` from 0 to 1, ``fingerprint`` survives moved lines."""

    rule_id: str
    severity: Severity
    confidence: float
    message: str
    place: Place
    fingerprint: str
    help: str | None = None
    cwe: tuple[str, ...] | None = None
    fix: Fix | None = None


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sort by severity, then by how sure the rule is, then by place."""

    def rank(each: Finding) -> tuple[int, float, str, int, str]:
        place = each.place
        return (
            SEVERITIES.index(each.severity), -each.confidence, place.uri or "", place.start_line or 0, each.rule_id,
        )  # fmt: skip

    return sorted(findings, key=rank)


def finding_from(shape: Mapping[str, Any]) -> Finding:
    """Read a finding back from its JSON shape, as it stands in an earlier result."""
    known = {each.name for each in fields(Place)}
    place = {key: value for key, value in shape["place"].items() if key in known}
    if "box" in place:
        place["box"] = tuple(place["box"])
    fix = shape.get("fix")
    return Finding(
        rule_id=shape["rule_id"],
        severity=shape["severity"],
        confidence=shape["confidence"],
        message=shape["message"],
        place=Place(**place),
        fingerprint=shape["fingerprint"],
        help=shape.get("help"),
        cwe=tuple(shape["cwe"]) if shape.get("cwe") else None,
        fix=Fix(fix["description"], fix.get("patch")) if fix else None,
    )
