"""The guarded HTTP client over aiohttp: the address is checked where the socket is made."""

import asyncio
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bridge.doors.fetcher import Fetched, Target
from bridge.doors.fetcher.addresses import is_public
from bridge.problems import DeadlineExceeded, Forbidden, TooLarge, Unusable, UpstreamFailed

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_PRIVATE_HEADERS = {"authorization", "cookie", "proxy-authorization"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_ACCEPTED_ENCODINGS = "gzip, deflate"


class RefusedAddressError(OSError):
    """A name led to an address that strangers may not reach."""


def public_socket(info: Any) -> socket.socket:
    """Make a socket for *info* (family, type, protocol, name, address), or refuse the address."""
    family, kind, protocol, _, address = info
    if family not in (socket.AF_INET, socket.AF_INET6) or not is_public(str(address[0])):
        raise RefusedAddressError(f"{address[0]} is not a public address")
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made


class GuardedFetcher:
    """HTTP for the whole bridge. *allowed_hosts* are ``host`` or ``host:port``; *targets* the configured ones."""

    def __init__(self, targets: Iterable[Target] = (), allowed_hosts: Sequence[str] = ()) -> None:
        self._targets = {each.name: each for each in targets}
        self._allowed = {each.lower() for each in allowed_hosts}
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        max_bytes: int = 50_000_000,
        timeout: float = 30.0,
        media_types: Sequence[str] = (),
        follow: bool = True,
    ) -> Fetched:
        """Call a given URL."""
        request = _Request(method, dict(headers or {}), body, max_bytes, tuple(media_types))
        return await self._within(timeout, self._follow(self._parsed(url), request, follow=follow))

    async def call(
        self,
        target: Target,
        path: str = "",
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        max_bytes: int = 50_000_000,
        timeout: float = 30.0,
    ) -> Fetched:
        """Call a configured target at its own address, never anywhere else."""
        url = self._parsed(join(target.url, path))
        request = _Request(method, {**target.headers, **(headers or {})}, body, max_bytes)
        answer = await self._within(timeout, self._once(url, request, private=True))
        hops = 0
        while answer.status in _REDIRECTS and method in ("GET", "HEAD") and hops < _MOST_REDIRECTS:
            following = _next(url, answer)
            if following is None or following.origin() != url.origin():
                break
            url, hops = following, hops + 1
            answer = await self._within(timeout, self._once(url, request, private=True))
        return answer

    def target(self, name: str, kind: str | None = None) -> Target:
        """Return the configured target *name*."""
        found = self._targets.get(name)
        if found is None or (kind is not None and found.kind != kind):
            known = ", ".join(sorted(each.name for each in self.targets(kind))) or "none"
            wanted = f"{kind} target" if kind else "target"
            raise Unusable(f"There is no {wanted} named {name[:80]!r} in bridge.toml. Known: {known}.")
        return found

    def targets(self, kind: str | None = None) -> list[Target]:
        """Return all targets, or those of one kind."""
        return [each for each in self._targets.values() if kind in (None, each.kind)]

    async def _within(self, timeout: float, work: Any) -> Fetched:
        try:
            async with asyncio.timeout(timeout):
                result: Fetched = await work
                return result
        except TimeoutError:
            raise DeadlineExceeded(f"No complete answer came within {timeout:g} s.") from None

    async def _follow(self, url: URL, request: "_Request", *, follow: bool) -> Fetched:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._once(url, request, private=self.allows(url))
            following = _next(url, answer) if follow and answer.status in _REDIRECTS else None
            if following is None:
                return request.checked(answer)
            request = request.redirected(answer.status, same_origin=following.origin() == url.origin())
            url = following
        raise UpstreamFailed(f"{url.host} redirects more than {_MOST_REDIRECTS} times.")

    def allows(self, url: URL) -> bool:
        """Whether the operator allowed this host although it may be private."""
        host = (url.host or "").lower()
        return host in self._allowed or f"{host}:{url.port}" in self._allowed

    async def _once(self, url: URL, request: "_Request", *, private: bool) -> Fetched:
        started = time.monotonic()
        try:
            async with self._session(private=private).request(
                request.method, url, data=request.body, headers=request.headers, allow_redirects=False
            ) as answer:
                body = await _read(answer, request.max_bytes, str(url.host))
                kept = dict(answer.headers.items())
                return Fetched(
                    str(url.with_user(None)), answer.status, kept, body, answer.content_type, time.monotonic() - started
                )
        except (aiohttp.ClientError, OSError, ValueError, UnicodeError) as error:
            raise _translated(error, url) from error

    def _session(self, *, private: bool) -> aiohttp.ClientSession:
        if private not in self._sessions:
            guard = None if private else public_socket
            connector = aiohttp.TCPConnector(ttl_dns_cache=10, limit=100, limit_per_host=20, socket_factory=guard)
            self._sessions[private] = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=15),
                headers={"User-Agent": "n8n-multimodal-bridge", "Accept-Encoding": _ACCEPTED_ENCODINGS},
                skip_auto_headers={"Content-Type"},
            )
        return self._sessions[private]

    def _parsed(self, url: str) -> URL:
        return parsed(url)


