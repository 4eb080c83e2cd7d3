"""A fetcher that answers from a script, for tests and trials: no socket is ever made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address

from bridge.doors.fetcher import Fetched, Target
from bridge.doors.fetcher.addresses import is_public
from bridge.doors.fetcher.guarded import GuardedFetcher, join, parsed
from bridge.problems import DeadlineExceeded, Forbidden, TooLarge, Unusable, UpstreamFailed

Answer = bytes | Fetched | Callable[[str, str, bytes | None], "bytes | Fetched | Exception"] | Exception


class ScriptedFetcher:
    """Answers by URL.

    *answers* maps a whole URL to a body, an answer, an error to raise, or a function of
    (method, url, body); ``calls`` records what was asked. An unknown URL raises `UpstreamFailed`.
    """

    def __init__(self, answers: Mapping[str, Answer] | None = None, targets: Iterable[Target] = ()) -> None:
        self.answers: dict[str, Answer] = dict(answers or {})
        self.calls: list[tuple[str, str, bytes | None]] = []
        self.headers: list[Mapping[str, str]] = []
        self._named = GuardedFetcher(targets)

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
        """Answer from the script under the same rules as the real fetcher."""
        address = parsed(url)
        if _is_literal(address.host or "") and not is_public(address.host or "") and url not in self.answers:
            raise Forbidden(f"{address.host} is not a public address.")
        answer = self._answer(url, method, headers, body, max_bytes, timeout)
        if follow and answer.status in (301, 302, 303, 307, 308) and "Location" in answer.headers:
            return await self.fetch(answer.headers["Location"], max_bytes=max_bytes, media_types=media_types)
        if media_types and answer.media_type not in media_types:
            raise Unusable(f"{url} is {answer.media_type}; accepted are {', '.join(media_types)}.")
        return answer

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
        """Answer a target's address from the script."""
        sent = {**target.headers, **(headers or {})}
        return self._answer(join(target.url, path), method, sent, body, max_bytes, timeout)

    def target(self, name: str, kind: str | None = None) -> Target:
        """Return the target *name*."""
        return self._named.target(name, kind)

    def targets(self, kind: str | None = None) -> list[Target]:
        """Return the targets."""
        return self._named.targets(kind)

    def _answer(
        self,
        url: str,
        method: str,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        max_bytes: int,
        timeout: float,
    ) -> Fetched:
        self.calls.append((method, url, body))
        self.headers.append(dict(headers or {}))
        found: object = self.answers.get(url, UpstreamFailed(f"{url} could not be reached: nothing is scripted."))
        if callable(found) and not isinstance(found, Exception):
            found = found(method, url, body)
        if isinstance(found, TimeoutError):
            raise DeadlineExceeded(f"No complete answer came within {timeout:g} s.")
        if isinstance(found, Exception):
            raise found
        made = found if isinstance(found, Fetched) else Fetched(url, 200, {}, bytes(found), "text/plain", 0.001)  # type: ignore[call-overload]
        if len(made.body) > max_bytes:
            raise TooLarge(f"The answer is larger than {max_bytes} bytes.")
        return replace(made)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
