"""What n8n's public API lets through: one allow-list for every document that is sent.

n8n refuses unknown and read-only keys with a 400, at the top, in settings and in nodes, so a document
that was read can not be sent back as it is.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bridge.doors.n8n import Document
from bridge.problems import Issue, Unusable

TOP = ("name", "nodes", "connections", "settings", "staticData", "pinData", "nodeGroups")
REQUIRED = ("name", "nodes", "connections")
SETTINGS = (
    "saveExecutionProgress",
    "saveManualExecutions",
    "saveDataErrorExecution",
    "saveDataSuccessExecution",
    "executionTimeout",
    "errorWorkflow",
    "timezone",
    "executionOrder",
    "callerPolicy",
    "callerIds",
    "timeSavedMode",
    "timeSavedPerExecution",
    "availableInMCP",
)
NODE = (
    "id",
    "name",
    "webhookId",
    "disabled",
    "notesInFlow",
    "notes",
    "type",
    "typeVersion",
    "executeOnce",
    "alwaysOutputData",
    "retryOnFail",
    "maxTries",
    "waitBetweenTries",
    "onError",
    "position",
    "parameters",
    "credentials",
)


def sanitised(document: Document) -> dict[str, Any]:
    """Return what may be sent of *document*; raise `Unusable` naming what it lacks."""
    missing = [key for key in REQUIRED if key not in document]
    if missing:
        raise Unusable(
            f"The workflow document lacks {', '.join(missing)}; n8n needs name, nodes and connections.",
            issues=[Issue("required", f"/{key}", "is missing") for key in missing],
        )
    kept = _only(document, TOP)
    kept["nodes"] = [_only(node, NODE) for node in document["nodes"]]
    settings = _only(document.get("settings") or {}, SETTINGS)
    # n8n keeps an empty settings object as it is and then runs the workflow in the order of its first version.
    kept["settings"] = {"executionOrder": "v1", **{key: value for key, value in settings.items() if value is not None}}
    return kept


def _only(given: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    return {key: given[key] for key in allowed if key in given}
