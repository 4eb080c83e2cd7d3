"""The order of things: triggers, entry gate, stages, gates behind steps; the same in both targets."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bridge.compiler import naming
from bridge.compiler.binding import Binding
from bridge.compiler.emit import expressions
from bridge.compiler.emit.canvas import Canvas, Node
from bridge.compiler.plan import Plan, PlannedClause, PlannedStep, Stage
from bridge.compiler.references import Reference
from bridge.conditions import variables_of
from bridge.specs import StepSpec

Target = Literal["nodes", "http"]
TARGETS: tuple[Target, ...] = ("nodes", "http")


class Drawing(Protocol):
    """How a target draws what the bridge does."""

    event: str
    """JavaScript that reads the delivered event, right behind a trigger."""

    def trigger(self, canvas: Canvas, plan: Plan) -> None:
        """Draw the node that the bridge starts the workflow through."""

    def call(self, canvas: Canvas, spec: StepSpec, name: str, given: Mapping[str, Any], ink: "Ink") -> None:
        """Draw one call of a quick step that the compiler itself needs."""

    def step(self, canvas: Canvas, step: PlannedStep, ink: "Ink") -> None:
        """Draw one step of the template."""

    def together(self, canvas: Canvas, steps: tuple[PlannedStep, ...], ink: "Ink", name: str) -> None:
        """Draw steps that run at once, and what waits for all of them."""


@dataclass
class Ink:
    """What drawing needs to know besides the step itself; ``read`` turns a reference into JavaScript."""

    plan: Plan
    binding: Binding
    gate: StepSpec
    items: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    """Step id to the node (and item) that holds its result."""

    def read(self, reference: Reference) -> str:
        """JavaScript for *reference*."""
        if reference.root == "event":
            return expressions.read_event(reference.path)
        step = self.plan.step(str(reference.path[0]))
        node, item = self.items.get(step.id, (step.name, None))
        path = reference.path[1:]
        return expressions.read_step(node, path, may_be_skipped=step.when is not None, item=item)

    def value(self, value: Any) -> Any:
        """*value* as a node parameter."""
        return expressions.parameter(value, self.read)


def draw(plan: Plan, drawing: Drawing, ink: Ink) -> Canvas:
    """Draw the whole *plan*."""
    canvas = Canvas()
    drawing.trigger(canvas, plan)
    canvas.start(Node(naming.BY_HAND, "n8n-nodes-base.manualTrigger", 1, {}, lane=1))
    given: dict[str, Any] = {"stage": "entry", "event": Code(drawing.event)}
    if plan.entry:
        given["conditions"] = dict(plan.entry)
    if plan.needs:
        given["needs"] = [{"step": need.step, "input": need.input, "path": need.path} for need in plan.needs]
    drawing.call(canvas, ink.gate, naming.ENTRY_GATE, given, ink)
    _decide(canvas, naming.ENTRY_GATE, "Conditions Met?", naming.NOT_STARTED)
    groups = 0
    for stage in plan.stages:
        groups += stage.together
        name = naming.COLLECT if groups < 2 else f"{naming.COLLECT} {groups}"
        _stage(canvas, stage, drawing, ink, name)
    return canvas


@dataclass(frozen=True)
class Code:
    """JavaScript that stands for a value."""

    text: str


def _stage(canvas: Canvas, stage: Stage, drawing: Drawing, ink: Ink, collect: str) -> None:
    skipped: list[tuple[str, int]] = []
    if stage.when is not None:
        skipped = _guard(canvas, stage, drawing, ink)
    if stage.together:
        drawing.together(canvas, stage.steps, ink, collect)
        for step in stage.steps:
            _gate(canvas, step, drawing, ink)
    for step in () if stage.together else stage.steps:
        if step.kind == "approval":
            _approval(canvas, step, ink)
        else:
            drawing.step(canvas, step, ink)
        _gate(canvas, step, drawing, ink)
    canvas.lane = 0
    canvas.ends += skipped


def _guard(canvas: Canvas, stage: Stage, drawing: Drawing, ink: Ink) -> list[tuple[str, int]]:
    """Draw the gate before a branch; return the end that goes past it."""
    name = f"When: {stage.steps[0].name}"
    clause = PlannedClause("when", stage.when or "")
    drawing.call(canvas, ink.gate, name, _judging("branch", [clause], None, ink), ink)
    question = f"Run {stage.steps[0].name}?"
    canvas.go_on(_if(question))
    canvas.ends = [(question, 0)]
    canvas.lane = -1
    return [(question, 1)]


def _gate(canvas: Canvas, step: PlannedStep, drawing: Drawing, ink: Ink) -> None:
    """Draw the gate behind a step that conditions look at."""
    if not step.clauses:
        return
    name = f"Gate: {step.name}"
    drawing.call(canvas, ink.gate, name, _judging("step", list(step.clauses), step, ink), ink)
    _decide(canvas, name, f"Go On After {step.name}?", f"Stopped: {step.name}")


def _judging(stage: str, clauses: list[PlannedClause], step: PlannedStep | None, ink: Ink) -> dict[str, Any]:
    """The input of a gate: only the sources, event and parameters its clauses mention."""
    named = set().union(*(variables_of(clause.cel) for clause in clauses))
    mentioned = [each for each in ink.plan.steps if any(f"steps.{each.id}" in clause.cel for clause in clauses)]
    sources = {each.id: f"node:{each.name}" for each in (*mentioned, *([step] if step else []))}
    rows = []
    for clause in clauses:
        value = {} if clause.value is None else {"value": json.dumps(clause.value, ensure_ascii=False)}
        rows.append({"code": clause.code, "cel": clause.cel, **value})
    given: dict[str, Any] = {"stage": stage, "clauses": rows}
    if sources:
        given["sources"] = sources
    if step is not None:
        given["subject"] = step.id
        given["execution_id"] = Code(f"$({expressions.quoted(naming.ENTRY_GATE)}).first().json.execution_id")
    if "event" in named:
        given["event"] = Code(expressions.read_event(()))
    if "params" in named:
        given["params"] = dict(ink.plan.params)
    return given


def _decide(canvas: Canvas, gate: str, question: str, closed: str) -> None:
    canvas.go_on(_if(question))
    why = f"Ends here when the verdict of '{gate}' is not pass; its reasons say why."
    canvas.side(question, 1, Node(closed, "n8n-nodes-base.noOp", 1, {}, settings={"notes": why}))


def _if(name: str, left: str = "={{ $json.verdict }}", right: str = "pass") -> Node:
    """Ask the one kind of question the canvas knows, whether a text is the expected one."""
    condition = {
        "id": "verdict",
        "leftValue": left,
        "rightValue": right,
        "operator": {"type": "string", "operation": "equals"},
    }
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2}
    parameters = {"conditions": {"options": options, "conditions": [condition], "combinator": "and"}, "options": {}}
    return Node(name, "n8n-nodes-base.if", 2.2, parameters)


def _approval(canvas: Canvas, step: PlannedStep, ink: Ink) -> None:
    """Draw a form that a person answers, and what follows from the answer."""
    field_ = {"fieldLabel": "Decision", "fieldType": "dropdown", "requiredField": True}
    answers = {"fieldOptions": {"values": [{"option": "Approve"}, {"option": "Reject"}]}}
    parameters: dict[str, Any] = {
        "resume": "form",
        "formTitle": ink.value(step.given.get("title", step.name)),
        "formDescription": ink.value(step.given.get("message", "The workflow waits for your decision.")),
        "formFields": {"values": [{**field_, **answers}]},
        "options": {},
    }
    if "timeout" in step.given:
        minutes = max(1, int(step.given["timeout"]) // 60)
        parameters |= {"limitWaitTime": True, "resumeAmount": minutes, "resumeUnit": "minutes"}
    canvas.go_on(Node(step.name, "n8n-nodes-base.wait", 1.1, parameters))
    canvas.steps[step.id] = step.name
    question = f"Approved: {step.name}?"
    canvas.go_on(_if(question, '={{ $json.Decision ?? "" }}', "Approve"))
    note = {"notes": "Ends here when the answer was not Approve, or none came in time."}
    canvas.side(question, 1, Node(f"Stopped: {step.name}", "n8n-nodes-base.noOp", 1, {}, settings=note))


def coded(value: Any, plain: Callable[[Any], Any]) -> Any:
    """*value* with JavaScript parts written as expressions and everything else as *plain* says."""
    return expressions.wrapped(value.text) if isinstance(value, Code) else plain(value)
