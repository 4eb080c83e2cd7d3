"""A run as the outside sees it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.doors.store import Run


def shown(run: Run) -> dict[str, Any]:
    """The run of contract 3; what is absent is absent."""
    document: dict[str, Any] = {
        "id": run.id,
        "step": run.step,
        "version": run.version,
        "status": run.status,
        "attempt": run.attempt,
        "progress": {"fraction": run.fraction, "message": run.message},
        "created_at": stamp(run.created_at),
        "started_at": run.started_at and stamp(run.started_at),
        "ended_at": run.ended_at and stamp(run.ended_at),
        "deadline": stamp(run.deadline),
        "claimed": run.claimed,
        "n8n": _origin(run),
        "result": run.result,
        "error": run.error,
    }
    return {key: value for key, value in document.items() if value is not None}


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _origin(run: Run) -> Mapping[str, Any] | None:
    return vars(run.n8n) if run.n8n.execution_id or run.n8n.workflow_id else None
