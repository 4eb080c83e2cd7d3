"""A step's call as HTTP carries it: preferences, deadline, key and n8n's headers, read with care."""

import re
from urllib.parse import unquote

from aiohttp import web

from bridge.doors.store import N8nOrigin
from bridge.problems import InvalidInput, Issue, NotFound

LONGEST_WAIT = 240.0
KEY = re.compile(r"[\x21-\x7e]{1,255}")
WAIT = re.compile(r"wait=(\d{1,6})")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def preferences(request: web.Request) -> tuple[bool, float]:
    """Whether the caller prefers a 202 at once, and how long it would wait for the end."""
    given = [part.strip().lower() for part in ",".join(request.headers.getall("Prefer", [])).split(",")]
    waits = [float(found[1]) for part in given if (found := WAIT.fullmatch(part.replace(" ", "")))]
    return "respond-async" in given, min(waits[0], LONGEST_WAIT) if waits else 0.0


def origin(request: web.Request) -> N8nOrigin:
    """Where in n8n the call comes from."""
    return N8nOrigin(
        workflow_id=_word(request, "X-N8N-Workflow-Id"),
        execution_id=_word(request, "X-N8N-Execution-Id"),
        node=_word(request, "X-N8N-Node"),
        run_index=_number(request, "X-N8N-Run-Index"),
        item_index=_number(request, "X-N8N-Item-Index"),
    )


def key(request: web.Request) -> str:
    """The caller's Idempotency-Key, if there is one."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return ""
    if not KEY.fullmatch(given):
        raise wrong("Idempotency-Key", "must be 1 to 255 visible ASCII characters")
    return given


def timeout(request: web.Request) -> float | None:
    """The caller's own deadline in seconds."""
    given = request.headers.get("X-Bridge-Timeout")
    if given is None:
        return None
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", given) or float(given) <= 0:
        raise wrong("X-Bridge-Timeout", "must be a number of seconds above 0")
    return float(given)


def ident(request: web.Request, name: str = "id") -> str:
    """An id from the address; what is no id names nothing, so it is not looked up."""
    given = request.match_info[name].lower()
    if not UUID.fullmatch(given):
        raise NotFound(f"There is nothing with the id {given[:60]!a}; an id is a UUID.")
    return given


def _word(request: web.Request, name: str) -> str:
    found = unquote(request.headers.get(name, ""), errors="replace")
    if len(found) > 200 or not found.isprintable():
        raise wrong(name, "must be at most 200 printable characters, percent-encoded")
    return found


def _number(request: web.Request, name: str) -> int:
    given = request.headers.get(name, "0")
    if not re.fullmatch(r"[0-9]{1,9}", given):
        raise wrong(name, "must be a whole number from 0")
    return int(given)


def wrong(name: str, what: str) -> InvalidInput:
    """A header that cannot be used."""
    return InvalidInput(f"The header {name} {what}.", issues=[Issue("header", name, what)])
