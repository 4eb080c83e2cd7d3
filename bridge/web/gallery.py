"""Our templates where n8n's own Templates page looks for them (N8N_TEMPLATES_HOST), and as plain files.

The page calls from the browser, with credentials: the answer names the asking origin, and n8n's session cookie
that may come along is neither read nor logged. What is given out holds no secret: no credential, no path secret.
Every import gets ids of its own, because two published workflows with one webhook path shut each other out.
"""

import asyncio
import json
import zlib
from collections.abc import Mapping
from functools import wraps
from typing import Any
from uuid import uuid4

from aiohttp import web

from bridge.compiler import Binding, Compiled, Target, Template
from bridge.problems import NotFound, Problem
from bridge.templates import Library
from bridge.web.answers import answer
from bridge.web.middlewares import View
from bridge.web.service import SERVICE

CREATED = "2026-01-01T00:00:00.000Z"
AUTHOR = {"id": 1, "name": "Bridge", "username": "bridge", "verified": True, "avatar": "", "bio": ""}
PAGE, LARGEST_PAGE = 20, 100


def cors(view: View) -> View:
    """Let a browser that shows n8n call *view*, credentials and all."""

    @wraps(view)
    async def open_(request: web.Request) -> web.StreamResponse:
        try:
            response = await view(request)
        except Problem as problem:
            response = answer({"message": str(problem)}, 404 if isinstance(problem, NotFound) else 400)
        response.headers.update(
            {
                "Access-Control-Allow-Origin": request.headers.get("Origin", "*"),
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Allow-Headers": "n8n-version, content-type, accept",
                "Access-Control-Allow-Methods": "GET, OPTIONS",
                "Vary": "Origin",
            }
        )
        return response

    return open_


@cors
async def preflight(request: web.Request) -> web.StreamResponse:
    """Answer the browser's question whether it may ask."""
    del request
    return web.Response(status=204)


@cors
async def health(request: web.Request) -> web.StreamResponse:
    """Tell n8n that the gallery is there."""
    del request
    return answer({"status": "OK"})


@cors
async def categories(request: web.Request) -> web.StreamResponse:
    """List what templates can be filtered by: what starts them."""
    shelf = await _shelf(request)
    names = sorted({kind for _, template in shelf for kind in _kinds(template)})
    return answer({"categories": [{"id": _number(name), "name": name} for name in names]})


@cors
async def collections(request: web.Request) -> web.StreamResponse:
    """List collections; there is one, with everything in it."""
    shelf = await _shelf(request)
    everything = {
        "id": 1, "name": "All templates of the bridge", "rank": 1, "totalViews": 0, "createdAt": CREATED,
        "workflows": [{"id": _number(name)} for name, _ in shelf], "nodes": [],
    }  # fmt: skip
    return answer({"collections": [everything]})


@cors
async def search(request: web.Request) -> web.StreamResponse:
    """List templates by words, category and page."""
    words = request.query.get("search", "").lower().split()
    wanted = {each for each in request.query.get("category", "").split(",") if each}
    found = []
    for name, template in await _shelf(request):
        text = f"{name} {template.name} {template.description} {' '.join(step.name for step in template.steps)}".lower()
        if all(word in text for word in words) and (not wanted or wanted & set(_kinds(template))):
            found.append(_item(name, template))
    page, size = _whole(request, "page", 1, 10_000), _whole(request, "limit", PAGE, LARGEST_PAGE)
    counts: dict[str, int] = {}
    for each in found:
        for category in each["categories"]:
            counts[category["name"]] = counts.get(category["name"], 0) + 1
    filters = [{"count": count, "highlighted": name, "value": name} for name, count in sorted(counts.items())]
    shown = found[(page - 1) * size : page * size]
    field = {"field_name": "category", "sampled": False, "stats": {"total_values": len(filters)}, "counts": filters}
    return answer({"totalWorkflows": len(found), "workflows": shown, "filters": [field]})


