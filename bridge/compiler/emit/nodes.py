"""The target `nodes`: one node of our package per step."""

import json
from collections.abc import Mapping
from typing import Any

from bridge.compiler import naming
from bridge.compiler.binding import Binding
from bridge.compiler.emit.canvas import Canvas, Node
from bridge.compiler.emit.expressions import quoted
from bridge.compiler.emit.flow import Ink, coded
from bridge.compiler.plan import Plan, PlannedStep
from bridge.specs import StepSpec, parameters_for
from bridge.specs.parameters import OPTIONS

CREDENTIAL = "multimodalBridgeApi"
TRIGGER_FIELDS = ("branches", "cron", "repository")
"""Settings of triggers that the trigger node has a field for."""


class NodesTarget:
    """Draws with generated nodes."""

    event = "$json"

    def __init__(self, binding: Binding) -> None:
        self.binding = binding

    def trigger(self, canvas: Canvas, plan: Plan) -> None:
        """See `Drawing.trigger`."""
        events = [name for name, _ in plan.triggers]
        parameters: dict[str, Any] = {"events": events if "manual" in events else [*events, "manual"]}
        options = _trigger_options(plan)
        if options:
            parameters[OPTIONS] = options
        settings = {"webhookId": self.binding.webhook_id(plan.key), **self._credentials()}
        canvas.start(Node(naming.BY_BRIDGE, f"{self.binding.prefix}.bridgeTrigger", 1, parameters, settings=settings))

    def call(self, canvas: Canvas, spec: StepSpec, name: str, given: Mapping[str, Any], ink: Ink) -> None:
        """See `Drawing.call`."""
        values = {key: coded(each, ink.value) for key, each in given.items()}
        canvas.go_on(self._node(spec, name, parameters_for(spec, values), {}))

    def step(self, canvas: Canvas, step: PlannedStep, ink: Ink) -> None:
        """See `Drawing.step`."""
        canvas.go_on(self._step_node(step, ink, step.wait))
        canvas.steps[step.id] = step.name

    def together(self, canvas: Canvas, steps: tuple[PlannedStep, ...], ink: Ink, name: str) -> None:
        """See `Drawing.together`."""
        for step in steps:
            canvas.go_on(self._step_node(step, ink, "none"))
            canvas.steps[step.id] = step.name
        ids = ", ".join(f"$({quoted(step.name)}).first().json.run_id" for step in steps)
        longest = max(step.timeout or (step.spec.execution.timeout if step.spec else 0) for step in steps)
        parameters = {"runIds": f"={{{{ [{ids}] }}}}", OPTIONS: {"maxWait": longest}}
        settings: dict[str, Any] = dict(self._credentials())
        if any(step.on_error == "continue" for step in steps):
            settings["onError"] = "continueRegularOutput"
        canvas.go_on(Node(name, f"{self.binding.prefix}.collectRuns", 1, parameters, settings=settings))
        canvas.many = True
        ink.items |= {step.id: (name, index) for index, step in enumerate(steps)}

    def _step_node(self, step: PlannedStep, ink: Ink, wait: str) -> Node:
        spec = step.spec
        if spec is None:
            raise TypeError(step.id)
        parameters = parameters_for(spec, {key: ink.value(each) for key, each in step.given.items()}, wait=wait)
        if step.timeout and step.is_long:
            parameters[OPTIONS] = {**parameters.get(OPTIONS, {}), "maxWait": step.timeout}
        return self._node(spec, step.name, parameters, behaviour(step))

    def _node(self, spec: StepSpec, name: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> Node:
        kind = f"{self.binding.prefix}.{spec.camel}"
        return Node(name, kind, spec.version, parameters, settings={**settings, **self._credentials()})

    def _credentials(self) -> dict[str, Any]:
        held = self.binding.credential
        return {"credentials": {CREDENTIAL: {"id": held.id, "name": held.name}}} if held else {}


def behaviour(step: PlannedStep) -> dict[str, Any]:
    """What n8n itself does when a node fails."""
    settings: dict[str, Any] = {}
    if step.retry:
        wait = round(step.retry.wait * 1000)
        settings |= {"retryOnFail": True, "maxTries": step.retry.max_tries, "waitBetweenTries": wait}
    if step.on_error == "continue":
        settings["onError"] = "continueRegularOutput"
    return settings


def _trigger_options(plan: Plan) -> dict[str, Any]:
    """The triggers' settings: those with a field of their own in it, all others as JSON."""
    merged: dict[str, Any] = {}
    for _, config in plan.triggers:
        merged |= config
    options = {name: merged.pop(name) for name in TRIGGER_FIELDS if name in merged}
    return options | ({"extraConfig": json.dumps(merged, ensure_ascii=False)} if merged else {})
