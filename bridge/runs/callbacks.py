"""Telling a waiting n8n execution that its run has ended: until it is heard, or for a day."""

import base64
import hmac
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

import orjson
import structlog

from bridge.doors.durable import Durable
from bridge.doors.store import Callback, Callbacks, Run
from bridge.problems import InvalidInput, Issue, Problem
from bridge.runs.showing import stamp

log = structlog.get_logger()
QUEUE = "callbacks"
FIRST, LONGEST = 1.0, 300.0
FOR = timedelta(hours=24)
PORTS = {"http": 80, "https": 443}


class Told(Protocol):
    """What the other side said."""

    @property
    def status(self) -> int:
        """Its HTTP status."""
        ...


Tell = Callable[[str, bytes, Mapping[str, str]], Awaitable[Told]]
"""POST a body with headers to an address of n8n."""


@dataclass(frozen=True)
class Caller:
    """Owes and delivers callbacks. ``secret_of`` gives the bytes a tenant's callbacks are signed with."""

    callbacks: Callbacks
    durable: Durable
    tell: Tell
    secret_of: Callable[[str], bytes]
    origins: frozenset[tuple[str, str, int]]

    def check(self, url: str, where: str = "X-Callback-Url") -> None:
        """Refuse an address that is not the configured n8n's."""
        if url and origin(url) not in self.origins:
            said = "must be an address of the configured n8n (N8N_URL or N8N_WEBHOOK_URL)"
            raise InvalidInput(f"{where.strip('/')} {said}.", issues=[Issue("callback", where, said)])

    async def owe(self, run: Run) -> None:
        """Owe the callback of a run that ended, once."""
        if not run.callback_url:
            return
        body = {
            "type": f"run.{run.status}",
            "timestamp": stamp(run.ended_at or datetime.now(UTC)),
            "data": {"run_id": run.id, "status": run.status},
        }
        callback = Callback(f"cb_{run.id}", run.tenant, run.id, run.callback_url, body, datetime.now(UTC))
        await self.callbacks.add(callback)
        await self.durable.submit(QUEUE, callback.id)

    async def recover(self) -> None:
        """Queue again what may have lost its place in the queue."""
        for each in await self.callbacks.waiting():
            await self.durable.submit(QUEUE, each.id)

    async def deliver(self, callback_id: str) -> float | None:
        """Tell once; say after how many seconds to tell again."""
        callback = await self.callbacks.get(callback_id)
        if callback.status != "waiting":
            return None
        status, said = await self._tell(callback)
        if 200 <= status < 300 or status == 410:
            await self.callbacks.note(callback.id, "gone" if status == 410 else "delivered", status, said)
            return None
        if datetime.now(UTC) - callback.created_at > FOR:
            await self.callbacks.note(callback.id, "dead", status, said)
            log.error("a callback was given up", run_id=callback.run_id, status=status, why=said)
            return None
        await self.callbacks.note(callback.id, "waiting", status, said)
        # Jitter keeps callbacks that failed together from coming back together.
        return min(LONGEST, FIRST * 2.0 ** min(callback.attempts, 10)) * random.uniform(0.5, 1.0)  # noqa: S311

    async def _tell(self, callback: Callback) -> tuple[int, str]:
        raw = orjson.dumps(callback.body)
        headers = signed(callback.id, raw, self.secret_of(callback.tenant), datetime.now(UTC))
        try:
            told = await self.tell(callback.url, raw, headers)
        except Problem as problem:
            return 0, str(problem)
        return told.status, ""


def signed(message_id: str, raw: bytes, secret: bytes, moment: datetime) -> dict[str, str]:
    """Headers of a message after Standard Webhooks."""
    at = str(int(moment.timestamp()))
    digest = hmac.new(secret, f"{message_id}.{at}.".encode() + raw, sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; empty parts for what is none."""
    try:
        parts = urlsplit(url)
        if parts.username or parts.password or parts.scheme not in PORTS:
            return "", "", 0
        return parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]
    except ValueError:
        return "", "", 0
