"""Values that come from outside and reach a dangerous call through variables, inside one function.

Sources, sinks and cleaners of each language are data (``flows/<language>.toml``). A function is read from
top to bottom: an assignment from a tainted expression taints its names, any other assignment cleans them,
and a branch can only add taint. Calls that clean (quoting, parsing a number) end it.
"""

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ast_grep_py import SgNode

from bridge.doors.analysers.code.sources import FUNCTIONS, Source
from bridge.doors.analysers.code.spots import Spot
from bridge.findings import Fix, Severity

FLOWS = Path(__file__).parent / "flows"
SHARED = {"jsx": "javascript", "typescript": "javascript", "tsx": "javascript"}
CALLS = frozenset([
    "call", "call_expression", "new_expression", "method_invocation", "object_creation_expression",
])  # fmt: skip
ASSIGNS = frozenset([
    "assignment", "augmented_assignment", "assignment_expression", "augmented_assignment_expression",
    "variable_declarator",
    "short_var_declaration", "assignment_statement", "var_spec", "named_expression",
])  # fmt: skip
LOOPS = frozenset(["for_statement", "for_in_statement", "enhanced_for_statement", "range_clause", "for_in_clause"])
GROWS = frozenset(["augmented_assignment", "augmented_assignment_expression"])
BRANCHES = frozenset(["if_statement", "for_statement", "for_in_statement", "while_statement", "try_statement",
                      "else_clause",
                      "elif_clause", "switch_statement", "switch_case", "case_clause", "match_statement"])  # fmt: skip
SUBSCRIPTS = frozenset(["subscript", "subscript_expression", "index_expression", "array_access"])
TYPES = frozenset(["type", "type_annotation"])
COMPARES = frozenset(["==", "===", "!=", "!==", "<", ">", "<=", ">="])
NAMES = frozenset(["identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"])
MEMBERS = {
    "attribute": "object",
    "member_expression": "object",
    "selector_expression": "operand",
    "field_access": "object",
}


@dataclass(frozen=True)
class Sink:
    """A dangerous call: its callee, which argument matters (None: any), and shapes of the call that are safe."""

    id: str
    callee: re.Pattern[str]
    message: str
    cwe: tuple[str, ...]
    severity: Severity
    fix: str
    argument: int | None
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    cleaned_by: re.Pattern[str] | None


@dataclass(frozen=True)
class Pack:
    """What one language's web frameworks hand in, what is dangerous, and what cleans."""

    sources: re.Pattern[str]
    parameters: re.Pattern[str] | None
    cleaners: re.Pattern[str]
    sinks: tuple[Sink, ...]


@functools.cache
def pack(language: str) -> Pack | None:
    """The flows of one language, or None."""
    path = FLOWS / f"{SHARED.get(language, language)}.toml"
    if not path.exists():
        return None
    given = tomllib.loads(path.read_text("utf-8"))
    return Pack(
        _any(given["sources"]),
        _any(given["parameters"]) if given.get("parameters") else None,
        re.compile("^(?:" + "|".join(given["cleaners"]) + ")$"),
        tuple(_sink(path.stem, each) for each in given["sink"]),
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in patterns))


def _sink(language: str, given: dict[str, Any]) -> Sink:
    def pattern(name: str) -> re.Pattern[str] | None:
        return re.compile(given[name]) if name in given else None

    return Sink(
        f"{language}/flow-{given['id']}", re.compile(f"^(?:{given['callee']})$", re.DOTALL), given["message"],
        tuple(given["cwe"]), given.get("severity", "high"), given.get("fix", ""),
        given.get("argument"), pattern("needs"), pattern("unless"),
        re.compile("^(?:" + given["cleaned_by"] + ")$") if "cleaned_by" in given else None,
    )  # fmt: skip


def flows(source: Source) -> tuple[list[Spot], set[int]]:
    """Every tainted value that reaches a sink; and the lines of calls that provably get harmless values only."""
    chosen = pack(source.language)
    if chosen is None or source.tree is None:
        return [], set()
    spots: list[Spot] = []
    cleared: set[int] = set()
    waiting = [source.tree]
    while waiting:
        scope = waiting.pop()
        walk = Walk(chosen, scope)
        spots += walk.spots()
        cleared |= walk.cleared
        waiting.extend(walk.inner)
    return spots, cleared


