"""The part of JSON Schema 2020-12 every generator here understands; all else is refused.

A keyword that one generator silently drops is a lie told by the other three, so an
unknown keyword is an error at its exact place, never a warning.
"""

import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

from bridge.problems import Issue
from bridge.specs.shapes import SHAPES, URN

TYPES = ("object", "array", "string", "integer", "number", "boolean")
KEYWORDS = frozenset(
    [
        "type",
        "title",
        "description",
        "default",
        "enum",
        "const",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "examples",
        "deprecated",
    ]
)
FORMATS = frozenset(["date-time", "date", "email", "text", "path", "uri", "glob", "cel", "binary", "result", "secret"])
OF_TYPE = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "boolean": set(),
}
TYPED = set().union(*OF_TYPE.values())


def unsupported(schema: dict[str, Any], where: str = "", *, root_input: bool = False) -> Iterator[Issue]:
    """Yield everything in *schema* that some generator could not honour, each at its JSON pointer."""
    if "$ref" in schema:
        yield from _reference(schema, where)
        return
    kind = schema.get("type")
    if kind not in TYPES:
        yield Issue("type", f"{where}/type", f"must be one of {', '.join(TYPES)}")
        return
    allowed = KEYWORDS | ({"oneOf"} if root_input else frozenset())
    for keyword in sorted(schema.keys() - allowed):
        yield Issue("keyword", f"{where}/{keyword}", f"'{keyword}' is outside the dialect")
    for keyword in sorted((schema.keys() & TYPED) - OF_TYPE[kind]):
        yield Issue("keyword", f"{where}/{keyword}", f"'{keyword}' means nothing for type {kind}")
    yield from _limits(schema, where)
    yield from _values(schema, where)
    yield from _children(schema, where)
    if root_input:
        yield from _alternatives(schema, where)


def _reference(schema: dict[str, Any], where: str) -> Iterator[Issue]:
    name = str(schema["$ref"]).removeprefix(URN)
    if not str(schema["$ref"]).startswith(URN) or name not in SHAPES:
        yield Issue("ref", f"{where}/$ref", f"must be {URN}<shape>, one of {', '.join(sorted(SHAPES))}")
    for keyword in sorted(schema.keys() - {"$ref", "description"}):
        yield Issue("keyword", f"{where}/{keyword}", "only a description may stand beside $ref")


def _limits(schema: dict[str, Any], where: str) -> Iterator[Issue]:
    for keyword in ("minimum", "maximum"):
        if keyword in schema and not _is_a(schema[keyword], "number"):
            yield Issue(keyword, f"{where}/{keyword}", "must be a number")
    for keyword in ("minLength", "maxLength", "minItems", "maxItems"):
        if keyword in schema and (not _is_a(schema[keyword], "integer") or schema[keyword] < 0):
            yield Issue(keyword, f"{where}/{keyword}", "must be a whole number from 0 up")


def _values(schema: dict[str, Any], where: str) -> Iterator[Issue]:
    kind = schema["type"]
    if schema.get("format") is not None and schema["format"] not in FORMATS:
        yield Issue("format", f"{where}/format", f"must be one of {', '.join(sorted(FORMATS))}")
    for keyword in ("default", "const"):
        if keyword in schema and not _is_a(schema[keyword], kind):
            yield Issue(keyword, f"{where}/{keyword}", f"must be of type {kind}")
    if "enum" in schema:
        if not schema["enum"] or not all(_is_a(value, kind) for value in schema["enum"]):
            yield Issue("enum", f"{where}/enum", f"must be a list of at least one {kind}")
        elif "default" in schema and schema["default"] not in schema["enum"]:
            yield Issue("default", f"{where}/default", "must be one of the enum's values")
    if "pattern" in schema:
        try:
            re.compile(schema["pattern"])
        except re.error as error:
            yield Issue("pattern", f"{where}/pattern", f"is not a regular expression: {error}")


def _is_a(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: dict[str, type | tuple[type, ...]] = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    }  # fmt: skip
    return isinstance(value, kinds[kind])


def _children(schema: dict[str, Any], where: str) -> Iterator[Issue]:
    properties = schema.get("properties", {})
    for name, inner in properties.items():
        if iskeyword(name):
            yield Issue("name", f"{where}/properties/{name}", "is a word of Python; choose another name")
        yield from unsupported(inner, f"{where}/properties/{name}")
    for index, name in enumerate(schema.get("required", [])):
        if name not in properties:
            yield Issue("required", f"{where}/required/{index}", f"'{name}' is not among the properties")
    if schema["type"] == "array":
        if "items" not in schema:
            yield Issue("items", f"{where}/items", "an array must say what its items are")
        else:
            yield from unsupported(schema["items"], f"{where}/items")
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        yield from unsupported(extra, f"{where}/additionalProperties")
    elif extra not in (None, True, False):
        yield Issue("additionalProperties", f"{where}/additionalProperties", "must be true, false or a schema")


def _alternatives(schema: dict[str, Any], where: str) -> Iterator[Issue]:
    for index, each in enumerate(schema.get("oneOf", [])):
        if set(each) != {"title", "required"} or not each["required"]:
            yield Issue("oneOf", f"{where}/oneOf/{index}", "an alternative is {title, required} and nothing else")
            continue
        for name in each["required"]:
            if name not in schema.get("properties", {}):
                yield Issue("oneOf", f"{where}/oneOf/{index}/required", f"'{name}' is not among the properties")


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return *schema* with every ``$ref`` to a shape replaced by the shape, for readers that know no refs."""
    if "$ref" in schema:
        shape = inlined(SHAPES[schema["$ref"].removeprefix(URN)])
        return {**shape, **{key: value for key, value in schema.items() if key != "$ref"}}
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {name: inlined(each) for name, each in schema["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            result[keyword] = inlined(schema[keyword])
    return result
