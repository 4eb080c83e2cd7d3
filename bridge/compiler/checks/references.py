"""Rules about references: what they name exists, comes before, and has the field."""

from collections.abc import Iterator

from bridge.compiler.reading import near
from bridge.compiler.references import Broken, Reference, references_in
from bridge.compiler.resolve import after_of
from bridge.compiler.template import Template, TemplateStep
from bridge.specs import Catalogue

Found = Iterator[tuple[str, str]]


def broken_reference(template: Template, _: Catalogue) -> Found:
    """What stands between ``${{`` and ``}}`` must be one reference and nothing else."""
    for where, each in _each(template):
        if isinstance(each, Broken):
            told = "write steps.<id>.<path>, event.<path> or params.<name>"
            yield where, f"'{each.text}' is no reference; {told}."


def unknown_reference(template: Template, _: Catalogue) -> Found:
    """References name steps and parameters that are there."""
    steps, params = {step.id for step in template.steps}, set(template.params)
    for where, each in _each(template):
        known = {"steps": steps, "params": params}.get(each.root) if isinstance(each, Reference) else None
        if isinstance(each, Reference) and known is not None and str(each.path[0]) not in known:
            kind = "step" if each.root == "steps" else "parameter"
            yield where, f"there is no {kind} '{each.path[0]}'. {near(str(each.path[0]), known)}"


def reference_not_before(template: Template, _: Catalogue) -> Found:
    """A step can only use results of steps that it comes after."""
    after = after_of(template)
    for step in template.steps:
        before = _ancestors(step.id, after)
        for where, each in references_in(step.config, _place(template, step)):
            named = str(each.path[0]) if isinstance(each, Reference) and each.root == "steps" else ""
            if named in after and named not in before:
                yield where, f"'{step.id}' does not come after '{named}'; name it in `after`."


def unknown_output(template: Template, catalogue: Catalogue) -> Found:
    """A result has only the fields its step declares."""
    types = {step.id: step.type for step in template.steps}
    for where, each in _each(template):
        if not isinstance(each, Reference) or each.root != "steps" or len(each.path) < 2:
            continue
        kind = types.get(str(each.path[0]), "")
        known = catalogue[kind].result_schema()["properties"] if kind in catalogue else {}
        if known and str(each.path[1]) not in known:
            yield where, f"a result of {kind} has no '{each.path[1]}'. {near(str(each.path[1]), known)}"


def _each(template: Template) -> Iterator[tuple[str, Reference | Broken]]:
    for step in template.steps:
        yield from references_in(step.config, _place(template, step))


def _place(template: Template, step: TemplateStep) -> str:
    return f"/steps/{template.steps.index(step)}/config"


def _ancestors(step_id: str, after: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(after[step_id])
    while waiting:
        name = waiting.pop()
        if name in after and name not in found:
            found.add(name)
            waiting += after[name]
    return found


RULES = (broken_reference, unknown_reference, reference_not_before, unknown_output)
