"""Figures for Prometheus."""

from aiohttp import web

from bridge.doors.store import RunsWanted
from bridge.web.service import SERVICE


async def metrics(request: web.Request) -> web.Response:
    """All counters of this process, and the state of the queue."""
    service = request.app[SERVICE]
    for gauge, status in ((service.measures.queued, "queued"), (service.measures.unfinished, "running")):
        gauge.set(await service.store.runs.count(RunsWanted(statuses=(status,))))  # type: ignore[arg-type]
    return web.Response(body=service.measures.text(), headers={"Content-Type": service.measures.content_type})
