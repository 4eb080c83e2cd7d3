"""Values as n8n expressions: every text is data, never code, whatever characters it holds."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.compiler.naming import ENTRY_GATE
from bridge.compiler.plan import FromEvent
from bridge.compiler.references import Broken, Reference, pieces, references_in

IDENTIFIER = re.compile(r"^[A-Za-z_$][\w$]*$")
Source = Callable[[Reference], str]
"""Gives the JavaScript that reads what a reference names."""


def parameter(value: Any, source: Source) -> Any:
    """*value* as a node parameter: plain where it is plain, else one expression."""
    if isinstance(value, FromEvent):
        return wrapped(javascript(value, source))
    if not _has_expression(value):
        return _literal_parameter(value)
    if isinstance(value, str):
        return _text(value, source)
    return wrapped(javascript(value, source))


def wrapped(code: str) -> str:
    """JavaScript as a whole-value n8n expression."""
    return f"={{{{ {code} }}}}"


def javascript(value: Any, source: Source) -> str:
    """*value* as JavaScript without two closing braces in a row, which would end an n8n expression."""
    if isinstance(value, FromEvent):
        read = f"$({quoted(ENTRY_GATE)}).first().json.event{_below(value.path)}"
        return read if value.fallback is None else f"{read} ?? {javascript(value.fallback, source)}"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{quoted(str(key))}: {javascript(each, source)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{ }"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(javascript(each, source) for each in value)}]"
    if isinstance(value, str):
        return _joined(value, source)
    return json.dumps(value)


def quoted(text: str) -> str:
    """A JavaScript text in double quotes; braces are written as escapes so that they end nothing."""
    plain = json.dumps(text, ensure_ascii=False)
    plain = plain.replace("{{", "\\u007b\\u007b").replace("}}", "\\u007d\\u007d")
    return plain.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def read_step(node: str, path: tuple[str | int, ...], *, may_be_skipped: bool = False, item: int | None = None) -> str:
    """JavaScript that reads *path* of the result a node gave; a node that did not run reads as undefined."""
    which = "first()" if item is None else f"all()[{item}]"
    read = f"$({quoted(node)}).{which}{'?' if item is not None else ''}.json{_below(path)}"
    return f"($({quoted(node)}).isExecuted ? {read} : undefined)" if may_be_skipped else read


def read_event(path: tuple[str | int, ...]) -> str:
    """JavaScript that reads *path* of the trigger's event, which the entry gate passed on."""
    return f"$({quoted(ENTRY_GATE)}).first().json.event{_below(path)}"


def _below(path: tuple[str | int, ...] | tuple[str, ...]) -> str:
    parts = []
    for part in path:
        plain = isinstance(part, str) and IDENTIFIER.match(part)
        parts.append(f"?.{part}" if plain else f"?.[{part if isinstance(part, int) else quoted(part)}]")
    return "".join(parts)


def _has_expression(value: Any) -> bool:
    if isinstance(value, FromEvent) or any(references_in(value)):
        return True
    if isinstance(value, Mapping):
        return any(_has_expression(each) for each in value.values())
    return isinstance(value, (list, tuple)) and any(_has_expression(each) for each in value)


def _literal_parameter(value: Any) -> Any:
    """A plain value; what n8n would read as an expression is wrapped so that it stays plain."""
    if not _misread(value):
        return value
    return wrapped(javascript(value, lambda reference: reference.text))


def _misread(value: Any) -> bool:
    """Whether n8n would take a text in *value* for an expression."""
    if isinstance(value, str):
        return value.startswith("=") or "{{" in value
    if isinstance(value, Mapping):
        return any("{{" in key or _misread(each) for key, each in value.items())
    return isinstance(value, (list, tuple)) and any(_misread(each) for each in value)


def _text(value: str, source: Source) -> str:
    parts = pieces(value)
    if len(parts) == 1 and isinstance(parts[0], Reference):
        return wrapped(source(parts[0]))
    written = [part for part in parts if isinstance(part, str)]
    if any("{{" in part or "}}" in part for part in written):
        return wrapped(_joined(value, source))
    return "=" + "".join(part if isinstance(part, str) else f"{{{{ {_code(part, source)} }}}}" for part in parts)


def _joined(value: str, source: Source) -> str:
    parts = pieces(value)
    if not parts:
        return '""'
    if len(parts) == 1:
        return quoted(parts[0]) if isinstance(parts[0], str) else _code(parts[0], source)
    return " + ".join(quoted(part) if isinstance(part, str) else f"({_code(part, source)})" for part in parts)


def _code(part: Reference | Broken, source: Source) -> str:
    return source(part) if isinstance(part, Reference) else quoted(part.text)
