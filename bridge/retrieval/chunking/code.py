"""Definitions of other languages by ast-grep's grammars, which travel inside its wheel."""

from collections.abc import Iterator
from typing import Any

from bridge.retrieval.chunking.lines import Piece

GRAMMARS = frozenset(
    ["javascript", "typescript", "tsx", "go", "java", "rust", "c", "cpp", "csharp", "php", "ruby", "kotlin", "swift",
     "scala", "lua", "elixir", "python", "bash", "dart"]
)  # fmt: skip
"""Names ast-grep knows; any other name makes it panic with an exception that is no `Exception`."""
DEFINES = {
    "function": "function", "method": "method", "constructor": "method", "class": "class", "interface": "interface",
    "struct": "struct", "enum": "enum", "trait": "trait", "impl": "class", "type": "type", "module": "module",
    "namespace": "module", "object": "class", "record": "class", "protocol": "interface",
}  # fmt: skip
ENDINGS = ("_declaration", "_definition", "_item", "_specifier", "_signature", "_spec")
NAMED = frozenset(["method", "class", "module", "singleton_method", "function"])
CONTAINERS = frozenset(["class", "interface", "struct", "trait", "module", "enum"])
LARGEST = 2_000_000
DEEPEST = 6


def definitions(text: str, language: str) -> list[Piece] | None:
    """Functions, types and methods of *text*; None when no grammar knows the language."""
    if language not in GRAMMARS or len(text) > LARGEST:
        return None
    from ast_grep_py import SgRoot

    try:
        root = SgRoot(text, language).root()
    except BaseException as error:  # the grammar's panic derives from BaseException
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return None
    return list(_walk(root, "", 0))


def _kind(node: Any) -> str:
    kind: str = node.kind()
    if kind in NAMED:
        return "method" if "method" in kind else kind
    if not kind.endswith(ENDINGS):
        return ""
    return next((meaning for word, meaning in DEFINES.items() if kind.startswith(word) or f"_{word}" in kind), "")


def _walk(node: Any, prefix: str, depth: int) -> Iterator[Piece]:
    for child in node.children():
        if not child.is_named():
            continue
        kind = _kind(child)
        if not kind:
            if depth < DEEPEST and not child.is_leaf():
                yield from _walk(child, prefix, depth + 1)
            continue
        yield from _definition(child, kind, prefix, depth)


def _definition(node: Any, kind: str, prefix: str, depth: int) -> Iterator[Piece]:
    named = node.field("name") or node.field("declarator") or node.field("type")
    name = named.text().split("(")[0].split("\n")[0].strip()[:120] if named else ""
    symbol = f"{prefix}{name}" if name else prefix.rstrip(".")
    bounds = node.range()
    first, last = bounds.start.line + 1, bounds.end.line + 1
    members = list(_walk(node, f"{symbol}." if symbol else "", depth + 1)) if kind in CONTAINERS else []
    after = first
    for member in members:
        if member.first > after:
            yield Piece(after, member.first - 1, symbol, kind)
        if member.first >= after:
            yield member
            after = member.last + 1
    if after <= last:
        yield Piece(after, last, symbol, kind)
