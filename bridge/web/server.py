"""The aiohttp application and its server, which answers in our form also what never reaches a view."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bridge.web import problem_details, routes
from bridge.web.middlewares import tell_problems
from bridge.web.rooms import ROOMS
from bridge.web.service import SERVICE, Service


def make_app(service: Service) -> web.Application:
    """All addresses on *service*."""
    app = web.Application(middlewares=[tell_problems], client_max_size=service.settings.max_body)
    app[SERVICE] = service
    app[ROOMS] = service.rooms
    routes.add_to(app)
    return app


class Connection(RequestHandler):
    """One connection; a request that cannot be parsed gets a problem document, not a page."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what aiohttp could not read, and close."""
        if status >= 500:
            status = super().handle_error(request, status, exc, message).status
        elif request.writer is not None and request.writer.output_size > 0:
            raise ConnectionError("The answer has begun, so no problem can be sent any more.")
        detail = "This is not an HTTP request the bridge can read." if status < 500 else "The bridge failed."
        found = problem_details.answer(problem_details.plain(status, detail, ""))
        found.force_close()
        return found


class Runner(web.AppRunner):
    """Runs the application on `Connection`s."""

    async def _make_server(self) -> Any:
        server = await super()._make_server()
        options = server._kwargs  # noqa: SLF001 - aiohttp offers no way to name the connection class
        loop = asyncio.get_running_loop()

        class Server(type(server)):  # type: ignore[misc]
            def __call__(self) -> Connection:
                return Connection(self, loop=loop, **options)

        server.__class__ = Server
        return server
