"""The service itself: catalogue, health, figures, reference."""

from bridge.codegen.operations import Operation, page_of, ref

TAG = "Service"
HEALTH = {
    "type": "object", "required": ["status"],
    "properties": {
        "status": {"type": "string", "enum": ["ok", "unavailable"]},
        "parts": {"type": "object", "description": "What each part says; only with a key."},
    },
}  # fmt: skip
OPERATIONS = (
    Operation("get", "/v1/steps", "listSteps", "Steps", "List all steps", {200: page_of(ref("Step"))}),
    Operation("get", "/v1/steps/{step}", "getStep", "Steps", "Look at one step", {200: ref("Step")}, problems=(404,)),
    Operation(
        "get", "/livez", "livez", TAG, "Whether the process answers",
        {200: {"type": "object", "properties": {"status": {"const": "ok"}}}}, "public",
    ),
    Operation(
        "get", "/health", "health", TAG, "Whether the bridge is usable", {200: HEALTH, 503: HEALTH}, "public",
    ),
    Operation(
        "get", "/metrics", "metrics", TAG, "Figures for Prometheus", {200: {"type": "string"}}, "manage",
        media_types={200: "text/plain"}, problems=(503,),
    ),
    Operation("get", "/openapi.json", "openapi", TAG, "This document", {200: {"type": "object"}}, "public"),
    Operation(
        "get", "/docs", "docs", TAG, "This document as a page", {200: {"type": "string"}}, "public",
        media_types={200: "text/html"},
    ),
)  # fmt: skip
