"""Workflows, executions, templates, deliveries and figures."""

from bridge.codegen.operations import CURSOR, LIMIT, Operation, Schema, page_of, query

WORKFLOWS, EXECUTIONS, DELIVERIES = "Workflows", "Executions", "Deliveries"
TEXT, ANYTHING = {"type": "string"}, {"type": "object"}
SSE = {200: "text/event-stream"}
CALLS_N8N = (404, 409, 422, 502, 503)
READS = (400, 408, 413)


def shape(*required: str, **properties: Schema) -> Schema:
    """An object with these properties."""
    return {"type": "object", "required": [*required], "properties": properties}


MAKING: dict[str, Schema] = {
    "template_name": {**TEXT, "description": "Name of a template."},
    "custom_config": {
        **ANYTHING, "description": "Settings of steps: a key for every step that has it, or one object per step.",
    },
    "user_id": {**TEXT, "description": "Whom it is made for; a label."},
    "name": {**TEXT, "description": "The workflow's name; by default the template's."},
    "target": {**TEXT, "enum": ["nodes", "http"], "description": "By default what this n8n has."},
}  # fmt: skip
WORKFLOW = shape(
    "workflow_id", "name", "active",
    workflow_id=TEXT, id=TEXT, name=TEXT, template_name=TEXT, user_id=TEXT, target=TEXT, active={"type": "boolean"},
    created_at=TEXT, updated_at=TEXT,
)  # fmt: skip
EXECUTION = shape(
    "execution_id", "workflow_id", "status", "progress",
    execution_id=TEXT, workflow_id=TEXT, template_name=TEXT, user_id=TEXT, trigger=TEXT,
    status={**TEXT, "enum": ["queued", "running", "completed", "failed", "canceled"]},
    progress={"type": "integer", "minimum": 0, "maximum": 100}, outcome=TEXT, error=TEXT, result=ANYTHING,
    reasons={"type": "array", "items": ANYTHING}, timeline={"type": "array", "items": ANYTHING}, started_at=TEXT,
    completed_at=TEXT, estimated_completion=TEXT, deadline=TEXT, n8n_execution_id=TEXT, retry_of=TEXT,
    rating={"type": "integer"},
)  # fmt: skip
STARTED = shape("execution_id", "workflow_id", "status", execution_id=TEXT, workflow_id=TEXT, status=TEXT, message=TEXT)
NARROWED = (
    query("status", "One status, or several with commas."), query("user_id", "Only of this user."),
    query("template_name", "Only of this template."), query("trigger", "Only with this trigger."),
    query("created_after", "Only younger ones; a time with its zone."),
    query("tenant", "Only of this key; role manage."), LIMIT, CURSOR,
)  # fmt: skip
EXECUTION_PATH = "/workflows/{workflow_id}/executions/{execution_id}"
OPERATIONS = (
    Operation(
        "post", "/workflows", "createWorkflow", WORKFLOWS, "Make a workflow from a template, publish it and prove it",
        {200: shape("workflow_id", "template_name", "message", workflow_id=TEXT, template_name=TEXT, message=TEXT)},
        "manage", body=shape("template_name", **MAKING), problems=(*READS, *CALLS_N8N),
    ),
    Operation(
        "get", "/workflows", "listWorkflows", WORKFLOWS, "List workflows",
        {200: shape("workflows", "count", workflows={"type": "array", "items": WORKFLOW}, count={"type": "integer"})},
        parameters=(query("template_name", "Only of this template."),),
    ),
    Operation(
        "post", "/workflows/preview", "previewWorkflow", WORKFLOWS, "Look at what a template becomes",
        {200: shape("document", document=ANYTHING, digest=TEXT, target=TEXT)}, body=shape("template_name", **MAKING),
        problems=(*READS, *CALLS_N8N),
    ),
    Operation(
        "post", "/workflows/deploy", "deployWorkflow", WORKFLOWS, "Plan what a template changes, and do it on request",
        {200: shape("action", "changes", "applied", action=TEXT, changes={"type": "array", "items": TEXT},
                    applied={"type": "boolean"}, workflow_id=TEXT)},
        "manage", body=shape("template_name", **MAKING, apply={"type": "boolean"}), problems=(*READS, *CALLS_N8N),
    ),
    Operation(
        "get", "/workflows/{workflow_id}", "getWorkflow", WORKFLOWS, "Look at a workflow", {200: ANYTHING},
        problems=(404,),
    ),
    Operation(
        "delete", "/workflows/{workflow_id}", "removeWorkflow", WORKFLOWS, "Remove a workflow from n8n and from here",
        {204: None}, "manage", problems=CALLS_N8N,
    ),
    Operation(
        "post", "/workflows/{workflow_id}/publish", "publishWorkflow", WORKFLOWS, "Publish a workflow and prove it",
        {200: WORKFLOW}, "manage", problems=CALLS_N8N,
    ),
    Operation(
        "post", "/workflows/{workflow_id}/unpublish", "unpublishWorkflow", WORKFLOWS, "Take a workflow out of service",
        {200: WORKFLOW}, "manage", problems=CALLS_N8N,
    ),
    Operation(
        "post", "/workflows/{workflow_id}/triggers/{trigger_id}", "switchTrigger", WORKFLOWS,
        "Switch one trigger on or off", {200: ANYTHING}, "manage",
        body=shape("enabled", enabled={"type": "boolean"}), problems=(*READS, 404),
    ),
    Operation(
        "post", "/workflows/{workflow_id}/execute", "executeWorkflow", EXECUTIONS, "Start a workflow", {200: STARTED},
        body=shape(workflow_id=TEXT, trigger_data=ANYTHING, user_id=TEXT), problems=(*READS, 404, 429),
    ),
    Operation(
        "get", "/workflows/{workflow_id}/executions", "listWorkflowExecutions", EXECUTIONS,
        "List the executions of a workflow", {200: page_of(EXECUTION)}, parameters=NARROWED, problems=(400, 404),
    ),
    Operation(
        "get", "/executions", "listExecutions", EXECUTIONS, "List executions, newest first", {200: page_of(EXECUTION)},
        parameters=(query("workflow_id", "Only of this workflow."), *NARROWED), problems=(400, 404),
    ),
    Operation(
        "get", "/executions/events", "followExecutions", EXECUTIONS, "Follow all executions as server-sent events",
        {200: TEXT}, media_types=SSE,
    ),
    Operation(
        "get", EXECUTION_PATH, "getExecution", EXECUTIONS, "Look at an execution", {200: EXECUTION}, problems=(404,),
    ),
    Operation(
        "get", f"{EXECUTION_PATH}/events", "followExecution", EXECUTIONS, "Follow an execution as server-sent events",
        {200: TEXT}, media_types=SSE, problems=(404,),
    ),
    Operation(
        "post", f"{EXECUTION_PATH}/stop", "stopExecution", EXECUTIONS, "Stop an execution", {202: EXECUTION},
        problems=CALLS_N8N,
    ),
    Operation(
        "post", f"{EXECUTION_PATH}/retry", "retryExecution", EXECUTIONS, "Run a failed execution again",
        {202: EXECUTION}, problems=CALLS_N8N,
    ),
    Operation(
        "post", f"{EXECUTION_PATH}/rating", "rateExecution", EXECUTIONS, "Say how good an execution was, from 1 to 5",
        {200: ANYTHING}, body=shape("rating", rating={"type": "integer", "minimum": 1, "maximum": 5}),
        problems=(*READS, 404, 409),
    ),
    Operation(
        "get", "/templates", "listTemplates", WORKFLOWS, "List templates",
        {200: shape("templates", "count", templates=ANYTHING, count={"type": "integer"})},
    ),
    Operation(
        "get", "/templates/{name}", "getTemplate", WORKFLOWS, "Look at a template", {200: ANYTHING},
        problems=(400, 422),
    ),
    Operation(
        "get", "/analytics", "getAnalytics", EXECUTIONS, "Figures: use, durations, success, ratings", {200: ANYTHING},
        "manage", parameters=(query("days", "Of how many days.", {"type": "integer", "minimum": 1, "maximum": 400}),),
        problems=(400,),
    ),
    Operation(
        "post", "/v1/n8n/failures", "hearOfFailure", EXECUTIONS, "Told by the error workflow in n8n", {204: None},
        body=shape(workflow_id=TEXT, execution_id=TEXT), problems=READS,
    ),
    Operation(
        "post", "/hooks/{forge}/{id}", "receiveDelivery", DELIVERIES, "Deliver a forge's event", {202: ANYTHING,
        200: ANYTHING}, "public", content={"application/json": ANYTHING}, problems=(*READS, 401, 404, 503),
        description="202, or 200 when this delivery was received before; signed as the forge signs.",
    ),
    Operation(
        "get", "/v1/hooks/{forge}/{id}", "getHook", DELIVERIES, "Look up a hook's address and secret",
        {200: shape("url", "secret", url=TEXT, secret=TEXT)}, "manage",
    ),
    Operation(
        "get", "/deliveries", "listDeliveries", DELIVERIES, "List deliveries, newest first", {200: page_of(ANYTHING)},
        "manage", parameters=(query("forge", "Only from this forge."), query("outcome", "Only with this outcome."),
                              LIMIT, CURSOR), problems=(400, 404),
    ),
    Operation(
        "get", "/deliveries/{id}", "getDelivery", DELIVERIES, "Look at a delivery", {200: ANYTHING}, "manage",
        problems=(404,),
    ),
    Operation(
        "post", "/deliveries/{id}/replay", "replayDelivery", DELIVERIES, "Let a delivery take effect again",
        {202: ANYTHING}, "manage", problems=(400, 404),
    ),
)  # fmt: skip
