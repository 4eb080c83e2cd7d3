"""The whole way from a template to a workflow document, and what else is known about it afterwards."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bridge.compiler import naming
from bridge.compiler.binding import Binding
from bridge.compiler.checks import check_document, check_plan, check_template
from bridge.compiler.config import configured
from bridge.compiler.emit import Canvas, Target, document_of, draw
from bridge.compiler.emit.flow import Ink
from bridge.compiler.emit.http import HttpTarget
from bridge.compiler.emit.nodes import NodesTarget
from bridge.compiler.emit.sticky import sticky
from bridge.compiler.expanding import expanded
from bridge.compiler.layout import lay_out
from bridge.compiler.plan import Plan
from bridge.compiler.resolve import resolve
from bridge.compiler.template import Template
from bridge.specs import Catalogue


@dataclass(frozen=True)
class StepOnCanvas:
    """One step of the template and the node whose output is its result."""

    id: str
    name: str
    type: str
    node: str


@dataclass(frozen=True)
class Compiled:
    """A workflow ready for n8n, and what the bridge needs to start and watch it.

    ``webhook`` is the path below n8n's ``/webhook/`` that starts it; ``nodes`` the number of nodes that run when
    every gate is open (progress is counted in them).
    """

    key: str
    target: Target
    document: dict[str, Any]
    digest: str
    triggers: tuple[tuple[str, Mapping[str, Any]], ...]
    webhook: str
    steps: tuple[StepOnCanvas, ...]
    nodes: int

    def text(self) -> str:
        """The document as it is written to a file; the same input gives the same bytes."""
        return json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"


def plan_of(
    key: str,
    template: Template,
    catalogue: Catalogue,
    config: Mapping[str, Any] | None = None,
    library: Mapping[str, Template] | None = None,
) -> Plan:
    """Resolve and check; raise `BadTemplate`, `InvalidInput` (configuration) or `Unusable` (something is missing)."""
    whole = expanded(template, library or {})
    check_template(whole, catalogue)
    laid, values = configured(whole, config or {}, catalogue)
    check_template(laid, catalogue)
    plan = resolve(key, laid, values, catalogue)
    check_plan(plan)
    return plan


def compile_template(
    key: str,
    template: Template,
    catalogue: Catalogue,
    *,
    target: Target = "nodes",
    binding: Binding | None = None,
    config: Mapping[str, Any] | None = None,
    library: Mapping[str, Template] | None = None,
    name: str = "",
) -> Compiled:
    """Compile *template* for *target*.

    *key* tells workflows of one template apart: ids and the webhook's path are made from it. *library* are the
    templates that sub-template steps may name; *name* is the workflow's name, by default the template's.
    """
    bound = binding or Binding()
    plan = plan_of(key, template, catalogue, config, library)
    canvas = _drawn(plan, target, bound, catalogue)
    document = document_of(plan, name or plan.title, bound, canvas)
    check_document(document)
    types = {step.id: step.spec.name if step.spec else step.kind for step in plan.steps}
    return Compiled(
        key=key,
        target=target,
        document=document,
        digest=hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
        triggers=plan.triggers,
        webhook=bound.webhook_path(key) if target == "http" else f"{bound.webhook_id(key)}/webhook",
        steps=tuple(StepOnCanvas(step.id, step.name, types[step.id], canvas.steps[step.id]) for step in plan.steps),
        nodes=sum(1 for node in canvas.nodes if node.lane < 1 and node.name != naming.ABOUT),
    )


def _drawn(plan: Plan, target: Target, binding: Binding, catalogue: Catalogue) -> Canvas:
    drawing = NodesTarget(binding) if target == "nodes" else HttpTarget(binding)
    canvas = draw(plan, drawing, Ink(plan, binding, catalogue["gate"]))
    positions = lay_out(canvas.nodes, canvas.edges)
    placed = [replace(node, position=positions[node.name]) for node in canvas.nodes]
    return Canvas([sticky(plan, canvas), *placed], canvas.edges, steps=canvas.steps)
