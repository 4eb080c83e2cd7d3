"""Whether a spec still serves the workflows that were built on its released version.

Optional input may be added and results may gain keys. Whatever is removed, narrowed or newly demanded
needs a new version, because saved workflows keep the old form for ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.problems import Issue
from bridge.specs import StepSpec, inlined

LOWER = ("minimum", "minLength", "minItems")
UPPER = ("maximum", "maxLength", "maxItems")


def incompatible(specs: Sequence[StepSpec], released: Mapping[str, Sequence[StepSpec]]) -> list[Issue]:
    """Every promise of a released version that *specs* break."""
    current = {spec.name: spec for spec in specs}
    issues: list[Issue] = []
    for name, versions in released.items():
        if name not in current:
            issues.append(Issue("removed", name, "the step was released, so it cannot be removed; deprecate it"))
            continue
        issues += _against(versions, current[name])
    return issues


def _against(versions: Sequence[StepSpec], now: StepSpec) -> Iterator[Issue]:
    latest = versions[-1]
    if latest.version > now.version:
        yield Issue("version", f"{now.name}/version", f"must not be below the released version {latest.version}")
    elif latest.version == now.version:
        for each in (*_input(latest.input, now.input, "/input"), *_output(latest.output, now.output, "/output")):
            yield Issue(each.code, f"{now.name}{each.where}", each.message)
    have = {each.version for each in versions}
    for missing in sorted(set(range(1, now.version)) - have):
        yield Issue("released", now.name, f"node_specs/released/{now.name}.v{missing}.json is missing")


def _input(old: dict[str, Any], new: dict[str, Any], where: str) -> Iterator[Issue]:
    old, new = inlined(old), inlined(new)
    yield from _kind(old, new, where)
    yield from _limits(old, new, where)
    for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
        yield Issue("required", f"{where}/{name}", "is required now")
    if old.get("additionalProperties", True) is not False and new.get("additionalProperties", True) is False:
        yield Issue("additionalProperties", where, "further keys are refused now")
    gone = [each for each in old.get("oneOf", []) if set(each["required"]) not in _needed(new)]
    for each in gone if new.get("oneOf") or old.get("oneOf") else []:
        yield Issue("oneOf", where, f"the alternative {each['title']} is gone")
    if new.get("oneOf") and not old.get("oneOf"):
        yield Issue("oneOf", where, "one of several alternatives must be chosen now")
    for name, each in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield Issue("removed", f"{where}/{name}", "is gone")
        else:
            yield from _input(each, new["properties"][name], f"{where}/{name}")
    if "items" in old and "items" in new:
        yield from _input(old["items"], new["items"], f"{where}/*")


def _needed(schema: Mapping[str, Any]) -> list[set[str]]:
    return [set(each["required"]) for each in schema.get("oneOf", [])]


def _output(old: dict[str, Any], new: dict[str, Any], where: str) -> Iterator[Issue]:
    old, new = inlined(old), inlined(new)
    yield from _kind(old, new, where)
    for name in sorted(set(old.get("required", [])) - set(new.get("required", []))):
        yield Issue("required", f"{where}/{name}", "was always there and may be absent now")
    for value in new.get("enum", []):
        if "enum" in old and value not in old["enum"]:
            yield Issue("enum", where, f"may be {value!r} now, which no workflow expects")
    for name, each in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield Issue("removed", f"{where}/{name}", "is gone")
        else:
            yield from _output(each, new["properties"][name], f"{where}/{name}")
    if "items" in old and "items" in new:
        yield from _output(old["items"], new["items"], f"{where}/*")


def _kind(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[Issue]:
    widened = (old.get("type"), new.get("type")) == ("integer", "number") and where.startswith("/input")
    if old.get("type") != new.get("type") and not widened:
        yield Issue("type", where, f"was {old.get('type')} and is {new.get('type')} now")
    if old.get("format") != new.get("format"):
        yield Issue("format", where, f"was {old.get('format', 'free')} and is {new.get('format', 'free')} now")


def _limits(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[Issue]:
    for keyword in LOWER:
        if keyword in new and new[keyword] > old.get(keyword, float("-inf")):
            yield Issue(keyword, where, f"{keyword} is {new[keyword]} now")
    for keyword in UPPER:
        if keyword in new and new[keyword] < old.get(keyword, float("inf")):
            yield Issue(keyword, where, f"{keyword} is {new[keyword]} now")
    yield from _choice(old, new, where)
    if new.get("pattern") not in (None, old.get("pattern")):
        yield Issue("pattern", where, "has another pattern now")
    if new.get("uniqueItems") and not old.get("uniqueItems"):
        yield Issue("uniqueItems", where, "repeated values are refused now")
    if "default" in old and old["default"] != new.get("default"):
        yield Issue("default", where, f"the default was {old['default']!r}; workflows that leave it out would change")


def _choice(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[Issue]:
    allowed, before = _values(new), _values(old)
    if allowed is None:
        return
    if before is None:
        yield Issue("enum", where, "only some values are taken now")
    for value in before or ():
        if value not in allowed:
            yield Issue("enum", where, f"{value!r} is refused now")


def _values(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None
