"""JSON answers."""

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Send a document as JSON."""
    return web.Response(
        body=orjson.dumps(document), status=status, content_type="application/json", headers=dict(headers or {})
    )