@dataclass
class Walk:
    """One function (or the top of a file), from top to bottom."""

    pack: Pack
    scope: SgNode
    tainted: dict[str, str] = field(default_factory=dict)
    inner: list[SgNode] = field(default_factory=list)
    harmless: set[str] = field(default_factory=set)
    cleared: set[int] = field(default_factory=set)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def spots(self) -> Iterator[Spot]:
        """Visit the scope's nodes in order."""
        if self.scope.kind() in FUNCTIONS:
            self._take_parameters()
        waiting = [(child, False) for child in reversed(self.scope.children())]
        while waiting:
            node, left = waiting.pop()
            kind = node.kind()
            if left:
                self._leave(node, kind)
                continue
            if kind in FUNCTIONS:
                self.inner.append(node)
                continue
            if kind in CALLS:
                yield from self._judge(node)
            if kind in ASSIGNS and (spot := self._judge_assignment(node)):
                yield spot
            if kind in LOOPS:
                self._leave(node, kind)
            if kind in ASSIGNS:
                waiting.append((node, True))
            waiting.extend((child, False) for child in reversed(node.children()) if child.is_named())

    def _take_parameters(self) -> None:
        parameters = self.scope.field("parameters")
        marks = self.pack.parameters
        if parameters is None or marks is None:
            return
        head = self.scope.text()[:300]
        parent = self.scope.parent()
        if parent is not None and parent.kind() == "decorated_definition":
            head = parent.text()[:600]
        if marks.search(head):
            for name in _names(parameters):
                if name not in ("self", "cls", "db", "session", "ctx", "w", "res", "response", "next"):
                    self.tainted[name] = name

    def _leave(self, node: SgNode, kind: str) -> None:
        left, right = _sides(node, kind)
        if left is None or right is None:
            return
        origin = self._origin(right, None)
        for name in _targets(left):
            if origin:
                self.tainted[name] = origin
                self.harmless.discard(name)
            elif self._is_harmless(right):
                if not self._conditional(node) and kind not in GROWS:
                    self.harmless.add(name)
                    self.tainted.pop(name, None)
            elif kind not in LOOPS:
                self.harmless.discard(name)
                if kind not in GROWS and not self._conditional(node):
                    self.tainted.pop(name, None)

    def _conditional(self, node: SgNode) -> bool:
        at = node.parent()
        while at is not None and at.range() != self.scope.range():
            if at.kind() in BRANCHES:
                return True
            at = at.parent()
        return False

    def _judge(self, call: SgNode) -> Iterator[Spot]:
        callee, arguments = _callee(call), _arguments(call)
        if not callee or arguments is None:
            return
        if all(self._is_harmless(each) for each in arguments):
            self.cleared.add(call.range().start.line + 1)
        for sink in self.pack.sinks:
            if not sink.callee.search(callee):
                continue
            given = arguments if sink.argument is None else arguments[sink.argument : sink.argument + 1]
            if spot := self._reaches(sink, call, given):
                yield spot

    def _judge_assignment(self, node: SgNode) -> Spot | None:
        left, right = _sides(node, node.kind())
        if left is None or right is None:
            return None
        target = f"={left.text()}"
        for sink in self.pack.sinks:
            if sink.callee.search(target) and (spot := self._reaches(sink, node, [right])):
                return spot
        return None

    def _reaches(self, sink: Sink, call: SgNode, given: list[SgNode]) -> Spot | None:
        text = call.text()
        if (sink.needs and not sink.needs.search(text)) or (sink.unless and sink.unless.search(text)):
            return None
        place = call.range()
        key = (sink.id, place.start.line)
        for each in given:
            origin = self._origin(each, sink.cleaned_by)
            if origin and key not in self.seen:
                self.seen.add(key)
                return Spot(
                    sink.id, sink.severity, 0.85, f"{sink.message} The value comes from {origin[:80]}.",
                    place.start.line + 1, place.end.line + 1, place.start.column + 1, place.end.column + 1,
                    "The value is under the control of whoever sends it.", sink.cwe,
                    Fix(sink.fix) if sink.fix else None,
                    text[:400],
                )  # fmt: skip
        return None

    def _is_harmless(self, node: SgNode) -> bool:
        """Whether an expression is made of literals, cleaned values and names that hold such."""
        waiting = [node]
        while waiting:
            at = waiting.pop()
            kind = at.kind()
            if kind in FUNCTIONS or kind in MEMBERS or kind in SUBSCRIPTS:
                return False
            if kind in CALLS:
                if not self.pack.cleaners.search(_callee(at)):
                    return False
                continue
            if kind in NAMES and at.text() not in self.harmless:
                return False
            waiting.extend(child for child in at.children() if child.is_named())
        return True

    def _origin(self, node: SgNode, cleaned_by: re.Pattern[str] | None) -> str | None:
        """Where the taint of an expression comes from, or None."""
        waiting = [node]
        while waiting:
            at = waiting.pop()
            kind = at.kind()
            if kind in FUNCTIONS or kind in ("string_content", "comment", "comparison_operator"):
                continue
            if kind in CALLS:
                callee = _callee(at)
                if self.pack.cleaners.search(callee) or (cleaned_by and cleaned_by.search(callee)):
                    continue
            if (
                kind in CALLS
                or kind in MEMBERS
                or kind in NAMES
                or kind.endswith("subscript")
                or kind == "subscript_expression"
            ) and (match := self.pack.sources.match(at.text())):
                return match.group()
            if kind in NAMES and (origin := self.tainted.get(at.text())):
                return origin
            waiting.extend(_parts(at, kind))
        return None


