"""Webhooks of Bridge Trigger nodes."""

from bridge.codegen.operations import Operation

TAG = "Webhooks"
EVENTS = [
    "manual", "git_push", "pull_request", "release_tag", "api_change", "schema_change", "schedule", "alert"
]  # fmt: skip
FIELDS = {
    "url": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "An address of the configured n8n."},
    "events": {
        "type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "enum": EVENTS},
        "description": "What to tell of.",
    },
    "config": {"type": "object", "description": "What the node's fields say: branch, cron, repository ..."},
    "workflow_id": {"type": "string", "minLength": 1, "maxLength": 200, "description": "The n8n workflow."},
    "node": {"type": "string", "minLength": 1, "maxLength": 200, "description": "The node's name on the canvas."},
    "test": {"type": "boolean", "description": "Whether the node listens for one test event."},
}  # fmt: skip
SECRET = {
    "type": "string", "pattern": "^whsec_[A-Za-z0-9+/=]{32,88}$",
    "description": "Signs what is sent (Standard Webhooks): whsec_ and 24 to 64 bytes in base64.",
}  # fmt: skip
OPERATIONS = (
    Operation(
        "post", "/v1/webhooks", "registerWebhook", TAG, "Register a Bridge Trigger node's address",
        {201: {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}},
        body={
            "type": "object", "additionalProperties": False,
            "required": ["url", "events", "secret", "workflow_id", "node"], "properties": {**FIELDS, "secret": SECRET},
        },
        problems=(400, 408, 413, 415),
        description="The same workflow, node and test replaces an earlier registration.",
    ),
    Operation(
        "get", "/v1/webhooks/{id}", "getWebhook", TAG, "Whether a registration stands",
        {200: {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, **FIELDS}}},
        problems=(404,),
    ),
    Operation(
        "delete", "/v1/webhooks/{id}", "removeWebhook", TAG, "Remove a registration", {204: None}, problems=(404,)
    ),
)  # fmt: skip
