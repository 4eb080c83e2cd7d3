"""Where each node stands: time runs to the right, what ends early hangs below, what is optional sits above."""

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.compiler.emit.canvas import Edge, Node

COLUMN, ROW = 240, 200
NODE_WIDTH, NODE_HEIGHT = 100, 140
"""A node's box with its label, in canvas units."""


def lay_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, tuple[int, int]]:
    """Give every node a column (its longest way from a trigger, loops left out) and the row of its lane."""
    order = [node.name for node in nodes]
    before: dict[str, list[str]] = {name: [] for name in order}
    for edge in edges:
        if not edge.back:
            before[edge.target].append(edge.source)
    column: dict[str, int] = {}
    for name in order:
        column[name] = 1 + max((column[source] for source in before[name]), default=-1)
    return {node.name: (column[node.name] * COLUMN, node.lane * ROW) for node in nodes}


def overlaps(nodes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of nodes of a workflow document whose boxes cover each other."""
    boxes = [(str(node["name"]), _box(node)) for node in nodes]
    return [
        (name, other)
        for index, (name, box) in enumerate(boxes)
        for other, second in boxes[index + 1 :]
        if box[0] < second[2] and second[0] < box[2] and box[1] < second[3] and second[1] < box[3]
    ]


def _box(node: Mapping[str, Any]) -> tuple[int, int, int, int]:
    left, top = node["position"]
    given = node.get("parameters", {})
    width, height = int(given.get("width", NODE_WIDTH)), int(given.get("height", NODE_HEIGHT))
    return left, top, left + width, top + height
