"""Rules about waiting: n8n runs branches one after another, and an execution waits in one place at a time."""

from collections.abc import Iterator

from bridge.compiler.plan import Plan
from bridge.compiler.references import Reference, references_in

Found = Iterator[tuple[str, str]]


def parked_together(plan: Plan) -> Found:
    """All waits of one execution share one resume URL, so only one node may be parked at a time."""
    for stage in plan.stages:
        for step in stage.steps if stage.together else ():
            if step.wait == "park":
                others = ", ".join(each.id for each in stage.steps if each is not step)
                yield (
                    f"/steps/{step.id}/wait",
                    f"'{step.id}' runs together with {others} and cannot be parked; use poll.",
                )


def wait_on_quick_step(plan: Plan) -> Found:
    """A quick step answers at once; there is nothing to wait for."""
    for step in plan.steps:
        if step.spec is not None and not step.is_long and step.wait != "poll":
            yield f"/steps/{step.id}/wait", f"{step.spec.name} answers at once; leave `wait` out."


def result_not_awaited(plan: Plan) -> Found:
    """What nobody waits for cannot be judged or used."""
    loose = {step.id for step in plan.steps if step.wait == "none" and step.is_long}
    for step in plan.steps:
        if step.id in loose and step.clauses:
            codes = ", ".join(clause.code for clause in step.clauses)
            yield f"/steps/{step.id}/wait", f"a gate decides {codes} after '{step.id}', so its result must be awaited."
        for where, each in references_in(dict(step.given), f"/steps/{step.id}/config"):
            if (
                isinstance(each, Reference)
                and each.root == "steps"
                and each.path[0] in loose
                and each.path[1:] != ("run_id",)
            ):
                yield where, f"nobody waits for the result of '{each.path[0]}'; set its `wait` to poll."


def approval_without_end(plan: Plan) -> Found:
    """An approval that may retry or time out by a run's rules would approve itself."""
    for step in plan.steps:
        if step.kind == "approval" and (step.retry or step.on_error == "continue" or step.wait != "poll"):
            yield f"/steps/{step.id}", "an approval has no retry, on_error or wait; set config.timeout to end it."


RULES = (parked_together, wait_on_quick_step, result_not_awaited, approval_without_end)
