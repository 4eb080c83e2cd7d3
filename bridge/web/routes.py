"""Every address of the bridge, on one page: method, path, view, and who may call it."""

from typing import NamedTuple

from aiohttp import web

from bridge.web import gallery, health, steps
from bridge.web.middlewares import Access, View, guarded


class Route(NamedTuple):
    """One address. ``access`` is public, use or manage; each one is described in bridge/codegen/openapi.py."""

    method: str
    path: str
    view: View
    access: Access


ROUTES = (
    Route("GET", "/livez", health.livez, "public"),
    Route("GET", "/health", health.health, "public"),
    Route("POST", "/v1/steps/{step}", steps.run, "use"),
    Route("GET", "/api/health", gallery.health, "public"),
    Route("GET", "/api/templates/search", gallery.search, "public"),
    Route("GET", "/api/templates/categories", gallery.categories, "public"),
    Route("GET", "/api/templates/collections", gallery.collections, "public"),
    Route("GET", "/api/templates/workflows/{id}", gallery.detail, "public"),
    Route("GET", "/api/workflows/templates/{id}", gallery.importing, "public"),
    Route("GET", "/templates/{name}/workflow.json", gallery.workflow_file, "public"),
    Route("OPTIONS", "/api/{rest:.*}", gallery.preflight, "public"),
)


def add_to(app: web.Application) -> None:
    """Put every address into *app*."""
    for route in ROUTES:
        app.router.add_route(route.method, route.path, guarded(route.access, route.view))
