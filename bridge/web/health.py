"""Whether the bridge is alive, and whether it is usable."""

from aiohttp import web

from bridge.web.answers import answer


async def livez(_: web.Request) -> web.Response:
    """The process answers; nothing else is looked at."""
    return answer({"status": "ok"})


async def health(_: web.Request) -> web.Response:
    """The bridge can do its work."""
    return answer({"status": "ok"})
