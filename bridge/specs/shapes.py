"""The shapes several steps share (finding, document, place ...), read from shapes.json."""

import json
from importlib.resources import files
from typing import Any

SHAPES: dict[str, dict[str, Any]] = json.loads(files("bridge.specs").joinpath("shapes.json").read_text("utf-8"))
"""Shape name to JSON Schema; a spec refers to one as ``urn:bridge:shapes#Finding``."""

URN = "urn:bridge:shapes#"

ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": ["success", "run_id", "degraded", "issues", "files"],
    "properties": {
        "success": {"type": "boolean", "description": "Whether the step did its work."},
        "run_id": {"type": "string", "description": "The run that made this result."},
        "degraded": {
            "type": "array",
            "items": {"$ref": f"{URN}Degraded"},
            "description": "Engines that could not be used, why, and what was used instead.",
        },
        "issues": {
            "type": "array",
            "items": {"$ref": f"{URN}Issue"},
            "description": "Parts of the input that could not be handled.",
        },
        "files": {"type": "array", "items": {"$ref": f"{URN}File"}, "description": "Files the step made."},
    },
}
"""What stands beside every step's own keys in a result."""
