"""Executions: started, looked at, listed, stopped, retried, rated, and followed live."""

import asyncio
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

from bridge.doors.store import Execution, ExecutionsWanted
from bridge.executions import Wish
from bridge.executions.events import Happening
from bridge.executions.pace import now
from bridge.problems import Conflict, InvalidInput, Issue, NotFound
from bridge.web.answers import answer
from bridge.web.given import read, whole_number
from bridge.web.middlewares import CALLER
from bridge.web.rooms import ROOMS
from bridge.web.service import SERVICE

HEARTBEAT = 2.0
"""Seconds after which a follower looks at the record itself: another process may be the one that watches."""


async def execute(request: web.Request) -> web.Response:
    """Start a workflow; answers at once with our id."""
    rooms, workflow_id = request.app[ROOMS], request.match_info["workflow_id"]
    given = await read(request, {"workflow_id": str, "trigger_data": dict, "user_id": str})
    if given.get("workflow_id", workflow_id) != workflow_id:
        said = "is not the workflow of the address"
        raise InvalidInput(f"workflow_id {said}.", issues=[Issue("mismatch", "/workflow_id", said)])
    data = given.get("trigger_data") or {}
    event = data if EVENT_KEYS & data.keys() else {"input": data} if data else {}
    more = {"user_id": given["user_id"]} if "user_id" in given else {}
    wish = Wish(workflow_id, request[CALLER].name, event={**event, **more}, user_id=given.get("user_id", ""))
    made = await rooms.executions.starting.wish(wish)
    rooms.executions.engine.nudge()
    told = {
        "execution_id": made.execution_id,
        "workflow_id": workflow_id,
        "status": "running",
        "message": "Workflow execution started",
    }
    return answer(told, headers={"Location": f"/workflows/{workflow_id}/executions/{made.execution_id}"})


EVENT_KEYS = {
    "repository", "ref", "branch", "files", "before", "after", "pull_request", "release", "alert", "change", "input"
}  # fmt: skip


async def one(request: web.Request) -> web.Response:
    """One execution: status and progress always, result or error at the end."""
    return answer(await _whole(request, await _wanted(request)))


async def listing(request: web.Request) -> web.Response:
    """Executions, newest first, narrowed by the query."""
    query, caller = request.query, request[CALLER]
    wanted = ExecutionsWanted(
        tenant=query.get("tenant", "") if caller.role == "manage" else caller.name,
        workflow_id=request.match_info.get("workflow_id", query.get("workflow_id", "")),
        statuses=tuple(each for each in query.get("status", "").split(",") if each),
        user_id=query.get("user_id", ""),
        template_name=query.get("template_name", ""),
        trigger=query.get("trigger", ""),
        created_after=_moment(query.get("created_after", "")),
    )
    records = request.app[ROOMS].records.executions
    page = await records.find(wanted, limit=whole_number(request, "limit", 50, 250), cursor=query.get("cursor", ""))
    return answer({"items": [shown(each) for each in page.items], "next": page.next, "count": len(page.items)})


async def stop(request: web.Request) -> web.Response:
    """Stop an execution that runs or waits."""
    room = request.app[ROOMS].executions
    return answer(shown(await room.stopping.stop(await _wanted(request))), 202)


async def retry(request: web.Request) -> web.Response:
    """Run it again from its failed node, as a new execution."""
    rooms, execution = request.app[ROOMS], await _wanted(request)
    again = await rooms.executions.stopping.retry(execution)
    rooms.executions.engine.nudge()
    where = f"/workflows/{again.workflow_id}/executions/{again.execution_id}"
    return answer(shown(again), 202, {"Location": where})


async def rate(request: web.Request) -> web.Response:
    """Say how good it was, from 1 to 5."""
    rooms, execution = request.app[ROOMS], await _wanted(request)
    rating = (await read(request, {"rating": int}, ("rating",)))["rating"]
    if not 1 <= rating <= 5:
        raise InvalidInput("rating must be from 1 to 5.", issues=[Issue("range", "/rating", "must be from 1 to 5")])
    changes = {"rating": rating, "updated_at": now()}
    if not await rooms.records.executions.change(execution.execution_id, ENDS, changes):
        raise Conflict("Only an execution that has ended can be rated.")
    await rooms.executions.events.note("rating.given", execution.workflow_id, execution.execution_id, rating=rating)
    return answer({"execution_id": execution.execution_id, "rating": rating})


