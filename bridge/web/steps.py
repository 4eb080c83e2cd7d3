"""Steps: the catalogue, and running one."""

from typing import Any

import structlog
from aiohttp import web

from bridge.runs import Answered, Order, asked_version, shown
from bridge.specs import StepSpec, inlined
from bridge.web import orders, problem_details
from bridge.web.answers import answer
from bridge.web.bodies import read_json
from bridge.web.leaving import has_left
from bridge.web.middlewares import CALLER, REQUEST_ID
from bridge.web.service import SERVICE
from bridge.web.uploads import read_form

VERSION = "X-Bridge-Step-Version"


async def run(request: web.Request) -> web.Response:
    """Run the step on the body; 200 with the result, or 202 with the run."""
    service = request.app[SERVICE]
    spec = service.catalogue[request.match_info["step"]]
    order = await _order(request, spec)
    structlog.contextvars.bind_contextvars(
        n8n_workflow=order.n8n.workflow_id, n8n_execution=order.n8n.execution_id, n8n_node=order.n8n.node
    )
    answered = await service.desk.accept(order, lambda: has_left(request) or service.stopping.is_set())
    return _answer(request, answered)


async def catalogue(request: web.Request) -> web.Response:
    """List all steps with their schemas."""
    return answer({"items": [_described(spec) for spec in request.app[SERVICE].catalogue], "next": ""})


async def one(request: web.Request) -> web.Response:
    """Show one step with its schemas."""
    return answer(_described(request.app[SERVICE].catalogue[request.match_info["step"]]))


async def _order(request: web.Request, spec: StepSpec) -> Order:
    service = request.app[SERVICE]
    settings = service.settings
    background, wait = orders.preferences(request)
    order: dict[str, Any] = {
        "step": spec.name,
        "tenant": request[CALLER].name,
        "version": asked_version(spec, service.steps[spec.name].earlier, request.headers.get(VERSION)),
        "n8n": orders.origin(request),
        "key": orders.key(request),
        "background": background,
        "wait": wait,
        "timeout": orders.timeout(request),
        "callback_url": request.headers.get("X-Callback-Url", ""),
    }
    if request.content_type == "multipart/form-data":
        given = await read_form(request, spec.binary_fields)
    else:
        given = await read_json(request, settings.max_body, settings.body_timeout)
    return Order(given=given, **order)


def _answer(request: web.Request, answered: Answered) -> web.Response:
    run = answered.run
    headers = {"Location": f"/v1/runs/{run.id}"}
    if run.status == "completed":
        return answer(run.result, headers=headers)
    if not run.ended:
        return answer(shown(run), 202, headers)
    if answered.problem is not None:
        response = problem_details.respond(answered.problem, request[REQUEST_ID], run.id)
    else:
        response = problem_details.answer({**(run.error or {}), "instance": f"urn:uuid:{request[REQUEST_ID]}"})
    response.headers.update(headers)
    return response


def _described(spec: StepSpec) -> dict[str, Any]:
    found = spec.model_dump(mode="json", exclude_none=True)
    return {**found, "input": inlined(spec.input), "output": inlined(spec.result_schema())}
