"""References in values: ``${{ steps.<id>.<path> }}``, ``${{ event.<path> }}``, ``${{ params.<name> }}``."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

REFERENCE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
WORDS = re.compile(r"^(steps|event|params)((?:\.[A-Za-z_][\w-]*|\[\d+\])+)$")
PART = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]")


@dataclass(frozen=True)
class Reference:
    """One reference: ``root`` steps, event or params, and the path below it."""

    root: str
    path: tuple[str | int, ...]
    text: str


@dataclass(frozen=True)
class Broken:
    """Something between ``${{`` and ``}}`` that is no reference."""

    text: str


def parse(inner: str) -> Reference | Broken:
    """Read what stands between the braces."""
    text = inner.strip()
    match = WORDS.match(text)
    if match is None:
        return Broken(text)
    path = tuple(int(index) if index else name for name, index in PART.findall(match[2]))
    if match[1] == "steps" and len(path) < 1:
        return Broken(text)
    return Reference(match[1], path, text)


def pieces(text: str) -> list[str | Reference | Broken]:
    """Split *text* into plain parts and references."""
    parts: list[str | Reference | Broken] = []
    end = 0
    for match in REFERENCE.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        parts.append(parse(match[1]))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return parts


def references_in(value: Any, where: str = "") -> Iterator[tuple[str, Reference | Broken]]:
    """Every reference below *value*, with its JSON pointer."""
    if isinstance(value, str):
        yield from ((where, part) for part in pieces(value) if not isinstance(part, str))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from references_in(each, f"{where}/{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from references_in(each, f"{where}/{index}")


def replaced(value: Any, change: Callable[[Reference], Any]) -> Any:
    """*value* with each reference that *change* gives something else for replaced by it.

    A text that is nothing but one reference becomes the thing itself; inside longer text it is written out.
    """
    if isinstance(value, Mapping):
        return {key: replaced(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, change) for each in value]
    if not isinstance(value, str):
        return value
    parts = [change(part) if isinstance(part, Reference) else _plain(part) for part in pieces(value)]
    if len(parts) == 1:
        return parts[0]
    return "".join(_plain(part) if isinstance(part, (str, Reference, Broken)) else str(part) for part in parts)


def _plain(part: object) -> Any:
    if isinstance(part, (Reference, Broken)):
        return f"${{{{ {part.text} }}}}"
    return part
