"""A spec from a Python function: its type hints become the schemas, its docstring the descriptions."""

import dataclasses
import enum
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import griffe
from pydantic import BaseModel

from bridge.problems import BadSpec, Issue, NotFound
from bridge.specs.model import Schema

SCALARS: dict[Any, Schema] = {
    str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"},
    Path: {"type": "string", "format": "path"}, datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"}, dict: {"type": "object"}, Any: {"type": "object"},
}  # fmt: skip
EXAMPLES: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}}


@dataclasses.dataclass(frozen=True)
class Described:
    """What a function says of itself: its schemas, its description, and how its answer becomes a result."""

    function: str
    module: str
    description: str
    input: Schema
    output: Schema
    example: dict[str, Any]
    is_async: bool
    answers: Literal["value", "mapping", "dataclass", "model"]


def describe(reference: str) -> Described:
    """Read ``module:function``; every parameter that has no place in a spec is an issue of its own."""
    module, _, name = reference.partition(":")
    function = _imported(module, name)
    hints = get_type_hints(function)
    said = _docstring(function)
    issues: list[Issue] = []
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        schema = _parameter(parameter, hints, issues)
        properties[parameter.name] = {
            **schema, "description": said.parameters.get(parameter.name, f"The {parameter.name.replace('_', ' ')}")
        }  # fmt: skip
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    answers, output = _result(hints.get("return"), said.returns, issues)
    if issues:
        raise BadSpec(f"{reference} cannot become a step; {len(issues)} issue(s).", issues=issues)
    return Described(
        function=name,
        module=module,
        description=said.description
        if len(said.description) >= 20
        else f"Calls {name} of {module} and returns its result.",
        input={"type": "object", "additionalProperties": False, "required": required, "properties": properties},
        output=output,
        example={name: _example(properties[name]) for name in required},
        is_async=inspect.iscoroutinefunction(function),
        answers=answers,
    )


@dataclasses.dataclass(frozen=True)
class _Said:
    description: str
    parameters: Mapping[str, str]
    returns: str


def _imported(module: str, name: str) -> Callable[..., Any]:
    try:
        function = getattr(import_module(module), name or "")
    except (ImportError, AttributeError, ValueError) as error:
        raise NotFound(
            f"There is no function '{module}:{name}': {error}. Write module:function, and run where it can be imported."
        ) from error
    if not inspect.isfunction(function):
        raise BadSpec(f"'{module}:{name}' is not a Python function.")
    return function


def _docstring(function: Callable[..., Any]) -> _Said:
    """Google, NumPy and Sphinx style are all understood."""
    text = griffe.Docstring(inspect.getdoc(function) or "")
    styles: Sequence[Literal["google", "numpy", "sphinx"]] = ("google", "numpy", "sphinx")
    parsed = max((text.parse(style, warnings=False) for style in styles), key=len)
    description, parameters, returns = "", {}, ""
    for section in parsed:
        if section.kind is griffe.DocstringSectionKind.text and not description:
            description = " ".join(section.value.split("\n\n")[0].split())
        elif section.kind is griffe.DocstringSectionKind.parameters:
            parameters = {each.name: " ".join(each.description.split()) for each in section.value}
        elif section.kind is griffe.DocstringSectionKind.returns:
            returns = " ".join(" ".join(each.description for each in section.value).split())
    return _Said(description, {name: text for name, text in parameters.items() if text}, returns)


def _parameter(parameter: inspect.Parameter, hints: Mapping[str, Any], issues: list[Issue]) -> Schema:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
        issues.append(Issue("parameter", parameter.name, "must be a parameter that can be given by name"))
        return {"type": "object"}
    if parameter.name not in hints:
        issues.append(Issue("parameter", parameter.name, "has no type hint"))
        return {"type": "object"}
    schema = _schema(hints[parameter.name], parameter.name, issues)
    default = parameter.default.value if isinstance(parameter.default, enum.Enum) else parameter.default
    if default not in (parameter.empty, None) and isinstance(default, (str, int, float, bool, list, dict)):
        schema["default"] = default
    return schema


def _schema(hint: Any, where: str, issues: list[Issue]) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in SCALARS:
        return dict(SCALARS[hint])
    if origin in (Union, types.UnionType):
        real = [each for each in arguments if each is not type(None)]
        if len(real) == 1:
            return _schema(real[0], where, issues)
    if origin is Literal:
        return _choice(list(arguments), where, issues)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _choice([each.value for each in hint], where, issues)
    if origin in (list, tuple, set, frozenset, Sequence):
        item = arguments[0] if arguments else str
        return {"type": "array", "items": _schema(item, f"{where}/*", issues)}
    if origin is dict or origin is Mapping:
        value = arguments[1] if len(arguments) == 2 else Any
        return {
            "type": "object",
            **({"additionalProperties": _schema(value, where, issues)} if value is not Any else {}),
        }
    members = _members(hint)
    if members is not None:
        return {
            "type": "object",
            "properties": {name: _schema(each, f"{where}/{name}", issues) for name, each in members.items()},
        }
    issues.append(Issue("type", where, f"a spec has no form for {getattr(hint, '__name__', hint)}"))
    return {"type": "object"}


def _choice(values: list[Any], where: str, issues: list[Issue]) -> Schema:
    kinds = {type(each) for each in values}
    if len(kinds) != 1 or not kinds <= {str, int, float, bool}:
        issues.append(Issue("type", where, "its choices are not all of one simple type"))
        return {"type": "object"}
    return {**SCALARS[kinds.pop()], "enum": values}


def _members(hint: Any) -> dict[str, Any] | None:
    """Names and types of a class that is a record, or None."""
    if is_typeddict(hint) or dataclasses.is_dataclass(hint):
        return get_type_hints(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return {name: each.annotation for name, each in hint.model_fields.items()}
    return None


def _result(
    hint: Any, said: str, issues: list[Issue]
) -> tuple[Literal["value", "mapping", "dataclass", "model"], Schema]:
    if hint is None:
        issues.append(Issue("return", "return", "has no type hint, so nobody knows what comes out"))
        return "value", {"type": "object", "properties": {}}
    if _members(hint) is None:
        value = {**_schema(hint, "return", issues), "description": said or "What the function returned"}
        return "value", {"type": "object", "required": ["value"], "properties": {"value": value}}
    kind: Literal["mapping", "dataclass", "model"] = (
        "mapping" if is_typeddict(hint) else "dataclass" if dataclasses.is_dataclass(hint) else "model"
    )
    return kind, _schema(hint, "return", issues)


def _example(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    by_format = {"path": "README.md", "date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z"}
    return by_format.get(str(schema.get("format")), EXAMPLES[schema["type"]])
