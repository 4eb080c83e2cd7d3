"""Python values as TypeScript literals, laid out the way prettier would for the common cases."""

import json
import re
from typing import Any

IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
WIDTH = 100


class Code(str):
    """TypeScript that is written as it is."""

    __slots__ = ()


def typescript(value: Any, depth: int = 0) -> str:
    """Render *value* at *depth* tabs of indentation."""
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return _object(value, depth)
    if isinstance(value, (list, tuple)):
        return _array(list(value), depth)
    return json.dumps(value)


def _text(value: str) -> str:
    double = json.dumps(value, ensure_ascii=False)
    if "'" in value and '"' not in value:
        return double
    return "'" + double[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _object(value: dict[str, Any], depth: int) -> str:
    if not value:
        return "{}"
    pairs = [f"{_key(name)}: {typescript(each, depth + 1)}" for name, each in value.items()]
    return _broken("{", pairs, "}", depth)


def _array(value: list[Any], depth: int) -> str:
    parts = [typescript(each, depth + 1) for each in value]
    one_line = f"[{', '.join(parts)}]"
    scalars = not any(isinstance(each, (dict, list, tuple)) and each for each in value)
    if scalars and len(one_line) + 2 * depth <= WIDTH - 20:
        return one_line
    return _broken("[", parts, "]", depth)


def _broken(opening: str, parts: list[str], closing: str, depth: int) -> str:
    tabs = "\t" * depth
    return f"{opening}\n" + "".join(f"{tabs}\t{part},\n" for part in parts) + f"{tabs}{closing}"


def _key(name: str) -> str:
    return name if IDENTIFIER.fullmatch(name) else _text(name)
