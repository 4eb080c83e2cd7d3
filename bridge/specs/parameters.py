"""How a step's input becomes the parameters of its n8n node; shared by the node generator and the compiler."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.specs.dialect import inlined
from bridge.specs.model import Schema, StepSpec

Kind = Literal["value", "json", "rows", "numbers", "locator", "binary", "time"]

WAIT = "waitMode"
"""The parameter of long steps that chooses poll, park or none."""
OPTIONS = "additionalOptions"
"""The collection that holds every optional field which is not named in ``presentation.top``."""
EXTRA = "extraInput"
"""The option that takes input as one JSON object, for whatever a form field cannot hold."""

OWN = frozenset({WAIT, OPTIONS, EXTRA, "maxWait", "maxConcurrency", "downloadFiles"})
# n8n's linter prescribes the whole form of parameters with these names, so fields get another one;
# the wire name stays.
PRESCRIBED = {
    "limit": "maxItems", "returnAll": "allItems", "simplify": "simplified", "resource": "stepResource",
    "operation": "stepOperation", "upsert": "createOrUpdate", "updateFields": "fieldsToUpdate",
    "authentication": "authenticationKind", "ignoreSslIssues": "skipSslIssues",
    "allowUnauthorizedCerts": "acceptUnauthorizedCerts", "filters": "stepFilters",
}  # fmt: skip
SENSITIVE = re.compile(r"secret|password|token|api_?key", re.IGNORECASE)


@dataclass(frozen=True)
class NodeField:
    """One input field as a parameter: ``wire`` is its name in the spec, ``param`` in n8n.

    ``when`` maps other parameters to the values that show this one.
    """

    wire: str
    param: str
    kind: Kind
    schema: Schema
    required: bool = False
    in_options: bool = False
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class NodeSelector:
    """The parameter that chooses between the alternatives of a root ``oneOf``."""

    param: str
    label: str
    choices: Mapping[str, tuple[str, tuple[str, ...]]]
    """Value to title and required fields."""


def camel(name: str) -> str:
    """``analysis_type`` as ``analysisType``; always an identifier."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word] or ["field"]
    joined = words[0][0].lower() + words[0][1:] + "".join(word[0].upper() + word[1:] for word in words[1:])
    return joined if joined[0].isalpha() else f"field{joined}"


def column_name(wire: str) -> str:
    """The name in n8n of one column of a field that is filled in row by row."""
    return PRESCRIBED.get(camel(wire), camel(wire))


def selector_of(spec: StepSpec) -> NodeSelector | None:
    """The selector of *spec*, if its input has alternatives."""
    alternatives = spec.input.get("oneOf", [])
    if not alternatives:
        return None
    chosen = spec.presentation.selector
    choices = {camel(each["title"]): (each["title"], tuple(each["required"])) for each in alternatives}
    return NodeSelector(_free(camel(chosen.name), OWN), chosen.label, choices)


def fields_of(spec: StepSpec) -> tuple[NodeField, ...]:
    """Every input field of *spec* as a parameter, in the order a person sees them."""
    selector = selector_of(spec)
    required = set(spec.input.get("required", []))
    taken = set(OWN) | ({selector.param} if selector else set())
    named: dict[str, str] = {}
    for wire, schema in spec.input["properties"].items():
        named[wire] = _free(_parameter_name(wire, schema), taken)
        taken.add(named[wire])
    return tuple(_field(spec, wire, named, required, selector) for wire in _ordered(spec))


