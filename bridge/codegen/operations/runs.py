"""Runs, blobs and files."""

from bridge.codegen.operations import CURSOR, LIMIT, PREFER, Operation, header, page_of, query, ref

TAG = "Runs"
STATUS = {"type": "string", "enum": ["queued", "running", "completed", "failed", "canceled"]}
OPERATIONS = (
    Operation(
        "get", "/v1/runs", "listRuns", TAG, "List runs, newest first", {200: page_of(ref("Run"))}, problems=(400, 404),
        parameters=(
            query("status", "Only runs of this status.", STATUS), query("step", "Only runs of this step."),
            query("workflow_id", "Only runs of this n8n workflow."),
            query("execution_id", "Only runs of this n8n execution."), LIMIT, CURSOR,
        ),
    ),
    Operation(
        "get", "/v1/runs/{id}", "getRun", TAG, "Look at a run, or wait for its end", {200: ref("Run")}, problems=(404,),
        parameters=(
            PREFER,
            header(
                "X-Bridge-Cancel", "`disconnect`: dropping this waiting call, without a new one within 2 s, cancels."
            ),
        ),
    ),
    Operation(
        "get", "/v1/runs/{id}/events", "followRun", TAG, "Follow a run as server-sent events",
        {200: {"type": "string"}}, media_types={200: "text/event-stream"}, problems=(404,),
        description="Events `progress` and, last, `ended`; the data is the run without its result.",
    ),
    Operation(
        "post", "/v1/runs/{id}/cancel", "cancelRun", TAG, "Cancel a run", {202: ref("Run"), 200: ref("Run")},
        problems=(404, 409), description="202 the first time, 200 when repeated, 409 when it has ended otherwise.",
    ),
    Operation(
        "post", "/v1/runs/{id}/claim", "claimRun", TAG, "Take a run's end, once", {200: ref("Run")},
        problems=(404, 409), description="200 for the first caller, 409 for every other.",
    ),
    Operation(
        "put", "/v1/blobs", "putBlob", "Files", "Upload a file ahead of the call that uses it",
        {
            201: {
                "type": "object", "required": ["blob", "file_id", "size"],
                "properties": {
                    "blob": {"type": "string", "description": "What a binary field takes: blob:sha256:<hex>."},
                    "file_id": {"type": "string"}, "size": {"type": "integer"},
                },
            }
        },
        content={"application/octet-stream": {"type": "string", "format": "binary"}},
        parameters=(header("X-File-Name", "The file's name, percent-encoded."),), problems=(400, 408, 413, 507),
    ),
    Operation(
        "get", "/v1/files/{id}", "getFile", "Files", "Download a file a run made, or an upload",
        {200: {"type": "string", "format": "binary"}, 206: {"type": "string", "format": "binary"}},
        media_types={200: "*/*", 206: "*/*"}, problems=(404,),
    ),
)  # fmt: skip
