"""The workflow document n8n's API takes: what was drawn, in n8n's keys, in a fixed order."""

from typing import Any

from bridge.compiler import naming
from bridge.compiler.binding import Binding
from bridge.compiler.emit.canvas import Canvas, Node
from bridge.compiler.plan import Plan

NODE_KEYS = (
    "webhookId", "credentials", "retryOnFail", "maxTries", "waitBetweenTries", "onError", "executeOnce", "notes",
)  # fmt: skip


def document_of(plan: Plan, name: str, binding: Binding, canvas: Canvas) -> dict[str, Any]:
    """Write the workflow *name* down; every node of *canvas* already stands where it belongs."""
    connections: dict[str, Any] = {}
    for edge in canvas.edges:
        outputs = connections.setdefault(edge.source, {"main": []})["main"]
        while len(outputs) <= edge.output:
            outputs.append([])
        outputs[edge.output].append({"node": edge.target, "type": "main", "index": 0})
    return {
        "name": name,
        "nodes": [_node(plan.key, node) for node in canvas.nodes],
        "connections": connections,
        "settings": _settings(binding),
    }


def _settings(binding: Binding) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "executionOrder": "v1",
        "saveExecutionProgress": True,
        "saveManualExecutions": True,
        "callerPolicy": "workflowsFromSameOwner",
    }
    if binding.error_workflow:
        settings["errorWorkflow"] = binding.error_workflow
    if binding.execution_timeout is not None:
        settings["executionTimeout"] = binding.execution_timeout
    return settings


def _node(key: str, node: Node) -> dict[str, Any]:
    return {
        "id": naming.node_id(key, node.name),
        "name": node.name,
        "type": node.type,
        "typeVersion": node.version,
        "position": list(node.position),
        "parameters": dict(node.parameters),
        **{name: node.settings[name] for name in NODE_KEYS if name in node.settings},
    }