def _may_be_source(kind: str) -> bool:
    return kind in CALLS or kind in MEMBERS or kind in NAMES or kind in SUBSCRIPTS


def _parts(node: SgNode, kind: str) -> list[SgNode]:
    """The children whose taint is the node's: a member's name is no variable."""
    if kind in MEMBERS:
        inner = node.field(MEMBERS[kind])
        return [inner] if inner else []
    if kind == "keyword_argument":
        value = node.field("value")
        return [value] if value else []
    if kind == "pair":
        value = node.field("value")
        return [value] if value else []
    if kind == "method_invocation":
        return [each for each in (node.field("object"), node.field("arguments")) if each]
    if kind == "conditional_expression" and node.field("condition") is None:
        # Python's conditional has no field names: value, condition, alternative.
        return [each for number, each in enumerate(c for c in node.children() if c.is_named()) if number != 1]
    if kind in ("ternary_expression", "conditional_expression"):
        return [each for each in (node.field("consequence"), node.field("alternative")) if each]
    if kind == "binary_expression" and (sign := node.field("operator")) and sign.text() in COMPARES:
        return []
    return [child for child in node.children() if child.is_named()]


def _callee(call: SgNode) -> str:
    if call.kind() == "method_invocation":
        owner, name = call.field("object"), call.field("name")
        return f"{owner.text()}.{name.text()}" if owner and name else (name.text() if name else "")
    if call.kind() == "object_creation_expression":
        made = call.field("type")
        return f"new {made.text()}" if made else ""
    if call.kind() == "new_expression":
        made = call.field("constructor")
        return f"new {made.text()}" if made else ""
    function = call.field("function")
    return function.text() if function else ""


def _arguments(call: SgNode) -> list[SgNode] | None:
    arguments = call.field("arguments")
    if arguments is None:
        return None
    if arguments.kind() == "template_string":
        return [arguments]
    return [child for child in arguments.children() if child.is_named() and child.kind() != "comment"]


def _sides(node: SgNode, kind: str) -> tuple[SgNode | None, SgNode | None]:
    if kind in ("variable_declarator", "var_spec", "named_expression", "enhanced_for_statement"):
        return node.field("name"), node.field("value")
    return node.field("left"), node.field("right")


def _names(node: SgNode) -> Iterator[str]:
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if at.kind() in NAMES:
            yield at.text()
        waiting.extend(
            child for child in at.children() if child.is_named() and child.kind() not in ("type", "type_annotation")
        )


def _targets(left: SgNode) -> Iterator[str]:
    if left.kind() in MEMBERS or left.kind().startswith("subscript"):
        return
    yield from _names(left)
