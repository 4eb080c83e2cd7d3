"""Whether the caller is still there."""

from aiohttp import web


def has_left(request: web.Request) -> bool:
    """The connection is gone; nobody will read an answer."""
    transport = request.transport
    return transport is None or transport.is_closing()
