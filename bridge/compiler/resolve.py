"""Pass 1: every name becomes the thing it names; template + configuration + catalogue give the plan."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

from jsonschema import Draft202012Validator

from bridge.compiler import inputs
from bridge.compiler.plan import Need, Plan, PlannedClause, PlannedStep, Stage
from bridge.compiler.references import Reference, replaced
from bridge.compiler.template import Template, TemplateStep
from bridge.conditions import ENTRY_KEYS
from bridge.problems import InvalidInput, Issue, Unusable
from bridge.specs import Catalogue

APPROVAL = "approval"
RULES = "rules"


def resolve(key: str, template: Template, values: Mapping[str, Any], catalogue: Catalogue) -> Plan:
    """Make the plan of a *template* that passed the checks of its structure; *values* are its parameters' values."""
    params = _parameters(template, values)
    planned: list[PlannedStep] = []
    needs: list[Need] = []
    lacking: list[Issue] = []
    for step in template.steps:
        made, found = _plan_step(step, template, params, catalogue)
        planned.append(made)
        lacking += found
        if made.spec is not None:
            needs += inputs.needs(step, made.spec, made.given)
    if lacking:
        raise Unusable(" ".join(issue.message for issue in lacking), issues=lacking)
    return Plan(
        key=key,
        title=template.name,
        description=template.description,
        triggers=tuple((each.type, each.config) for each in template.all_triggers()),
        entry={name: value for name, value in template.conditions.items() if name in ENTRY_KEYS},
        stages=tuple(stages(gated(planned, template))),
        needs=tuple(needs),
        params=params,
        parameters=template.params,
        tested_with=tuple(template.tested_with),
    )


def _parameters(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    params = {name: values.get(name, each.default) for name, each in template.params.items()}
    issues = []
    for name, each in template.params.items():
        schema = {"type": each.type} | ({"enum": each.enum} if each.enum else {})
        if params[name] is not None and not Draft202012Validator(schema).is_valid(params[name]):
            issues.append(
                Issue("parameter", f"/params/{name}", f"'{name}' must be of type {each.type}{_choice(each.enum)}.")
            )
    if issues:
        raise InvalidInput(" ".join(issue.message for issue in issues), issues=issues)
    return params


def _choice(enum: Sequence[Any] | None) -> str:
    return f", one of {', '.join(map(str, enum))}" if enum else ""


def _plan_step(
    step: TemplateStep, template: Template, params: Mapping[str, Any], catalogue: Catalogue
) -> tuple[PlannedStep, list[Issue]]:
    lacking: list[Issue] = []

    def known(reference: Reference) -> Any:
        name = str(reference.path[0])
        if reference.root != "params":
            return reference
        if params.get(name) is None:
            said = f"'{step.name}' needs the parameter '{name}', which has neither a value nor a default."
            lacking.append(Issue("missing_parameter", f"/params/{name}", said))
        return _below(params.get(name), reference.path[1:])

    spec = None if step.type == APPROVAL else catalogue[step.type]
    given = _written({name: replaced(value, known) for name, value in step.config.items()})
    if spec is not None:
        given = inputs.filled(spec, given, params)
        lacking += inputs.missing(step, spec, given)
    return PlannedStep(
        id=step.id,
        name=step.name,
        kind="step" if spec else "approval",
        spec=spec,
        given=given,
        after=tuple(after_of(template)[step.id]),
        when=step.when,
        timeout=step.timeout,
        retry=step.retry,
        on_error=step.on_error,
        wait=step.wait,
    ), lacking


def _written(value: Any) -> Any:
    """References that stay are kept as text, so that the plan holds plain values only."""
    if isinstance(value, Reference):
        return f"${{{{ {value.text} }}}}"
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    return [_written(each) for each in value] if isinstance(value, list) else value


def _below(value: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(str(part))
        else:
            value = value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None
    return value


def after_of(template: Template) -> dict[str, list[str]]:
    """What each step comes after; without a word, the step written before it."""
    before: list[str] = []
    found: dict[str, list[str]] = {}
    for step in template.steps:
        found[step.id] = list(before) if step.after is None else list(step.after)
        before = [step.id]
    return found


def gated(steps: Sequence[PlannedStep], template: Template) -> list[PlannedStep]:
    """Hand each step the clauses that decide whether the workflow goes on after it."""
    clauses: dict[str, list[PlannedClause]] = {step.id: [] for step in steps}
    for step in steps:
        for key, value in template.conditions.items():
            if step.spec is not None and key in step.spec.conditions:
                clauses[step.id].append(PlannedClause(key, step.spec.conditions[key].cel, value))
    for rule in template.conditions.get(RULES, []):
        clauses[rule["after"]].append(PlannedClause(str(rule.get("code", "rule")), rule["if"]))
    for step_id in judged_before_deployments(steps):
        clauses[step_id].append(PlannedClause("verdict", "result.verdict == value", "pass"))
    return [_with(step, clauses[step.id]) for step in steps]


def _with(step: PlannedStep, clauses: Iterable[PlannedClause]) -> PlannedStep:
    from dataclasses import replace

    return replace(step, clauses=tuple(clauses))


def judged_before_deployments(steps: Sequence[PlannedStep]) -> list[str]:
    """Judging steps that some deployment comes after, unless that deployment's own `when` asks for their verdict."""
    by_id = {step.id: step for step in steps}
    found: dict[str, None] = {}
    for step in steps:
        if step.spec is None or step.spec.execution.side_effects != "deploys":
            continue
        for name in sorted(_ancestors(step.id, by_id), key=list(by_id).index):
            spec = by_id[name].spec
            if spec is not None and spec.judges and f"steps.{name}.verdict" not in (step.when or ""):
                found[name] = None
    return list(found)


def _ancestors(step_id: str, by_id: Mapping[str, PlannedStep]) -> set[str]:
    found: set[str] = set()
    waiting = list(by_id[step_id].after)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += by_id[name].after
    return found


def stages(steps: Sequence[PlannedStep]) -> list[Stage]:
    """Put *steps* in the order n8n runs them: steps that wait for the same ones run together where the bridge can."""
    sorter = TopologicalSorter({step.id: step.after for step in steps})
    sorter.prepare()
    by_id = {step.id: step for step in steps}
    order = list(by_id)
    found: list[Stage] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=order.index)
        sorter.done(*ready)
        found += _level([by_id[name] for name in ready])
    return _branches(found)


def _level(steps: Sequence[PlannedStep]) -> list[Stage]:
    fit = [step for step in steps if step.is_long and step.when is None]
    group = fit if len(fit) > 1 else []
    rest = [Stage((step,), when=step.when) for step in steps if step not in group]
    return ([Stage(tuple(group), together=True)] if group else []) + rest


def _branches(found: Sequence[Stage]) -> list[Stage]:
    """Join neighbours that follow each other under the same `when` into one branch."""
    joined: list[Stage] = []
    for stage in found:
        last = joined[-1] if joined else None
        follows = (
            last is not None and stage.when and last.when == stage.when and stage.steps[0].after == (last.steps[-1].id,)
        )
        if last is not None and follows:
            joined[-1] = Stage((*last.steps, *stage.steps), when=stage.when)
        else:
            joined.append(stage)
    return joined
