"""The structure of a source file: symbols as segments, imports and sizes as facts."""

import re
from collections.abc import Iterator

from bridge.documents import Place
from bridge.doors.analysers.code.sources import Source, Symbol
from bridge.doors.analysers.tasks import Found, Task

IMPORTS = {
    "python": r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))",
    "javascript": r"""(?:from\s+|require\(\s*|import\s*\(?\s*)['"]([^'"]+)['"]""",
    "go": r"""^\s*(?:import\s+)?(?:[\w.]+\s+)?"([\w./-]+)"\s*$""",
    "java": r"^\s*import\s+(?:static\s+)?([\w.*]+);",
    "rust": r"^\s*(?:pub\s+)?use\s+([\w:]+)",
    "c": r"""^\s*#\s*include\s+[<"]([^>"]+)[>"]""",
    "csharp": r"^\s*using\s+(?:static\s+)?([\w.]+);",
    "php": r"^\s*use\s+([\w\\]+)",
    "ruby": r"""^\s*require(?:_relative)?\s+['"]([^'"]+)['"]""",
    "kotlin": r"^\s*import\s+([\w.*]+)",
}
SAME = {
    "jsx": "javascript",
    "typescript": "javascript",
    "tsx": "javascript",
    "cpp": "c",
    "scala": "kotlin",
    "swift": "kotlin",
}
BIG_SYMBOL = 400


def describe(source: Source, task: Task, found: Found) -> None:
    """Add facts, and when content is wanted a segment per top-level symbol, whose gaps are segments too."""
    lines = [line.strip() for line in source.lines]
    found.metadata.update(
        language=source.language,
        lines=len(lines) - (not lines[-1]),
        blank_lines=sum(not line for line in lines),
        symbols=[{"name": each.name, "kind": each.kind, "line": each.start} for each in source.symbols[:500]],
        imports=_imports(source),
    )
    if task.content:
        _cut_into_segments(source, task, found)


def _imports(source: Source) -> list[str]:
    pattern = IMPORTS.get(SAME.get(source.language, source.language))
    if not pattern:
        return []
    found = re.findall(pattern, source.text[:500_000], re.MULTILINE)
    names = (each if isinstance(each, str) else next(filter(None, each), "") for each in found)
    return list(dict.fromkeys(name for name in names if name))[:200]


def _cut_into_segments(source: Source, task: Task, found: Found) -> None:
    at, last = 1, len(source.lines)
    for symbol in _top_level(source):
        if symbol.start > at:
            _add(source, task, found, at, symbol.start - 1, None)
        if symbol.end >= at:
            _add(source, task, found, max(symbol.start, at), symbol.end, symbol.name)
        at = max(at, symbol.end + 1)
    if at <= last:
        _add(source, task, found, at, last, None)


def _top_level(source: Source) -> Iterator[Symbol]:
    outer_end = 0
    for each in sorted(source.symbols, key=lambda symbol: (symbol.start, -symbol.end)):
        if each.start <= outer_end:
            continue
        inner = [one for one in source.symbols if each.start <= one.start and one.end <= each.end and one is not each]
        if each.end - each.start > BIG_SYMBOL and inner:
            continue
        outer_end = each.end
        yield each


def _add(source: Source, task: Task, found: Found, start: int, end: int, symbol: str | None) -> None:
    text = "\n".join(source.lines[start - 1 : end])
    if text.strip():
        found.add("code", text, Place(task.uri, start, end, symbol=symbol))
