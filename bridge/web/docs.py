"""The API reference, rendered from the OpenAPI document; one page without anything from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import orjson
from aiohttp import web

from bridge.web.service import SERVICE

STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:64rem;padding:2rem 1rem}
h2{border-bottom:1px solid var(--line);margin-top:2.5rem}
details{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0;padding:.2rem .8rem}
summary{cursor:pointer;padding:.4rem 0}
code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:var(--soft);overflow:auto;padding:.7rem;border-radius:.4rem}
.verb{display:inline-block;font-weight:700;min-width:4.5rem}
table{border-collapse:collapse;width:100%}
td,th{border-top:1px solid var(--line);padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


async def openapi(request: web.Request) -> web.Response:
    """The OpenAPI document."""
    return web.Response(body=request.app[SERVICE].openapi, content_type="application/json")


async def page(request: web.Request) -> web.Response:
    """The document as a page."""
    text = "".join(render(orjson.loads(request.app[SERVICE].openapi)))
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return web.Response(text=text, content_type="text/html", headers=headers)


def render(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the page in pieces."""
    info = document["info"]
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>"
    yield f"<meta name=viewport content='width=device-width'><style>{STYLE}</style>"
    yield f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
    yield f"<p>{escape(info['description'])}</p>"
    tag = ""
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            if operation["tags"][0] != tag:
                tag = operation["tags"][0]
                yield f"<h2>{escape(tag)}</h2>"
            yield from _operation(verb, path, operation)


def _operation(verb: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<details id='{escape(operation['operationId'])}'><summary><span class=verb>{verb.upper()}</span>"
    yield f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    yield "<p>Needs no key.</p>" if operation.get("security") == [] else ""
    yield from _fields("Parameters", _parameters(operation.get("parameters", [])))
    for media_type, each in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<h4>Body: <code>{escape(media_type)}</code></h4>"
        yield from _fields("", _properties(each.get("schema", {})))
        for name, example in each.get("examples", {}).items():
            shown = orjson.dumps(example["value"], option=orjson.OPT_INDENT_2).decode()
            yield f"<p>{escape(name)}</p><pre>{escape(shown)}</pre>"
    rows = [
        (status, "", each.get("description", each.get("$ref", ""))) for status, each in operation["responses"].items()
    ]
    yield from _fields("Answers", rows)
    yield "</details>"


def _parameters(parameters: list[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["name"], each["in"], each.get("description", "")) for each in parameters if "name" in each]


def _properties(schema: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    required = schema.get("required", [])
    return [
        (name, f"{each.get('type', '')}{', required' if name in required else ''}", each.get("description", ""))
        for name, each in schema.get("properties", {}).items()
    ]


def _fields(title: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield f"<h4>{title}</h4><table>" if title else "<table>"
    for name, kind, description in rows:
        yield f"<tr><td><code>{escape(name)}</code><td>{escape(kind)}<td>{escape(description)}"
    yield "</table>"
