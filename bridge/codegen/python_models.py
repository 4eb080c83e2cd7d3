"""Specs to pydantic models."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from bridge.specs import SHAPES, StepSpec
from bridge.specs.shapes import URN

SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
LIMITS = {
    "minimum": "ge", "maximum": "le", "minLength": "min_length", "maxLength": "max_length",
    "minItems": "min_length", "maxItems": "max_length", "pattern": "pattern",
}  # fmt: skip
IMPORTS = ["from typing import Any, Literal", "", "from pydantic import Field", ""]


def render(spec: StepSpec, models_package: str) -> str:
    """Render the input and output models of one step; *models_package* holds the generated shapes."""
    used = sorted(_shapes_used(spec.input) | _shapes_used(spec.output))
    lines = [
        f'"""Input and output of `{spec.name}`, generated from node_specs/{spec.name}.json.',
        "",
        "Do not edit; run `bridge generate`.",
        '"""',
        "",
        *IMPORTS,
        "from bridge.authoring import StepModel, StepResult",
        *([f"from {models_package}.shapes import {', '.join(used)}"] if used else []),
        "",
        f'__all__ = ["{spec.stem}Input", "{spec.stem}Output", "Any", "Field", "Literal", "StepModel"]',
        *_model(f"{spec.stem}Input", spec.input, "StepModel"),
        *_model(f"{spec.stem}Output", spec.output, "StepResult"),
    ]
    return "\n".join(lines) + "\n"


def render_shapes() -> str:
    """Render the shapes that several steps share."""
    lines = [
        '"""Shapes that several steps share, generated from bridge/specs/shapes.json.',
        "",
        "Do not edit; run `bridge generate`.",
        '"""',
        "",
        *IMPORTS,
        "from bridge.authoring import StepModel",
    ]
    for name, schema in SHAPES.items():
        if "properties" in schema:
            lines += _model(name, schema, "StepModel")
        else:
            lines += ["", f"{name} = {_type(schema, name)}", f'"""{schema["description"]}"""']
    return "\n".join(lines) + "\n"


def _model(name: str, schema: dict[str, Any], parent: str) -> Iterator[str]:
    inner: list[str] = []
    fields: list[str] = []
    required = set(schema.get("required", []))
    for key, each in schema.get("properties", {}).items():
        nested = _nested(name, key, each)
        if nested is not None:
            inner += _model(*nested, "StepModel")
        fields.append(_field(name, key, each, key in required))
    yield from inner
    yield from ["", "", f"class {name}({parent}):"]
    described = schema.get("description")
    if described:
        yield f'    """{described}"""' if len(described) < 100 else f'    """{wrap(described, 100)[0]} ..."""'
        yield ""
    yield from fields or ["    pass"]


def _nested(model: str, key: str, schema: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Name and schema of the model a property needs for itself, if any."""
    if schema.get("type") == "array":
        return _nested(model, key, schema["items"])
    if schema.get("properties"):
        return model + "".join(word.title() for word in key.split("_")), schema
    return None


def _field(model: str, name: str, schema: dict[str, Any], required: bool) -> str:
    arguments = [f"{LIMITS[key]}={schema[key]!r}" for key in schema if key in LIMITS]
    if schema.get("description"):
        arguments.append(f"description={schema['description']!r}")
    kind = _type(schema, model, name)
    if not required:
        default = schema.get("default")
        if isinstance(default, (list, dict)):
            arguments.insert(
                0, f"default_factory=lambda: {default!r}" if default else f"default_factory={_empty(schema)}"
            )
        else:
            arguments.insert(0, f"default={default!r}")
        if default is None:
            kind = f"{kind} | None"
    return f"    {name}: {kind} = Field({', '.join(arguments)})"


def _empty(schema: dict[str, Any]) -> str:
    return "list" if schema.get("type") == "array" else "dict"


def _type(schema: dict[str, Any], model: str, key: str = "") -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(URN)
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if schema["type"] == "array":
        return f"list[{_type(schema['items'], model, key)}]"
    nested = _nested(model, key, schema)
    if nested is not None:
        return nested[0]
    if schema["type"] == "object":
        extra = schema.get("additionalProperties")
        return f"dict[str, {_type(extra, model, key)}]" if isinstance(extra, dict) else "dict[str, Any]"
    return SCALARS[schema["type"]]


def _shapes_used(schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return {str(schema["$ref"]).removeprefix(URN)}
    used: set[str] = set()
    for inner in schema.get("properties", {}).values():
        used |= _shapes_used(inner)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            used |= _shapes_used(schema[keyword])
    return used
