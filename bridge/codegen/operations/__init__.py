"""The fixed addresses as OpenAPI describes them: one file per noun, each with a tuple ``OPERATIONS``.

A new noun is a new file here; a test compares all of them with bridge/web/routes.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

Schema = dict[str, Any]
PROBLEMS = {
    400: "The input is not valid; the issues name each field.",
    401: "No valid key.",
    403: "The key's role does not allow that, or a path or address is refused.",
    404: "There is nothing with this name or id.",
    405: "This address takes another method.",
    408: "The body did not arrive in time.",
    409: "Not in a state that allows this.",
    413: "Larger than the configured limit.",
    415: "This media type is not understood.",
    422: "Well formed, but nothing can be done with it.",
    429: "A limit is reached; Retry-After says when to come back.",
    500: "The bridge, or a step's code, failed.",
    502: "A system the bridge calls answered with an error.",
    503: "A part is not there at the moment; Retry-After says when to come back.",
    504: "The work did not end before its deadline.",
    507: "The bridge's disk is full.",
}


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    ``answers`` maps a status to the JSON schema of its body, or to None for none; ``problems`` lists the
    problems beside those that every operation of its access may answer with.
    """

    method: Literal["get", "post", "put", "delete", "patch"]
    path: str
    name: str
    tag: str
    summary: str
    answers: Mapping[int, Schema | None]
    access: Literal["public", "use", "manage"] = "use"
    description: str = ""
    parameters: tuple[Schema, ...] = ()
    body: Schema | None = None
    content: Mapping[str, Schema] = field(default_factory=dict)
    media_types: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()


def fixed_operations() -> list[Operation]:
    """All of them, by file and order in the file."""
    names = sorted(each.name for each in iter_modules(__path__))
    return [each for name in names for each in import_module(f"{__name__}.{name}").OPERATIONS]


def ref(name: str) -> Schema:
    """A shape of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(item: Schema) -> Schema:
    """A list as every list answers."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": "string", "description": "Cursor of the next page; empty on the last one."},
        },
    }


def query(name: str, description: str, schema: Schema | None = None) -> Schema:
    """A parameter of the query."""
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def header(name: str, description: str, schema: Schema | None = None) -> Schema:
    """A parameter in a header."""
    return {"name": name, "in": "header", "description": description, "schema": schema or {"type": "string"}}


LIMIT = query("limit", "Most items of one page.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50})
CURSOR = query("cursor", "`next` of the page before.", {"type": "string"})
PREFER = header("Prefer", "`wait=N` waits up to N seconds (240 at most) for the end; `respond-async` answers at once.")
"""Parameters that several nouns take."""
