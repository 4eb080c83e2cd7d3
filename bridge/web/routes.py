"""Every address of the bridge, on one page: method, path, view, and who may call it."""

from typing import NamedTuple

from aiohttp import web

from bridge.web import (
    blobs,
    deliveries,
    docs,
    executions,
    files,
    gallery,
    health,
    metrics,
    runs,
    steps,
    webhooks,
    workflows,
)
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
    Route("GET", "/openapi.json", docs.openapi, "public"),
    Route("GET", "/docs", docs.page, "public"),
    Route("GET", "/metrics", metrics.metrics, "manage"),
    Route("GET", "/v1/steps", steps.catalogue, "use"),
    Route("GET", "/v1/steps/{step}", steps.one, "use"),
    Route("POST", "/v1/steps/{step}", steps.run, "use"),
    Route("GET", "/v1/runs", runs.listing, "use"),
    Route("GET", "/v1/runs/{id}", runs.one, "use"),
    Route("GET", "/v1/runs/{id}/events", runs.events, "use"),
    Route("POST", "/v1/runs/{id}/cancel", runs.cancel, "use"),
    Route("POST", "/v1/runs/{id}/claim", runs.claim, "use"),
    Route("PUT", "/v1/blobs", blobs.put, "use"),
    Route("GET", "/v1/files/{id}", files.one, "use"),
    Route("POST", "/v1/webhooks", webhooks.register, "use"),
    Route("GET", "/v1/webhooks/{id}", webhooks.one, "use"),
    Route("DELETE", "/v1/webhooks/{id}", webhooks.remove, "use"),
    Route("POST", "/workflows", workflows.create, "manage"),
    Route("GET", "/workflows", workflows.listing, "use"),
    Route("POST", "/workflows/preview", workflows.preview, "use"),
    Route("POST", "/workflows/deploy", workflows.deploy, "manage"),
    Route("GET", "/workflows/{workflow_id}", workflows.one, "use"),
    Route("DELETE", "/workflows/{workflow_id}", workflows.remove, "manage"),
    Route("POST", "/workflows/{workflow_id}/publish", workflows.publish, "manage"),
    Route("POST", "/workflows/{workflow_id}/unpublish", workflows.unpublish, "manage"),
    Route("POST", "/workflows/{workflow_id}/triggers/{trigger_id}", workflows.switch, "manage"),
    Route("POST", "/workflows/{workflow_id}/execute", executions.execute, "use"),
    Route("GET", "/workflows/{workflow_id}/executions", executions.listing, "use"),
    Route("GET", "/workflows/{workflow_id}/executions/{execution_id}", executions.one, "use"),
    Route("GET", "/workflows/{workflow_id}/executions/{execution_id}/events", executions.follow, "use"),
    Route("POST", "/workflows/{workflow_id}/executions/{execution_id}/stop", executions.stop, "use"),
    Route("POST", "/workflows/{workflow_id}/executions/{execution_id}/retry", executions.retry, "use"),
    Route("POST", "/workflows/{workflow_id}/executions/{execution_id}/rating", executions.rate, "use"),
    Route("GET", "/executions", executions.listing, "use"),
    Route("GET", "/executions/events", executions.follow_all, "use"),
    Route("GET", "/templates", workflows.templates, "use"),
    Route("GET", "/templates/{name}", workflows.template, "use"),
    Route("GET", "/analytics", executions.analytics, "manage"),
    Route("POST", "/v1/n8n/failures", executions.failed, "use"),
    Route("POST", "/hooks/{forge}/{id}", deliveries.receive, "public"),
    Route("GET", "/v1/hooks/{forge}/{id}", deliveries.hook, "manage"),
    Route("GET", "/deliveries", deliveries.listing, "manage"),
    Route("GET", "/deliveries/{id}", deliveries.one, "manage"),
    Route("POST", "/deliveries/{id}/replay", deliveries.replay, "manage"),
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
