"""Rules about a step's merged input: only inputs it has, and values its schema allows."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from bridge.compiler.plan import FromEvent, Plan
from bridge.compiler.reading import near
from bridge.compiler.references import references_in
from bridge.specs import inlined

Found = Iterator[tuple[str, str]]
APPROVAL_INPUT: Mapping[str, Mapping[str, Any]] = {
    "title": {"type": "string"},
    "message": {"type": "string"},
    "timeout": {"type": "integer", "minimum": 60},
}


def unknown_input(plan: Plan) -> Found:
    """n8n drops a parameter its node does not have, without a word."""
    for step in plan.steps:
        known = step.spec.input["properties"] if step.spec else APPROVAL_INPUT
        for name in step.given:
            if name not in known:
                yield f"/steps/{step.id}/config/{name}", f"'{step.name}' takes no '{name}'. {near(name, known)}"


def bad_value(plan: Plan) -> Found:
    """A value that is written down is judged now; one that comes at run time is judged by the bridge then."""
    for step in plan.steps:
        known = step.spec.input["properties"] if step.spec else APPROVAL_INPUT
        for name, value in step.given.items():
            if name not in known or isinstance(value, FromEvent) or any(references_in(value)):
                continue
            for error in Draft202012Validator(inlined(dict(known[name]))).iter_errors(value):
                place = "".join(f"/{part}" for part in error.absolute_path)
                yield f"/steps/{step.id}/config/{name}{place}", f"{error.message[:200]}."


RULES = (unknown_input, bad_value)