def parameters_for(spec: StepSpec, given: Mapping[str, Any], *, wait: str = "poll") -> dict[str, Any]:
    """The parameters with which the node of *spec* sends *given*.

    A value that is a string starting with ``=`` is an n8n expression. Expressions for fields that a form
    holds row by row go into the option Extra Input (JSON), because n8n drops an expression there.
    """
    parameters: dict[str, Any] = {WAIT: wait} if spec.execution.kind == "long" else {}
    options: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    selector = selector_of(spec)
    if selector is not None:
        fitting = [value for value, (_, needed) in selector.choices.items() if set(needed) <= given.keys()]
        parameters[selector.param] = fitting[0] if fitting else next(iter(selector.choices))
    for each in fields_of(spec):
        if each.wire not in given:
            continue
        value = given[each.wire]
        if each.kind in ("rows", "numbers", "binary") and isinstance(value, str) and value.startswith("="):
            extra[each.wire] = value
        else:
            (options if each.in_options else parameters)[each.param] = _as_parameter(each, value)
    if extra:
        options[EXTRA] = _merged(extra)
    return {**parameters, **({OPTIONS: options} if options else {})}


def _as_parameter(of: NodeField, value: Any) -> Any:
    if of.kind == "rows":
        return {"values": [{column_name(key): each for key, each in row.items()} for row in value]}
    if of.kind == "numbers":
        return {"values": [{"value": each} for each in value]}
    if of.kind == "json" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if of.kind == "locator":
        return {"__rl": True, "mode": "id", "value": value}
    return value


def _merged(expressions: Mapping[str, str]) -> str:
    """One expression for an object of several whole-value expressions such as ``={{ $json.x }}``."""
    parts = []
    for wire, expression in expressions.items():
        inner = expression.removeprefix("=").strip()
        parts.append(f"{json.dumps(wire)}: {inner.removeprefix('{{').removesuffix('}}').strip()}")
    return "={{ { " + ", ".join(parts) + " } }}"


def _ordered(spec: StepSpec) -> Iterator[str]:
    names = list(spec.input["properties"])
    first = [name for name in spec.presentation.order if name in names]
    yield from first
    yield from (name for name in names if name not in first)


def _free(name: str, taken: frozenset[str] | set[str]) -> str:
    while name in taken:
        name += "Value"
    return name


def _parameter_name(wire: str, schema: Schema) -> str:
    name = camel(wire)
    if schema.get("format") == "binary":
        return f"{name}BinaryProperty" if name != "file" else "binaryPropertyName"
    if schema.get("format") == "secret":
        return camel(SENSITIVE.sub("vault", wire) + "_name")
    return PRESCRIBED.get(name, name)


def _field(
    spec: StepSpec, wire: str, named: Mapping[str, str], required: set[str], selector: NodeSelector | None
) -> NodeField:
    schema = inlined(spec.input["properties"][wire])
    look = spec.presentation.fields.get(wire)
    when: dict[str, tuple[Any, ...]] = {}
    if selector is not None:
        showing = tuple(value for value, (_, needed) in selector.choices.items() if wire in needed)
        if showing:
            when[selector.param] = showing
    chosen = bool(when)
    for other, values in ((look.show if look else None) or {}).items():
        when[named.get(other, camel(other))] = tuple(values)
    return NodeField(
        wire=wire,
        param=named[wire],
        kind="locator" if look and look.search else kind_of(schema),
        schema=schema,
        required=wire in required or chosen,
        in_options=not (wire in required or chosen or wire in spec.presentation.top),
        when=when,
    )


def kind_of(schema: Schema) -> Kind:
    """How the node reads the parameter of a field with *schema*."""
    if "enum" in schema or "const" in schema:
        return "value"
    if schema.get("format") in ("binary", "date-time"):
        return "binary" if schema["format"] == "binary" else "time"
    if schema["type"] == "object":
        return "json"
    if schema["type"] != "array":
        return "value"
    items = schema["items"]
    if items["type"] == "string":
        return "value"
    if items["type"] in ("number", "integer"):
        return "numbers" if "enum" not in items else "value"
    return "rows" if _is_flat(items) else "json"


def _is_flat(items: Schema) -> bool:
    properties = items.get("properties", {})
    scalar = all(each["type"] in ("string", "integer", "number", "boolean") for each in properties.values())
    plain = all(each.get("format") not in ("binary", "secret") for each in properties.values())
    return items["type"] == "object" and 0 < len(properties) <= 12 and scalar and plain
