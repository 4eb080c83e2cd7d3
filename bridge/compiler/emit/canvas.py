"""A workflow while it is drawn: nodes, lines, and the loose ends the next node is tied to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Node:
    """One node. ``lane`` is its row: 0 the way through, below it what ends, above it what is optional."""

    name: str
    type: str
    version: float
    parameters: Mapping[str, Any]
    lane: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    position: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Edge:
    """One line; ``back`` when it closes a loop."""

    source: str
    output: int
    target: str
    back: bool = False


@dataclass
class Canvas:
    """Nodes in drawing order; ``ends`` are the outputs that lead to whatever is drawn next."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    ends: list[tuple[str, int]] = field(default_factory=list)
    lane: int = 0
    many: bool = False
    """Whether the last node gives several items; what follows must still run once."""
    steps: dict[str, str] = field(default_factory=dict)
    """Step id to the name of the node whose output is its result."""

    def start(self, node: Node) -> None:
        """Draw a node that nothing leads to."""
        self.nodes.append(node)
        self.ends.append((node.name, 0))

    def go_on(self, node: Node) -> None:
        """Draw *node* behind all loose ends; its first output is the new end."""
        once = {"executeOnce": True} if self.many else {}
        node = replace(node, lane=node.lane or self.lane, settings={**node.settings, **once})
        self.many = False
        self.nodes.append(node)
        self.edges += [Edge(source, output, node.name) for source, output in self.ends]
        self.ends = [(node.name, 0)]

    def side(self, source: str, output: int, node: Node) -> None:
        """Draw a node that ends here, on the far side of the way through."""
        self.nodes.append(replace(node, lane=self.lane + (1 if self.lane >= 0 else -1)))
        self.edges.append(Edge(source, output, node.name))

    def loop(self, source: str, output: int, target: str) -> None:
        """Draw a line back to *target*."""
        self.edges.append(Edge(source, output, target, back=True))
