"""Files: what runs made, for download."""

from urllib.parse import quote

from aiohttp import web

from bridge.problems import NotFound
from bridge.web import orders
from bridge.web.middlewares import CALLER
from bridge.web.service import SERVICE


async def one(request: web.Request) -> web.StreamResponse:
    """Send a file of the caller's as an attachment, never as a page of ours."""
    blobs = request.app[SERVICE].store.blobs
    file = await blobs.file(orders.ident(request))
    if file.tenant != request[CALLER].name:
        raise NotFound(f"There is no file '{file.id}', or it was kept long enough and removed.")
    blob = await blobs.get(file.sha256)
    headers = {
        "Content-Type": file.media_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }
    return web.FileResponse(blob.path, headers=headers)
