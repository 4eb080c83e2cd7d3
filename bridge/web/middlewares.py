"""What surrounds every view: a request id, bound logs, the key's check, and problems in one form."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog
from aiohttp import web

from bridge.problems import Forbidden, HandlerFailed, Problem
from bridge.web import problem_details
from bridge.web.keys import Caller, Role
from bridge.web.service import SERVICE

log = structlog.get_logger()
Access = Literal["public", "use", "manage"]
View = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
CALLER = web.RequestKey("caller", Caller)


@web.middleware
async def tell_problems(request: web.Request, handler: View) -> web.StreamResponse:
    """Give the request an id, and turn everything raised into a problem document."""
    request_id = request[REQUEST_ID] = _request_id(request.headers.get("X-Request-Id"))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    try:
        response = await handler(request)
    except Problem as problem:
        if isinstance(problem, HandlerFailed):
            log.exception("a step's code failed")
        response = problem_details.respond(problem, request_id)
    except web.HTTPException as error:
        response = problem_details.respond_to_http(error, request_id)
    except ConnectionError:
        raise
    except Exception:
        log.exception("a request failed", method=request.method, path=request.path)
        found = problem_details.plain(500, "The bridge failed. Its log has more, under this instance.", request_id)
        response = problem_details.answer(found)
    if not response.prepared:
        response.headers["X-Request-Id"] = request_id
    return response


def guarded(access: Access, view: View) -> View:
    """Let *view* be reached only with a key of the right role; nothing of the body is read before."""
    if access == "public":
        return view
    needed: Role = access

    async def checked(request: web.Request) -> web.StreamResponse:
        caller = request.app[SERVICE].keys.caller(request.headers.get("Authorization"))
        if not caller.may(needed):
            raise Forbidden(f"This needs a key with role {needed}; the key '{caller.name}' has role {caller.role}.")
        request[CALLER] = caller
        return await view(request)

    return checked


def _request_id(given: str | None) -> str:
    """The caller's id if it is a UUID, else a new one."""
    if given:
        try:
            return str(uuid.UUID(given))
        except ValueError:
            pass
    return str(uuid.uuid4())
