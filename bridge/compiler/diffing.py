"""What changes between two workflows, in words: steps, settings and lines, not the noise around them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

KEPT_AT_TOP = ("name", "nodes", "connections", "settings")
NODE_ORDER = (
    "name", "type", "typeVersion", "parameters", "webhookId", "credentials", "disabled", "notes", "retryOnFail",
    "maxTries", "waitBetweenTries", "onError", "executeOnce", "alwaysOutputData",
)  # fmt: skip
SERVER_SETTINGS = frozenset({"binaryMode", "availableInMCP", "timeSavedMode"})
LONGEST = 160


@dataclass(frozen=True)
class Change:
    """One difference: ``where`` a node, line or setting, and what it was and will be."""

    kind: Literal["added", "removed", "changed", "renamed"]
    where: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """One line for a person."""
        sign = {"added": "+", "removed": "-", "changed": "~", "renamed": "~"}[self.kind]
        values = f": {self.before} -> {self.after}" if self.kind in ("changed", "renamed") else ""
        return f"{sign} {self.where}{values}"


def normal_form(workflow: Mapping[str, Any]) -> dict[str, Any]:
    """A workflow as exported from n8n without what only the server or the mouse knows: ids, versions, positions."""
    nodes = [
        {key: node[key] for key in NODE_ORDER if key == "name" or node.get(key) not in ({}, None)}
        for node in workflow.get("nodes", [])
    ]
    settings = {key: value for key, value in workflow.get("settings", {}).items() if key not in SERVER_SETTINGS}
    return {
        "name": workflow.get("name", ""),
        "nodes": sorted(nodes, key=lambda node: str(node["name"])),
        "connections": {name: workflow["connections"][name] for name in sorted(workflow.get("connections", {}))},
        "settings": dict(sorted(settings.items())),
    }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Say what turning *before* into *after* changes. Nodes are matched by id, then by name."""
    renamed = _renamed(before, after)
    return [
        *_named(before, after),
        *(Change("renamed", f"node '{old}'", old, new) for old, new in renamed.items()),
        *_nodes(before, after, renamed),
        *_connections(before, after, renamed),
        *_below(before.get("settings", {}), after.get("settings", {}), "setting "),
    ]


def _named(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if before.get("name") != after.get("name"):
        yield Change("changed", "the workflow's name", _shown(before.get("name")), _shown(after.get("name")))


def _renamed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    by_id = {node.get("id"): node["name"] for node in after.get("nodes", []) if node.get("id")}
    kept = {node["name"] for node in after.get("nodes", [])}
    found = {}
    for node in before.get("nodes", []):
        new = by_id.get(node.get("id"))
        if new is not None and new != node["name"] and node["name"] not in kept:
            found[node["name"]] = new
    return found


def _nodes(before: Mapping[str, Any], after: Mapping[str, Any], renamed: Mapping[str, str]) -> Iterator[Change]:
    old = {renamed.get(node["name"], node["name"]): node for node in before.get("nodes", [])}
    new = {node["name"]: node for node in after.get("nodes", [])}
    for name in [name for name in new if name not in old]:
        yield Change("added", f"node '{name}' ({new[name]['type']})")
    for name in [name for name in old if name not in new]:
        yield Change("removed", f"node '{name}' ({old[name]['type']})")
    for name in [name for name in new if name in old]:
        for key in NODE_ORDER[1:]:
            place = f"node '{name}', " + ("" if key == "parameters" else f"{key} ")
            yield from _below(old[name].get(key), new[name].get(key), place.rstrip() if key != "parameters" else place)


def _connections(before: Mapping[str, Any], after: Mapping[str, Any], renamed: Mapping[str, str]) -> Iterator[Change]:
    old = {
        (renamed.get(source, source), output, renamed.get(target, target)) for source, output, target in _lines(before)
    }
    new = set(_lines(after))
    for source, output, target in sorted(new - old):
        yield Change("added", f"line from '{source}' (output {output}) to '{target}'")
    for source, output, target in sorted(old - new):
        yield Change("removed", f"line from '{source}' (output {output}) to '{target}'")


def _lines(workflow: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    for source, kinds in workflow.get("connections", {}).items():
        for output, targets in enumerate(kinds.get("main", [])):
            for each in targets or ():
                yield source, output, each["node"]


def _below(before: Any, after: Any, where: str) -> Iterator[Change]:
    if before == after or (before in (None, {}) and after in (None, {})):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            inner = f"{where}.{key}" if not where.endswith((" ", "' ")) else f"{where}{key}"
            yield from _below(before.get(key), after.get(key), inner)
        return
    if before is None:
        yield Change("added", f"{where.strip()} = {_shown(after)}")
    elif after is None:
        yield Change("removed", f"{where.strip()} = {_shown(before)}")
    else:
        yield Change("changed", where.strip(), _shown(before), _shown(after))


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