ENDS = ("completed", "failed", "canceled")


async def follow(request: web.Request) -> web.StreamResponse:
    """Follow one execution live: its state now, then every change, until it ends."""
    execution = await _wanted(request)
    async with request.app[ROOMS].executions.events.listening() as queue:
        response = await _stream(request)
        said = ""
        while True:
            execution = await request.app[ROOMS].records.executions.get(execution.execution_id)
            told = orjson.dumps(await _whole(request, execution)).decode()
            if told != said:
                said = told
                await _tell(response, "ended" if execution.ended else "progress", told)
            if execution.ended or request.app[SERVICE].stopping.is_set():
                return response
            await _next_about(queue, execution.execution_id)


async def _next_about(queue: "asyncio.Queue[Happening]", execution_id: str) -> None:
    """Wait for something about this execution, or for a heartbeat."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            while (await queue.get()).execution.execution_id != execution_id:
                pass
    except TimeoutError:
        return


async def follow_all(request: web.Request) -> web.StreamResponse:
    """Follow all executions this caller may see, as they happen."""
    caller = request[CALLER]
    async with request.app[ROOMS].executions.events.listening() as queue:
        response = await _stream(request)
        while not request.app[SERVICE].stopping.is_set():
            happening = await _next(queue)
            if happening is None:
                await response.write(b": still here\n\n")
            elif caller.role == "manage" or happening.execution.tenant == caller.name:
                told = orjson.dumps({**shown(happening.execution), "event": happening.kind}).decode()
                await _tell(response, happening.kind, told)
        return response


async def _next(queue: "asyncio.Queue[Happening]") -> Happening | None:
    """What happens next, or nothing within a heartbeat."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await queue.get()
    except TimeoutError:
        return None


async def _stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    return response


async def _tell(response: web.StreamResponse, name: str, data: str) -> None:
    await response.write(f"event: {name}\ndata: {data}\n\n".encode())


async def failed(request: web.Request) -> web.Response:
    """Hear from n8n's error workflow; the engine looks at once instead of at its next round."""
    await read(request, {"workflow_id": str, "execution_id": str})
    request.app[ROOMS].executions.engine.nudge()
    return web.Response(status=204)


async def analytics(request: web.Request) -> web.Response:
    """Figures of the last days."""
    days = whole_number(request, "days", 30, 400)
    return answer(await request.app[ROOMS].executions.figures.report(days))


async def _wanted(request: web.Request) -> Execution:
    """The execution of the address; somebody else's, or another workflow's, is not there."""
    caller = request[CALLER]
    execution = await request.app[ROOMS].records.executions.get(request.match_info["execution_id"])
    foreign = caller.role != "manage" and execution.tenant != caller.name
    if foreign or execution.workflow_id != request.match_info["workflow_id"]:
        raise NotFound(f"There is no execution '{execution.execution_id}' of this workflow.")
    return execution


async def _whole(request: web.Request, execution: Execution) -> dict[str, Any]:
    whole = {**shown(execution), "timeline": [dict(each) for each in execution.timeline]}
    if execution.trigger_data:
        whole["trigger_data"] = dict(execution.trigger_data)
    if estimate := await request.app[ROOMS].executions.watching.estimate(execution):
        whole["estimated_completion"] = estimate.isoformat()
    if execution.result is not None:
        whole["result"] = dict(execution.result)
    return whole


def shown(execution: Execution) -> dict[str, Any]:
    """Lay an execution out as it is listed; what is absent is absent."""
    found: dict[str, Any] = {
        key: value
        for key in (
            "execution_id", "workflow_id", "template_name", "user_id", "trigger", "error", "outcome", "retry_of",
            "n8n_execution_id", "delivery_id",
        )
        if (value := getattr(execution, key))
    }  # fmt: skip
    found |= {"status": execution.status, "progress": execution.progress}
    for key in ("created_at", "started_at", "completed_at", "deadline"):
        if (moment := getattr(execution, key)) is not None:
            found[key] = moment.isoformat()
    if execution.reasons:
        found["reasons"] = [dict(each) for each in execution.reasons]
    if execution.rating:
        found["rating"] = execution.rating
    return found


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        said = "must be a time with its zone, such as 2030-01-01T00:00:00Z"
        raise InvalidInput(f"created_after {said}.", issues=[Issue("format", "/created_after", said)])
    return found
