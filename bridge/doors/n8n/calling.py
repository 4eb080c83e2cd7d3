"""One HTTP exchange with n8n: addresses, paging, and every failure as a problem with n8n's own words."""

import base64
import binascii
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from bridge.doors.n8n import Answer
from bridge.problems import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    TooLarge,
    Unavailable,
    Unusable,
    Upstream,
    UpstreamFailed,
)

LARGEST = 64_000_000
IDENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
SENTRY = re.compile(rb'name="n8n:config:sentry" content="([A-Za-z0-9+/=]{1,2000})"')
CURES = {
    401: "Put a valid key of n8n's public API into N8N_API_KEY.",
    403: "Give the key in N8N_API_KEY the scopes for workflows, executions, credentials and tags.",
}


def ident(given: str, kind: str) -> str:
    """Return *given* when it can be one of n8n's ids; anything else names nothing and is not sent."""
    if not IDENT.fullmatch(given):
        raise NotFound(f"n8n has no {kind} '{given[:64]}'.")
    return given


class Caller:
    """Talks to one n8n. ``url`` is its base (a sub-path is allowed), ``webhook_url`` the base of its hooks."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, key: str, *, webhook_url: str = "", timeout: float = 30.0
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"X-N8N-API-KEY": key, "Accept": "application/json"}
        self._timeout = timeout
        self._origins = {_origin(each) for each in (url, webhook_url) if each}

    async def api(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Call the public API and return the parsed answer."""
        given = {} if body is None and method == "POST" else body
        headers = {**self._headers, **({} if given is None else {"Content-Type": "application/json"})}
        status, raw, _ = await self._exchange(
            method,
            f"{self._url}/api/v1/{path}",
            headers,
            None if given is None else orjson.dumps(given),
            timeout=timeout or self._timeout,
            query=query,
        )
        if status >= 400:
            raise _problem(status, words(raw), f"{method} /api/v1/{path}")
        try:
            return orjson.loads(raw) if raw else {}
        except orjson.JSONDecodeError as error:
            said = Upstream(status, raw[:200].decode("utf-8", "replace"))
            raise UpstreamFailed(
                f"n8n answered {method} /api/v1/{path} with something that is not JSON. Does N8N_URL name n8n itself?",
                upstream=said,
            ) from error

    async def pages(self, path: str, query: Mapping[str, str]) -> AsyncIterator[Mapping[str, Any]]:
        """Yield every item of a list, page after page."""
        cursor = ""
        while True:
            answer = await self.api(
                "GET", path, query={"limit": "100", **query, **({"cursor": cursor} if cursor else {})}
            )
            if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
                raise UpstreamFailed(f"n8n's list of {path} has no 'data'. Does N8N_URL name n8n itself?")
            for each in answer["data"]:
                yield each
            following = str(answer.get("nextCursor") or "")
            if not following or following == cursor:
                return
            cursor = following

    async def webhook(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        """POST to a webhook of this n8n."""
        self._ours(url)
        sent = {"Content-Type": "application/json", **headers}
        status, raw, _ = await self._exchange("POST", url, sent, body, timeout=timeout)
        return Answer(status, words(raw) if status >= 300 else "")

    async def methods(self, url: str) -> frozenset[str]:
        """Return the methods registered at a webhook's address.

        A CORS preflight asks n8n's register of webhooks without starting anything and without an
        error in n8n's log, which a GET would leave there.
        """
        self._ours(url)
        status, _, answered = await self._exchange(
            "OPTIONS", url, {"Origin": _origin(url)}, None, timeout=self._timeout
        )
        allowed = answered.get("Access-Control-Allow-Methods", "") if status < 300 else ""
        return frozenset(each.strip() for each in allowed.split(",") if each.strip())

    async def version(self) -> str:
        """Return n8n's version, which only the first page of its editor says; "" when it does not."""
        try:
            _, raw, _ = await self._exchange("GET", f"{self._url}/", {}, None, timeout=self._timeout)
            told = SENTRY.search(raw)
            release = orjson.loads(base64.b64decode(told[1], validate=True))["release"] if told else ""
        except (Problem, binascii.Error, orjson.JSONDecodeError, KeyError, TypeError):
            return ""
        return str(release).removeprefix("n8n@")

    def _ours(self, url: str) -> None:
        if _origin(url) not in self._origins:
            raise Forbidden(f"{_origin(url)} is not n8n's address; set N8N_WEBHOOK_URL when its webhooks live there.")

    async def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        timeout: float,
        query: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, Mapping[str, str]]:
        limit = aiohttp.ClientTimeout(total=timeout, sock_connect=5)
        try:
            async with self._session.request(
                method, url, headers=headers, data=body, params=query, timeout=limit, allow_redirects=False
            ) as answer:
                return answer.status, await _whole(answer), answer.headers
        except TimeoutError as error:
            raise Unavailable(f"n8n at {_origin(url)} did not answer within {timeout:g} s.", retry_after=5) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = type(error).__name__
            raise Unavailable(
                f"n8n at {_origin(url)} cannot be reached ({reason}). Is it running, and is N8N_URL right?",
                retry_after=5,
            ) from error


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for chunk in answer.content.iter_chunked(65_536):
        size += len(chunk)
        if size > LARGEST:
            raise UpstreamFailed(f"n8n's answer is larger than {LARGEST} bytes.")
        parts.append(chunk)
    return b"".join(parts)


def words(raw: bytes) -> str:
    """Return what n8n said in an error's body, without its stack trace."""
    try:
        said = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw[:500].decode("utf-8", "replace").strip()
    if isinstance(said, dict):
        parts = [str(said[key]) for key in ("message", "hint", "description") if said.get(key)]
        return " ".join(parts)[:1000] or str(said)[:500]
    return str(said)[:500]


def _problem(status: int, said: str, call: str) -> Problem:
    upstream = Upstream(status, said)
    if status in CURES:
        return UpstreamFailed(f"n8n refused {call}: {said} {CURES[status]}", upstream=upstream)
    kinds: dict[int, type[Problem]] = {404: NotFound, 409: Conflict, 413: TooLarge, 429: Unavailable, 503: Unavailable}
    if kind := kinds.get(status):
        return kind(f"n8n answered {call}: {said}", upstream=upstream)
    if status < 500:
        return Unusable(f"n8n refused {call}: {said}", upstream=upstream)
    return UpstreamFailed(f"n8n failed at {call}: {said}", upstream=upstream)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
