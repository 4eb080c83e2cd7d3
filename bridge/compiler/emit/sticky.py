"""The note on the canvas: what the workflow does, what starts it, what it needs."""

from math import ceil

from bridge.compiler import naming
from bridge.compiler.emit.canvas import Canvas, Node
from bridge.compiler.layout import ROW
from bridge.compiler.plan import Plan

WIDTH = 640
CHARACTERS = 78
LINE = 20
GAP = 60


def sticky(plan: Plan, canvas: Canvas) -> Node:
    """The note, above everything else that was drawn."""
    content = _content(plan)
    lines = sum(max(1, ceil(len(line) / CHARACTERS)) for line in content.splitlines())
    height = 60 + lines * LINE
    highest = min(node.lane for node in canvas.nodes) * ROW
    parameters = {"content": content, "height": height, "width": WIDTH, "color": 4}
    return Node(naming.ABOUT, "n8n-nodes-base.stickyNote", 1, parameters, position=(0, highest - height - GAP))


def _content(plan: Plan) -> str:
    parts = [f"## {plan.title}", plan.description, "", f"**Starts on** {', '.join(name for name, _ in plan.triggers)}"]
    parts += ["", "**Steps**", *(f"{index}. {step.name}" for index, step in enumerate(plan.steps, 1))]
    gates = [f"{clause.code}, after {step.name}" for step in plan.steps for clause in step.clauses]
    entry = [f"{key}: {_value(value)}" for key, value in plan.entry.items()]
    if entry or gates:
        parts += ["", "**Goes on only if**", *(f"- {each}" for each in (*entry, *gates))]
    needs = sorted({f"`{need.path}` in the event" for need in plan.needs})
    parts += ["", "**Needs** a running bridge and its credential" + "".join(f", {need}" for need in needs) + "."]
    if plan.tested_with:
        parts += ["", f"Tested with n8n {', '.join(plan.tested_with)}."]
    return "\n".join(part.replace("{{", "{ {") for part in parts)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