@cors
async def detail(request: web.Request) -> web.StreamResponse:
    """Show one template with its drawn workflow."""
    name, template = await _found(request)
    compiled = await _compiled(request, name, name)
    document = compiled.document
    more = {
        "views": 0, "recentViews": 0, "hasDefaultData": False, "lastUpdatedBy": 1, "image": [], "full": True,
        "workflow": _bare(document), "workflowInfo": {"nodeCount": len(document["nodes"]), "nodeTypes": {}},
    }  # fmt: skip
    return answer({"workflow": {**_item(name, template), **more}})


@cors
async def importing(request: web.Request) -> web.StreamResponse:
    """Give one template out for import into n8n's editor."""
    name, template = await _found(request)
    compiled = await _compiled(request, name, f"{name}-{uuid4()}")
    return answer({"id": _number(name), "name": template.name, "workflow": _bare(compiled.document)})


@cors
async def workflow_file(request: web.Request) -> web.StreamResponse:
    """Give bare workflow JSON for n8n's "Import from URL", or to keep as a file."""
    name = request.match_info["name"]
    compiled = await _compiled(request, name, f"{name}-{uuid4()}")
    text = json.dumps(compiled.document, indent=2, ensure_ascii=False)
    headers = {"Content-Disposition": f'inline; filename="{name}.json"'}
    return web.Response(text=text, content_type="application/json", headers=headers)


async def _shelf(request: web.Request) -> list[tuple[str, Template]]:
    return await asyncio.to_thread(lambda: list(_library(request).usable()))


async def _found(request: web.Request) -> tuple[str, Template]:
    number = request.match_info["id"]
    for name, template in await _shelf(request):
        if number in (name, str(_number(name))):
            return name, template
    raise NotFound(f"There is no template with the id {number[:40]}.")


async def _compiled(request: web.Request, name: str, key: str) -> Compiled:
    service = request.app[SERVICE]
    library = _library(request)
    if name not in library.names():
        raise NotFound(f"There is no template '{name[:100]}'.")
    base = service.settings.url_for_n8n or service.settings.public_url or f"http://127.0.0.1:{service.settings.port}"
    target: Target = "http" if request.query.get("target") == "http" else "nodes"
    binding = Binding(base_url=base)
    return await asyncio.to_thread(lambda: library.compile(name, key=key, target=target, binding=binding))


def _library(request: web.Request) -> Library:
    return request.app[SERVICE].library


def _item(name: str, template: Template) -> dict[str, Any]:
    nodes = [_node(step.type, step.name) for step in template.steps]
    return {
        "id": _number(name), "name": template.name, "totalViews": 0, "createdAt": CREATED, "user": AUTHOR, "price": 0,
        "purchaseUrl": None, "description": _described(name, template), "nodes": nodes,
        "categories": [{"id": _number(kind), "name": kind} for kind in _kinds(template)],
    }  # fmt: skip


def _described(name: str, template: Template) -> str:
    steps = "\n".join(f"{index}. {step.name}" for index, step in enumerate(template.steps, 1))
    return f"{template.description}\n\n### Steps\n{steps}\n\nTemplate `{name}` of the bridge."


def _node(kind: str, title: str) -> dict[str, Any]:
    """A node as the list shows it: an icon n8n has itself, and the step's name."""
    return {
        "id": _number(kind), "name": kind, "displayName": title, "icon": "fa:puzzle-piece",
        "iconData": {"type": "icon", "icon": "puzzle-piece"}, "group": '["transform"]', "defaults": {"name": title},
        "codex": {"data": {}}, "categories": [{"id": 1, "name": "Development"}], "typeVersion": 1,
    }  # fmt: skip


def _kinds(template: Template) -> list[str]:
    return [each.type.replace("_", " ").capitalize() for each in template.all_triggers()]


def _number(name: str) -> int:
    """A stable number for a name, because n8n's gallery knows templates by number."""
    return zlib.crc32(name.encode()) % 1_000_000_000 + 1


def _bare(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("nodes", "connections", "settings")} | {"pinData": {}}


def _whole(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, "")
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 7 else default
