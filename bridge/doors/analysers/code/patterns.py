"""Our rule pack: one TOML file of patterns per language, run on the syntax tree."""

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ast_grep_py import SgNode

from bridge.doors.analysers.code.sources import Source
from bridge.doors.analysers.code.spots import Spot
from bridge.findings import Fix, Severity

RULES = Path(__file__).parent / "rules"
PACKS = {"jsx": "javascript", "typescript": "javascript", "tsx": "javascript"}
"""Languages that share another's rules."""


@dataclass(frozen=True)
class Rule:
    """One rule: ``rule`` in ast-grep's words, and the code that must and must not match (run by the tests)."""

    id: str
    kind: str
    severity: Severity
    confidence: float
    message: str
    help: str
    fix: str
    cwe: tuple[str, ...]
    rule: dict[str, Any]
    constraints: dict[str, Any]
    match: tuple[str, ...]
    pass_: tuple[str, ...]


@functools.cache
def rules(language: str) -> tuple[Rule, ...]:
    """The rules of one language."""
    path = RULES / f"{PACKS.get(language, language)}.toml"
    if not path.exists():
        return ()
    return tuple(_rule(path.stem, each) for each in tomllib.loads(path.read_text("utf-8"))["rule"])


def _rule(pack: str, given: dict[str, Any]) -> Rule:
    rule = given.get("rule") or {"any": [{"pattern": each} for each in given["patterns"]]}
    if "unless" in given:
        rule = {"all": [rule, *({"not": {"pattern": each}} for each in given["unless"])]}
    if "outside" in given:
        rule = {"all": [rule, {"not": {"inside": {**given["outside"], "stopBy": "end"}}}]}
    if "inside" in given:
        rule = {"all": [rule, {"inside": {**given["inside"], "stopBy": "end"}}]}
    wanted, refused = given.get("where", {}), given.get("where_not", {})
    constraints: dict[str, Any] = {
        name: {"all": [
            *([{"regex": wanted[name]}] if name in wanted else []),
            *([{"not": {"regex": refused[name]}}] if name in refused else []),
        ]}
        for name in {*wanted, *refused}
    }  # fmt: skip
    return Rule(
        f"{pack}/{given['id']}", given.get("kind", "security"), given["severity"], given.get("confidence", 0.7),
        given["message"], given.get("help", ""), given.get("fix", ""), tuple(given.get("cwe", ())), rule, constraints,
        tuple(given["match"]), tuple(given["pass"]),
    )  # fmt: skip


def matches(source: Source, kinds: set[str]) -> Iterator[Spot]:
    """Yield what the rules of the source's language find."""
    if source.tree is None:
        return
    for rule in rules(source.language):
        if rule.kind in kinds:
            yield from (_spot(rule, node) for node in find(rule, source.tree))


def find(rule: Rule, tree: SgNode) -> list[SgNode]:
    """All nodes a rule matches."""
    config: dict[str, Any] = {"rule": rule.rule}
    if rule.constraints:
        config["constraints"] = rule.constraints
    return tree.find_all(cast("Any", config))


def _spot(rule: Rule, node: SgNode) -> Spot:
    place = node.range()
    return Spot(
        rule.id, rule.severity, rule.confidence, rule.message, place.start.line + 1, place.end.line + 1,
        place.start.column + 1, place.end.column + 1, rule.help or None, rule.cwe,
        Fix(rule.fix) if rule.fix else None, node.text()[:400],
    )  # fmt: skip
