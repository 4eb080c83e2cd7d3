"""n8n's answers as values: nothing here trusts that a key is there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.doors.n8n import Credential, NodeRun, StoredExecution, StoredWorkflow


def workflow(raw: Mapping[str, Any]) -> StoredWorkflow:
    """Read a workflow as n8n's public API writes it."""
    return StoredWorkflow(
        id=str(raw["id"]),
        name=str(raw.get("name", "")),
        active=bool(raw.get("active")),
        trigger_count=int(raw.get("triggerCount") or 0),
        version_id=str(raw.get("versionId") or ""),
        archived=bool(raw.get("isArchived")),
        tags=tuple(str(tag["name"]) for tag in raw.get("tags") or ()),
        document=raw,
    )


def execution(raw: Mapping[str, Any]) -> StoredExecution:
    """Read an execution, with or without its data."""
    result = (raw.get("data") or {}).get("resultData") or {}
    runs = result.get("runData") or {}
    last = str(result.get("lastNodeExecuted") or "")
    return StoredExecution(
        id=str(raw["id"]),
        workflow_id=str(raw.get("workflowId") or ""),
        status=str(raw.get("status") or "unknown"),
        mode=str(raw.get("mode") or ""),
        started_at=moment(raw.get("startedAt")),
        stopped_at=moment(raw.get("stoppedAt")) if raw.get("status") != "waiting" else None,
        retry_of=str(raw.get("retryOf") or ""),
        trace_id=trace_id((raw.get("tracingContext") or {}).get("traceparent") or ""),
        nodes=tuple(_node_runs(runs)),
        last_node=last,
        output=tuple(_output(runs, last)),
        error=_error(result.get("error")),
    )


def credential(raw: Mapping[str, Any]) -> Credential:
    """Read a credential; there is no secret in it."""
    return Credential(str(raw["id"]), str(raw.get("name", "")), str(raw.get("type", "")))


def moment(raw: object) -> datetime | None:
    """Read an ISO time; what is no time is no time."""
    if not isinstance(raw, str):
        return None
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return None


def trace_id(traceparent: str) -> str:
    """Return the trace id inside a W3C traceparent, or nothing."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) == 4 and len(parts[1]) == 32 else ""


def _node_runs(runs: Mapping[str, Any]) -> list[NodeRun]:
    found = []
    for node, each in runs.items():
        for index, run in enumerate(each or ()):
            begun = run.get("startTime")
            started = datetime.fromtimestamp(begun / 1000, UTC) if isinstance(begun, int | float) else None
            elapsed = float(run.get("executionTime") or 0) / 1000
            status = str(run.get("executionStatus") or ("error" if run.get("error") else "success"))
            order = int(run.get("executionIndex") or 0)
            items = len(_items(run))
            found.append((order, NodeRun(node, index, status, started, elapsed, items, _error(run.get("error")))))
    return [run for _, run in sorted(found, key=lambda pair: pair[0])]


def _items(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    outputs = (run.get("data") or {}).get("main") or ()
    return [item for output in outputs for item in output or () if isinstance(item, Mapping)]


def _output(runs: Mapping[str, Any], last: str) -> list[Mapping[str, Any]]:
    tail = (runs.get(last) or [{}])[-1]
    return [item.get("json") or {} for item in _items(tail)]


def _error(raw: object) -> str:
    if not isinstance(raw, Mapping):
        return ""
    said = [str(raw[key]) for key in ("message", "description") if raw.get(key)]
    node = raw.get("node")
    if isinstance(node, Mapping) and node.get("name"):
        said.insert(0, f"{node['name']}:")
    return " ".join(said)[:2000]
