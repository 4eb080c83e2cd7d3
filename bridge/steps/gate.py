"""Decide whether a workflow may go on, and claim the execution at its start."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.authoring import (
    Claims,
    Clause,
    InvalidInput,
    Issue,
    JudgedReason,
    N8nPlace,
    NotFound,
    Results,
    RunContext,
    Unusable,
    Verdict,
    judge_clauses,
    judge_event,
)
from bridge.generated.models.gate import GateInput, GateOutput
from bridge.generated.models.shapes import Reason

DUPLICATE = JudgedReason(
    "duplicate_start",
    "This start was already claimed by another execution, so this one ends without doing anything.",
    "skipped",
)


async def run(given: GateInput, *, claims: Claims, results: Results, context: RunContext) -> GateOutput:
    """Judge conditions on the event or on earlier results; an entry gate claims the execution first."""
    if given.stage == "entry":
        return await _enter(given, claims, context)
    variables = await _variables(given, results, context)
    clauses = [Clause(each.code, each.cel, _value(index, each.value)) for index, each in enumerate(given.clauses or [])]
    judged = judge_clauses(clauses, variables)
    if given.stage == "step" and given.execution_id and judged.verdict != "pass":
        await claims.skipped(given.execution_id, _plain(judged.reasons))
    return GateOutput(verdict=judged.verdict, reasons=[_shape(reason) for reason in judged.reasons])


async def _enter(given: GateInput, claims: Claims, context: RunContext) -> GateOutput:
    event, execution_id, token = _normal(given.event or {})
    refs = context.n8n
    place = N8nPlace(
        str(refs.get("workflow_id", "")), str(refs.get("execution_id", "")), str(refs.get("node", "")), context.tenant
    )
    claimed = await claims.claim(execution_id, token, place, event)
    event = {**event, **claimed.event}
    event["type"] = str(event.get("type") or "manual")
    if not claimed.duplicate:
        _require(given, event)
    conditions = given.conditions.model_dump(exclude_none=True) if given.conditions else {}
    judged = Verdict("skipped", [DUPLICATE]) if claimed.duplicate else judge_event(conditions, event)
    verdict = "skipped" if judged.verdict == "fail" else judged.verdict
    if verdict != "pass" and not claimed.duplicate:
        await claims.skipped(claimed.execution_id, _plain(judged.reasons))
    return GateOutput(
        verdict=verdict,
        reasons=[_shape(reason) for reason in judged.reasons],
        event=event,
        execution_id=claimed.execution_id,
        trigger=event["type"],
    )


def _require(given: GateInput, event: Mapping[str, Any]) -> None:
    """Say at once what the steps behind would miss, and the three ways to give it."""
    lacking = [need for need in given.needs or [] if _at(event, need.path) is None]
    if not lacking:
        return
    told = "; ".join(f"'{need.step}' needs {need.input}, and the event has no {need.path}" for need in lacking)
    raise Unusable(
        f"{told}. Set it in the step's config, declare a template parameter of that name, or send it with the event.",
        issues=[Issue("missing_input", f"/event/{need.path.replace('.', '/')}", need.input) for need in lacking],
    )


def _at(event: Mapping[str, Any], path: str) -> Any:
    found: Any = event
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if found not in ("", [], {}) else None


def _normal(delivered: Mapping[str, Any]) -> tuple[dict[str, Any], str, str]:
    """Lay a delivered body ``{type, timestamp, data}``, or its data alone, out as one event; part it from its claim."""
    inner = delivered.get("data")
    if isinstance(inner, Mapping) and "type" in delivered:
        event = {**inner, "type": delivered["type"]}
    else:
        event = dict(delivered)
    return event, str(event.pop("execution_id", "")), str(event.pop("claim", ""))


async def _variables(given: GateInput, results: Results, context: RunContext) -> dict[str, Any]:
    """Gather what clauses may look at; a step that did not run is absent, not an error."""
    steps: dict[str, Any] = {}
    for step_id, reference in (given.sources or {}).items():
        try:
            earlier = await results.of(reference)
        except NotFound:
            continue
        if earlier:
            steps[step_id] = dict(earlier[-1].result)
    event, _, _ = _normal(given.event or context.event)
    variables: dict[str, Any] = {"steps": steps, "event": event, "params": given.params or {}}
    if given.subject in steps:
        variables["result"] = steps[given.subject]
    return variables


def _value(index: int, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        said = f'is not JSON ({error}); write a text with its quotation marks, such as "medium"'
        raise InvalidInput(
            f"Clause {index + 1} of the gate has a value that {said}.",
            issues=[Issue("json", f"/clauses/{index}/value", said)],
        ) from None


def _plain(reasons: Sequence[JudgedReason]) -> list[Mapping[str, Any]]:
    return [_shape(reason).model_dump(exclude_none=True) for reason in reasons]


def _shape(reason: JudgedReason) -> Reason:
    return Reason(
        code=reason.code,
        message=reason.message,
        outcome=reason.outcome,
        expected=reason.expected,
        actual=reason.actual,
    )
