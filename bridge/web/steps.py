"""Steps: run one."""

import uuid
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bridge.authoring import RunContext
from bridge.runs import Made, Surroundings, asked_version, perform
from bridge.runs.provisional import NoFiles, NoResults, silent
from bridge.web.answers import answer
from bridge.web.bodies import read_json
from bridge.web.middlewares import CALLER
from bridge.web.service import SERVICE


async def run(request: web.Request) -> web.Response:
    """Run the step on the body and answer with its result."""
    service = request.app[SERVICE]
    spec = service.catalogue[request.match_info["step"]]
    given = await read_json(request, service.settings.max_body, service.settings.body_timeout)
    step = service.steps[spec.name]
    version = asked_version(spec, step.earlier, request.headers.get("X-Bridge-Step-Version"))
    run_id = str(uuid.uuid4())
    deadline = datetime.now(UTC) + timedelta(seconds=spec.execution.timeout)
    context = RunContext(run_id, spec.name, version, request[CALLER].name, deadline)
    surroundings = Surroundings(NoFiles(), silent, NoResults(), context, Made())
    result = await perform(step, given, surroundings)
    return answer(result, headers={"Location": f"/v1/runs/{run_id}"})
