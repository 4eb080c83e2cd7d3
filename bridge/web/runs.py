"""Runs: list, look, wait, listen, cancel, claim."""

import asyncio
from contextlib import nullcontext
from typing import Any, get_args

import orjson
from aiohttp import web

from bridge.doors.store import Run, RunStatus, RunsWanted
from bridge.problems import InvalidInput, Issue
from bridge.runs import shown
from bridge.web import orders
from bridge.web.answers import answer
from bridge.web.leaving import has_left
from bridge.web.middlewares import CALLER
from bridge.web.service import SERVICE

STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)
MOST = 200
KEEP_ALIVE = 15.0


async def listing(request: web.Request) -> web.Response:
    """The caller's runs, newest first, without their results."""
    query = request.query
    status, cursor = query.get("status", ""), query.get("cursor", "")
    if status and status not in STATUSES:
        raise _wrong("status", f"must be one of {', '.join(STATUSES)}")
    if cursor and not orders.UUID.fullmatch(cursor):
        raise _wrong("cursor", "must be the 'next' of the page before")
    wanted = RunsWanted(
        tenant=request[CALLER].name,
        step=_word(query.get("step", "")),
        statuses=(status,) if status else (),
        workflow_id=_word(query.get("workflow_id", "")),
        execution_id=_word(query.get("execution_id", "")),
    )
    page = await request.app[SERVICE].desk.runs.find(wanted, limit=limit_of(request), cursor=cursor)
    return answer({"items": [_brief(run) for run in page.items], "next": page.next})


async def one(request: web.Request) -> web.Response:
    """One run; with `Prefer: wait=N` at its end, or as it stands after N seconds."""
    service, tenant, run_id = request.app[SERVICE], request[CALLER].name, orders.ident(request)
    _, seconds = orders.preferences(request)
    if not seconds:
        return answer(shown(await service.desk.get(tenant, run_id)))
    leaves = request.headers.get("X-Bridge-Cancel", "").strip().lower() == "disconnect"
    polling = service.desk.polling(tenant, run_id, lambda: has_left(request)) if leaves else nullcontext()
    async with polling:
        over = service.stopping.is_set
        run = await service.desk.wait(tenant, run_id, seconds, lambda: over() or has_left(request))
    return answer(shown(run))


async def events(request: web.Request) -> web.StreamResponse:
    """The run's progress and its end, as server-sent events."""
    service, tenant, run_id = request.app[SERVICE], request[CALLER].name, orders.ident(request)
    await service.desk.get(tenant, run_id)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    said: Any = None
    quiet_since = asyncio.get_running_loop().time()
    async for run in service.desk.changes(tenant, run_id, lambda: service.stopping.is_set() or has_left(request)):
        word = (run.status, run.attempt, run.fraction, run.message)
        now = asyncio.get_running_loop().time()
        if word != said or run.ended:
            await response.write(_event(run))
            said, quiet_since = word, now
        elif now - quiet_since > KEEP_ALIVE:
            await response.write(b": still there\n\n")
            quiet_since = now
    await response.write_eof()
    return response


async def cancel(request: web.Request) -> web.Response:
    """Ask a run to stop: 202, repeated 200, ended 409."""
    run, again = await request.app[SERVICE].desk.cancel(request[CALLER].name, orders.ident(request))
    return answer(_brief(run), 200 if again else 202)


async def claim(request: web.Request) -> web.Response:
    """Take the end of a run: 200 once, then 409."""
    return answer(shown(await request.app[SERVICE].desk.claim(request[CALLER].name, orders.ident(request))))


def limit_of(request: web.Request) -> int:
    """The query's `limit`."""
    given = request.query.get("limit", "50")
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:6]) <= MOST:
        raise _wrong("limit", f"must be a whole number from 1 to {MOST}")
    return int(given)


def _event(run: Run) -> bytes:
    name = "ended" if run.ended else "progress"
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(_brief(run)))


def _brief(run: Run) -> dict[str, Any]:
    return {key: value for key, value in shown(run).items() if key != "result"}


def _word(given: str) -> str:
    if len(given) > 200 or not given.isprintable():
        raise _wrong("query", "must be printable and at most 200 characters")
    return given


def _wrong(name: str, what: str) -> InvalidInput:
    return InvalidInput(f"The query's '{name}' {what}.", issues=[Issue("query", name, what)])
