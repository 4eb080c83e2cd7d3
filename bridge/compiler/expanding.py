"""Sub-templates: a step of type ``template`` becomes the other template's steps, under names of their own."""

from collections.abc import Mapping
from typing import Any

from bridge.compiler.reading import near, refused
from bridge.compiler.references import Reference, replaced
from bridge.compiler.template import Template, TemplateStep
from bridge.problems import Issue

DEEPEST = 3
TYPE = "template"


def expanded(template: Template, library: Mapping[str, Template], depth: int = 0) -> Template:
    """Return *template* with every step of type ``template`` replaced by the steps it stands for.

    Such a step's config is ``{"template": name, "params": {...}}``; its inner steps get ids like
    ``<id>_<inner id>``, and ``${{ steps.<id>... }}`` means the last of them.
    """
    steps: list[TemplateStep] = []
    last: dict[str, str] = {}
    before: str | None = None
    for step in template.steps:
        after = step.after if step.after is not None else ([before] if before else [])
        renamed = step.model_copy(update={"after": [last.get(each, each) for each in after]})
        inner = [renamed] if step.type != TYPE else _inner(template, renamed, library, depth)
        steps.extend(inner)
        last[step.id] = inner[-1].id
        before = step.id
    rewritten = [_redirect(step, last) for step in steps]
    return template.model_copy(update={"steps": rewritten})


def _inner(template: Template, step: TemplateStep, library: Mapping[str, Template], depth: int) -> list[TemplateStep]:
    name = str(step.config.get("template", ""))
    where = f"/steps/{step.id}/config/template"
    if depth >= DEEPEST:
        raise refused(
            template.name, [Issue("template_too_deep", where, f"templates are nested more than {DEEPEST} deep")]
        )
    if name not in library:
        raise refused(
            template.name, [Issue("unknown_template", where, f"there is no template '{name}'. {near(name, library)}")]
        )
    other = expanded(library[name], library, depth + 1)
    params = {key: each.default for key, each in other.params.items()} | dict(step.config.get("params", {}))
    unknown = params.keys() - other.params.keys()
    if unknown:
        hint = near(min(unknown), other.params)
        raise refused(
            template.name,
            [Issue("unknown_key", f"{where}/params", f"'{min(unknown)}' is no parameter of '{name}'. {hint}")],
        )
    ids = {each.id: f"{step.id}_{each.id}" for each in other.steps}
    return [_adopted(each, step, ids, params) for each in other.steps]


def _adopted(
    each: TemplateStep, outer: TemplateStep, ids: Mapping[str, str], params: Mapping[str, Any]
) -> TemplateStep:
    def change(reference: Reference) -> Any:
        if reference.root == "params" and reference.path[0] in params:
            return params[str(reference.path[0])]
        return _moved(reference, ids)

    update = {
        "id": ids[each.id],
        "name": f"{outer.name}: {each.name}",
        "config": replaced(each.config, change),
        "after": [ids[name] for name in each.after or []] or outer.after,
        "when": each.when or outer.when,
    }
    return each.model_copy(update=update)


def _redirect(step: TemplateStep, last: Mapping[str, str]) -> TemplateStep:
    return step.model_copy(update={"config": replaced(step.config, lambda reference: _moved(reference, last))})


def _moved(reference: Reference, ids: Mapping[str, str]) -> Any:
    """The same reference to a step that has another id now."""
    if reference.root != "steps":
        return f"${{{{ {reference.text} }}}}"
    old = str(reference.path[0])
    rest = reference.text.removeprefix(f"steps.{old}")
    return f"${{{{ steps.{ids.get(old, old)}{rest} }}}}"
