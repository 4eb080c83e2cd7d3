"""A source file, parsed once: text, language, syntax tree and the symbols that enclose its lines."""

from dataclasses import dataclass, field
from functools import cached_property

from ast_grep_py import SgNode, SgRoot

PARSERS = {
    "python": "python", "javascript": "javascript", "jsx": "tsx", "typescript": "typescript", "tsx": "tsx", "go": "go",
    "java": "java", "rust": "rust", "c": "c", "cpp": "cpp", "csharp": "csharp", "php": "php", "ruby": "ruby",
    "kotlin": "kotlin", "swift": "swift", "scala": "scala", "bash": "bash",
}  # fmt: skip
"""Asking the parser for a language it does not know panics, so its names stand here."""

DEFINITIONS = frozenset([
    "function_definition", "class_definition", "function_declaration", "generator_function_declaration",
    "method_definition", "class_declaration", "method_declaration", "constructor_declaration", "interface_declaration",
    "enum_declaration", "type_declaration", "function_item", "impl_item", "struct_item", "trait_item", "enum_item",
    "struct_specifier", "class_specifier", "namespace_definition", "trait_declaration", "method", "singleton_method",
    "class", "module", "struct_declaration", "record_declaration", "namespace_declaration", "object_declaration",
    "type_alias_declaration", "local_function_statement",
])  # fmt: skip
FUNCTIONS = frozenset([
    "function_definition", "function_declaration", "generator_function_declaration", "method_definition",
    "method_declaration", "constructor_declaration", "function_item", "method", "singleton_method", "arrow_function",
    "function_expression", "function", "func_literal", "lambda_expression", "local_function_statement",
])  # fmt: skip


@dataclass(frozen=True)
class Symbol:
    """One definition: lines from 1, ``name`` with its classes before it."""

    name: str
    kind: str
    start: int
    end: int


@dataclass
class Source:
    """One parsed source file."""

    text: str
    language: str
    tree: SgNode | None = None
    lines: list[str] = field(default_factory=list)

    @cached_property
    def symbols(self) -> list[Symbol]:
        """All definitions, outer before inner."""
        return list(_symbols(self.tree)) if self.tree else []

    def enclosing(self, line: int) -> str | None:
        """The innermost definition around *line*, by its full name."""
        around = [each for each in self.symbols if each.start <= line <= each.end]
        return max(around, key=lambda each: (each.start, -each.end)).name if around else None


def parse(text: str, language: str) -> Source:
    """Parse *text*; an unknown language has no tree."""
    parser = PARSERS.get(language)
    tree = SgRoot(text, parser).root() if parser else None
    return Source(text, language, tree, text.split("\n"))


def _symbols(root: SgNode) -> list[Symbol]:
    found: list[Symbol] = []
    waiting: list[tuple[SgNode, str]] = [(root, "")]
    while waiting:
        node, prefix = waiting.pop()
        if node.kind() in DEFINITIONS and (name := _name_of(node)):
            prefix = f"{prefix}.{name}" if prefix else name
            place = node.range()
            found.append(Symbol(prefix, node.kind(), place.start.line + 1, place.end.line + 1))
        waiting.extend((child, prefix) for child in reversed(node.children()) if child.is_named())
    return found


def _name_of(node: SgNode) -> str:
    for name in ("name", "declarator", "type"):
        if part := node.field(name):
            while inner := part.field("declarator"):
                part = inner
            return part.text().split("(")[0][:120]
    return ""
