"""OpenAPI 3.1: every step from its spec, every other address from `bridge.codegen.operations`."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from bridge.codegen.operations import PREFER, PROBLEMS, Operation, Schema, fixed_operations, header, ref
from bridge.specs import SHAPES, StepSpec
from bridge.specs.shapes import URN

INFO = {
    "title": "n8n Multimodal Bridge",
    "version": "1",
    "description": "Each step is an endpoint; n8n nodes, templates and your own clients call the same ones.",
    "license": {"name": "MIT", "identifier": "MIT"},
}
REFERENCE = "^(blob:sha256:[0-9a-f]{64}|file:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
STEP_PROBLEMS = (400, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504, 507)
WHOLE = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
N8N = tuple(
    header(f"X-N8N-{name}", f"n8n's {words}; the result is filed under it.", schema)
    for name, words, schema in (
        ("Workflow-Id", "workflow", None),
        ("Execution-Id", "execution", None),
        ("Node", "node, percent-encoded", None),
        ("Run-Index", "run index", WHOLE),
        ("Item-Index", "item index", WHOLE),
    )
)
STEP_HEADERS = (
    PREFER,
    header(
        "Idempotency-Key", "The same key and input within 24 h are the same run.", {"type": "string", "maxLength": 255}
    ),
    header("X-Bridge-Timeout", "A shorter deadline, in seconds.", {"type": "number", "exclusiveMinimum": 0}),
    header("X-Bridge-Step-Version", "The version of the step the caller speaks.", WHOLE),
    header("X-Callback-Url", "An address of the configured n8n that is told when the run has ended."),
    *N8N,
)


def render(specs: Sequence[StepSpec]) -> str:
    """Render the document for these steps and all fixed addresses."""
    return json.dumps(document(specs), indent=1, ensure_ascii=False) + "\n"


def document(specs: Sequence[StepSpec]) -> dict[str, Any]:
    """The document itself."""
    operations = [*(_of_step(spec) for spec in specs), *fixed_operations()]
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method] = _described(each)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "parameters": {},
            "responses": {str(status): _problem(status) for status in PROBLEMS},
            "schemas": {**_shapes(), "Problem": PROBLEM, "Run": RUN, "Step": STEP},
        },
    }


def _of_step(spec: StepSpec) -> Operation:
    given = _given(spec)
    form = {
        "type": "object",
        "properties": {"input": given, **{name: {"type": "string", "format": "binary"} for name in spec.binary_fields}},
    }
    return Operation(
        "post", f"/v1/steps/{spec.name}", f"run{spec.stem}", "Steps", spec.title,
        {200: _linked(spec.result_schema()), 202: ref("Run")},
        description=spec.description, parameters=STEP_HEADERS, body=given,
        content={"multipart/form-data": form} if spec.binary_fields else {}, problems=STEP_PROBLEMS,
    )  # fmt: skip


def _described(operation: Operation) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", operation.path)
    ids = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        **({"description": operation.description} if operation.description else {}),
        **({"parameters": [*ids, *operation.parameters]} if ids or operation.parameters else {}),
        **_body(operation),
        "responses": dict(_answers(operation)),
    }
    if operation.access == "public":
        found["security"] = []
    return found


def _body(operation: Operation) -> dict[str, Any]:
    content = {**({"application/json": operation.body} if operation.body else {}), **operation.content}
    if not content:
        return {}
    examples = operation.body.get("examples", []) if operation.body else []
    named = {each["title"]: {"value": each["input"]} for each in examples}
    described: dict[str, Any] = {}
    for media_type, schema in content.items():
        plain = {key: value for key, value in schema.items() if key != "examples"}
        described[media_type] = {"schema": plain}
        if named and media_type == "application/json":
            described[media_type]["examples"] = named
    return {"requestBody": {"required": True, "content": described}}


def _answers(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, schema in sorted(operation.answers.items()):
        media_type = operation.media_types.get(status, "application/json")
        content = {"content": {media_type: {"schema": schema}}} if schema is not None else {}
        yield str(status), {"description": "The answer." if schema is not None else "Done.", **content}
    always = () if operation.access == "public" else (401, 403, 503)
    for status in sorted({*always, *operation.problems} - set(operation.answers)):
        yield str(status), {"$ref": f"#/components/responses/{status}"}


def _problem(status: int) -> dict[str, Any]:
    retry = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return {
        "description": PROBLEMS[status],
        **({"headers": retry} if status in (429, 503, 507) else {}),
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }


def _given(spec: StepSpec) -> Schema:
    """The input, with what the bridge asks of references said as patterns; examples travel beside it."""
    given = _linked(spec.input)
    for each in given["properties"].values():
        if each.get("format") == "binary":
            each.pop("format")
            each["pattern"] = REFERENCE
    # The bridge's alternatives exclude each other; `title` there names the choice in n8n.
    return {**given, "examples": list(spec.examples)}


def _linked(schema: Any) -> Any:
    """The same schema with shapes where OpenAPI keeps them, and without formats only the bridge knows."""
    if isinstance(schema, list):
        return [_linked(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {**schema, "$ref": f"#/components/schemas/{schema['$ref'].removeprefix(URN)}"}
    return {
        key: _linked(value)
        for key, value in schema.items()
        if not (key == "format" and value in ("text", "path", "glob", "cel", "result", "secret"))
    }


def _shapes() -> dict[str, Schema]:
    return {name: _linked(shape) for name, shape in SHAPES.items()}


ISSUES = {"type": "array", "items": ref("Issue")}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "message", "success", "error", "retryable"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"type": "string"},
        "message": {"type": "string"}, "success": {"const": False}, "error": {"type": "string"}, "issues": ISSUES,
        "retryable": {"type": "boolean"}, "retry_after": {"type": "integer"}, "run_id": {"type": "string"},
        "upstream": {"type": "object"},
    },
}  # fmt: skip
TIME = {"type": "string", "format": "date-time"}
RUN = {
    "type": "object",
    "required": ["id", "step", "version", "status", "attempt", "progress", "created_at", "deadline", "claimed"],
    "properties": {
        "id": {"type": "string"}, "step": {"type": "string"}, "version": {"type": "integer"},
        "status": {"type": "string", "enum": ["queued", "running", "completed", "failed", "canceled"]},
        "attempt": {"type": "integer"},
        "progress": {
            "type": "object", "properties": {"fraction": {"type": "number"}, "message": {"type": "string"}}
        },
        "created_at": TIME, "started_at": TIME, "ended_at": TIME, "deadline": TIME,
        "claimed": {"type": "boolean"}, "n8n": {"type": "object"}, "result": {"type": "object"},
        "error": ref("Problem"),
    },
}  # fmt: skip
STEP = {
    "type": "object",
    "required": ["name", "version", "title", "description", "input", "output"],
    "properties": {
        "name": {"type": "string"}, "version": {"type": "integer"}, "title": {"type": "string"},
        "description": {"type": "string"}, "input": {"type": "object"}, "output": {"type": "object"},
    },
}  # fmt: skip