class _Request:
    """What is asked, and what is accepted."""

    def __init__(
        self, method: str, headers: dict[str, str], body: bytes | None, max_bytes: int, types: tuple[str, ...] = ()
    ) -> None:
        if method.upper() not in _METHODS:
            raise Forbidden(f"The method {method[:20]!r} is not allowed.")
        self.method, self.headers, self.body = method.upper(), headers, body
        self.max_bytes, self.types = max_bytes, types

    def redirected(self, status: int, *, same_origin: bool) -> "_Request":
        """Return the request for the next hop: credentials stay behind, and most bodies too."""
        headers = self.headers
        if not same_origin:
            headers = {key: value for key, value in headers.items() if key.lower() not in _PRIVATE_HEADERS}
        keep = status in (307, 308) or self.method in ("GET", "HEAD")
        method, body = (self.method, self.body) if keep else ("GET", None)
        return _Request(method, headers, body, self.max_bytes, self.types)

    def checked(self, answer: Fetched) -> Fetched:
        """Return *answer* if its media type is one that was asked for."""
        if self.types and not any(_matches(answer.media_type, each) for each in self.types):
            raise Unusable(f"{answer.url} is {answer.media_type or 'untyped'}; accepted are {', '.join(self.types)}.")
        return answer


def parsed(url: str) -> URL:
    """Parse an address strictly; raise `Forbidden` for another scheme, a login in it, or no host."""
    shown = ascii(url[:120].partition("@")[2] or url[:120])
    if len(url) > 8192 or any(ord(letter) <= 32 or ord(letter) == 127 or letter == "\\" for letter in url):
        raise Forbidden(f"The address {shown} holds letters that no address has.")
    try:
        made = URL(url)
        host, port = made.host, made.port
    except ValueError:
        raise Forbidden(f"The address {shown} cannot be parsed.") from None
    if made.scheme not in ("http", "https") or not host or not port:
        raise Forbidden(f"The address {shown} is not http or https with a host.")
    if made.user or made.password:
        raise Forbidden("An address must not carry a user name or password.")
    return made.with_fragment(None)


def join(base: str, path: str) -> str:
    """Append *path* (its query included) to a target's address; it can never replace the host."""
    if not path:
        return base
    split = urlsplit(base)
    if "\\" in path or any(part == ".." for part in path.partition("?")[0].split("/")):
        raise Forbidden(f"The path {path[:120]!a} leaves its target.")
    return f"{split.scheme}://{split.netloc}{split.path.rstrip('/')}/{path.lstrip('/')}"


def _next(url: URL, answer: Fetched) -> URL | None:
    location = next((value for key, value in answer.headers.items() if key.lower() == "location"), None)
    if not location:
        return None
    try:
        joined = url.join(URL(location))
    except ValueError:
        raise Forbidden(f"{url.host} redirects to something that is no address.") from None
    following = parsed(str(joined))
    if url.scheme == "https" and following.scheme == "http":
        raise Forbidden(f"{url.host} redirects from https to http.")
    return following


async def _read(answer: aiohttp.ClientResponse, max_bytes: int, host: str) -> bytes:
    """Read at most *max_bytes*, counted after decompression."""
    pieces, total = [], 0
    async for piece in answer.content.iter_chunked(1 << 16):
        total += len(piece)
        if total > max_bytes:
            answer.close()
            raise TooLarge(f"The answer of {host} is larger than {max_bytes} bytes.")
        pieces.append(piece)
    return b"".join(pieces)


def _translated(error: Exception, url: URL) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RefusedAddressError):
            return Forbidden(
                f"{url.host} is not at a public address. Private hosts need BRIDGE_ALLOWED_HOSTS or a target."
            )
        nested = getattr(cause, "exceptions", None)
        cause = nested[0] if nested else (cause.__cause__ or getattr(cause, "os_error", None))
    return UpstreamFailed(f"{url.host} could not be reached: {type(error).__name__}.")


def _matches(actual: str, wanted: str) -> bool:
    return actual == wanted or (wanted.endswith("/*") and actual.startswith(wanted[:-1]))
