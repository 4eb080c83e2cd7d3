"""Whether the bridge is alive, and whether it is usable."""

import asyncio

from aiohttp import web

from bridge.problems import Problem, Unauthenticated
from bridge.web.answers import answer
from bridge.web.service import SERVICE, Check

PATIENCE = 3.0


async def livez(_: web.Request) -> web.Response:
    """The process answers; nothing else is looked at."""
    return answer({"status": "ok"})


async def health(request: web.Request) -> web.Response:
    """200 when the bridge can do its work, else 503; with a key, what each part says."""
    service = request.app[SERVICE]
    names = list(service.parts)
    said = dict(zip(names, await asyncio.gather(*(_look(service.parts[name]) for name in names)), strict=True))
    if service.stopping.is_set():
        said["service"] = "is stopping"
    usable = not any(said.values())
    found: dict[str, object] = {"status": "ok" if usable else "unavailable"}
    if _knows_a_key(request):
        found["parts"] = {name: {"status": "unavailable" if why else "ok", **({"reason": why} if why else {})}
                          for name, why in said.items()}  # fmt: skip
    return answer(found, 200 if usable else 503, {} if usable else {"Retry-After": "5"})


async def _look(check: Check) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return f"did not answer within {PATIENCE:g} s"
    except Problem as problem:
        return str(problem)


def _knows_a_key(request: web.Request) -> bool:
    try:
        request.app[SERVICE].keys.caller(request.headers.get("Authorization"))
    except Unauthenticated:
        return False
    return True
