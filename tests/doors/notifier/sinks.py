"""Real mail and web servers on this machine that keep what they are sent."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy

from aiohttp import ClientSession, web
from aiosmtpd.smtp import SMTP

from bridge.doors.fetcher import Fetched


@dataclass
class MailBox:
    port: int = 0
    mails: list = field(default_factory=list)
    refuse: int = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd calls it so
        if self.refuse:
            self.refuse -= 1
            return "451 try again later"
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@asynccontextmanager
async def mail_server():
    import asyncio

    box = MailBox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="localhost", decode_data=False), "127.0.0.1", 0
    )
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@dataclass
class Hook:
    address: str = ""
    calls: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    async def handle(self, request):
        body = await request.text()
        self.calls.append((request.method, request.path_qs, json.loads(body) if body else None, dict(request.headers)))
        status, said = self.answers.pop(0) if self.answers else (200, self.said(request))
        return web.json_response(said, status=status)

    def said(self, request):
        if "chat." in request.path:
            return {"ok": True, "channel": "C1", "ts": f"{len(self.calls)}.5"}
        return {"id": f"m{len(self.calls)}"}


@asynccontextmanager
async def web_server():
    hook = Hook()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hook.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield hook
    await runner.cleanup()


class OpenFetcher:
    """Calls configured targets without any guard; the guards have their own tests."""

    async def call(self, target, path="", *, method="GET", headers=None, body=None, max_bytes=0, timeout=30.0):
        async with (
            ClientSession() as session,
            session.request(
                method, target.url + path, headers={**target.headers, **(headers or {})}, data=body
            ) as answer,
        ):
            return Fetched(
                str(answer.url), answer.status, dict(answer.headers), await answer.read(), "application/json", 0.1
            )
