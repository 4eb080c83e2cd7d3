"""Where a step's input comes from when nobody wrote it down: the trigger's event, or a parameter of the same name."""

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.compiler.plan import FromEvent, Need
from bridge.compiler.template import TemplateStep
from bridge.problems import Issue
from bridge.specs import StepSpec


def filled(spec: StepSpec, given: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return *given* with every input that the event or a parameter can give."""
    chosen = chosen_fields(spec, given, params)
    shut = {name for each in spec.input.get("oneOf", []) for name in each["required"]} - chosen
    result = dict(given)
    for name in spec.input["properties"]:
        if name in given or name in shut:
            continue
        source = spec.execution.defaults_from.get(name)
        if source:
            result[name] = FromEvent(tuple(source.removeprefix("event.").split(".")), params.get(name))
        elif params.get(name) is not None:
            result[name] = params[name]
    return result


def chosen_fields(spec: StepSpec, given: Mapping[str, Any], params: Mapping[str, Any]) -> set[str]:
    """The fields that make the input complete: the required ones and those of the alternative taken."""
    required = set(spec.input.get("required", []))
    alternatives = [set(each["required"]) for each in spec.input.get("oneOf", [])]
    if not alternatives:
        return required
    reachable = (
        given.keys() | spec.execution.defaults_from.keys() | {name for name, each in params.items() if each is not None}
    )
    for known in (given.keys(), reachable):
        for fields in alternatives:
            if fields <= set(known):
                return required | fields
    return required


def missing(step: TemplateStep, spec: StepSpec, given: Mapping[str, Any]) -> Iterator[Issue]:
    """What the step cannot do without and nobody gives, with the three ways to give it."""
    lacking = [name for name in spec.input.get("required", []) if name not in given]
    alternatives = spec.input.get("oneOf", [])
    if alternatives and not any(set(each["required"]) <= given.keys() for each in alternatives):
        lacking.append(" or ".join(" + ".join(each["required"]) for each in alternatives))
    for name in lacking:
        source = spec.execution.defaults_from.get(name, f"input.{name}")
        yield Issue(
            "missing_input",
            f"/steps/{step.id}/config/{name}",
            f"'{step.name}' needs {name}: set it in the step's config, declare a template parameter of that name, "
            f"or start with an event that has it ({source}).",
        )


def needs(step: TemplateStep, spec: StepSpec, given: Mapping[str, Any]) -> Iterator[Need]:
    """The inputs that only the event can fill, so that the entry gate can say at once what is not there."""
    required = set(spec.input.get("required", []))
    for each in spec.input.get("oneOf", []):
        required |= set(each["required"]) if set(each["required"]) <= given.keys() else set()
    for name in sorted(required):
        value = given.get(name)
        if isinstance(value, FromEvent) and value.fallback is None:
            yield Need(step.name, name, ".".join(value.path))
