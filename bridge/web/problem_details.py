"""Problems on the wire: RFC 9457 documents, and the only table of HTTP statuses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from bridge import problems as p

STATUS: Mapping[type[p.Problem], int] = {
    p.InvalidInput: 400,
    p.UnknownTemplate: 400,
    p.Unauthenticated: 401,
    p.Forbidden: 403,
    p.NotFound: 404,
    p.TooSlow: 408,
    p.Conflict: 409,
    p.Canceled: 409,
    p.TooLarge: 413,
    p.Unusable: 422,
    p.BadTemplate: 422,
    p.TooManyRequests: 429,
    p.HandlerFailed: 500,
    p.StepBrokeContract: 500,
    p.BadSpec: 500,
    p.BadSetting: 500,
    p.UnknownDoor: 500,
    p.UpstreamFailed: 502,
    p.Unavailable: 503,
    p.SandboxUnavailable: 503,
    p.DeadlineExceeded: 504,
    p.StorageFull: 507,
}
"""Every `Problem` there is, by the status it answers with."""

MEDIA_TYPE = "application/problem+json"
RETRY_LATER = {429: 1, 503: 5, 507: 60}
"""Statuses that always say when to come back, and after how many seconds if the problem does not say."""


def status_of(problem: p.Problem) -> int:
    """The status a problem answers with; a subclass answers as its nearest parent in the table."""
    return next(STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS)


def document(problem: p.Problem, request_id: str = "", run_id: str = "") -> dict[str, Any]:
    """The problem as a JSON document; what is absent is absent."""
    status = status_of(problem)
    found = _document(status, problem.code, problem.title, str(problem), request_id)
    if problem.issues:
        found["issues"] = [{"code": i.code, "where": i.where, "message": i.message} for i in problem.issues]
    found["retryable"] = problem.retryable
    retry_after = problem.retry_after or RETRY_LATER.get(status)
    if retry_after:
        found["retry_after"] = retry_after
    if run_id:
        found["run_id"] = run_id
    if problem.upstream:
        found["upstream"] = {"status": problem.upstream.status, "message": problem.upstream.message}
    return found


def respond(problem: p.Problem, request_id: str, run_id: str = "") -> web.Response:
    """Answer with a problem."""
    found = document(problem, request_id, run_id)
    headers = {"Retry-After": str(found["retry_after"])} if "retry_after" in found else {}
    if isinstance(problem, p.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="bridge"'
    return answer(found, headers)


def respond_to_http(error: web.HTTPException, request_id: str) -> web.Response:
    """Answer in our form with what aiohttp raised: no such address, wrong method, body too large."""
    words = {
        404: "There is no such address. /openapi.json lists all of them.",
        405: f"This address takes {', '.join(sorted(getattr(error, 'allowed_methods', []))) or 'another method'}.",
        415: error.text or "This media type is not understood here.",
    }
    detail = words.get(error.status, error.reason)
    headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return answer(plain(error.status, detail, request_id), headers)


def plain(status: int, detail: str, request_id: str) -> dict[str, Any]:
    """A problem document for a bare status."""
    phrase = HTTPStatus(status).phrase
    code = phrase.lower().replace(" ", "-")
    return {**_document(status, code, phrase.capitalize(), detail, request_id), "retryable": False}


def answer(found: dict[str, Any], headers: Mapping[str, str] | None = None) -> web.Response:
    """Send a problem document."""
    return web.Response(
        body=orjson.dumps(found), status=found["status"], content_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def _document(status: int, code: str, title: str, detail: str, request_id: str) -> dict[str, Any]:
    return {
        "type": f"urn:bridge:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        **({"instance": f"urn:uuid:{request_id}"} if request_id else {}),
        "code": code,
        "message": detail,
        "success": False,
        "error": detail,
    }
