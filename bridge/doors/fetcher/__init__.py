"""The only way to a URL: one guarded HTTP client whose address check sits where the socket is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Target:
    """An address the operator configured by name (bridge.toml or a setting); it may be private.

    ``headers`` hold its credentials; they never leave the fetcher's caller in a log or result.
    """

    name: str
    kind: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Fetched:
    """An answer: final ``url`` after redirects, ``elapsed`` in seconds, the body whole."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    media_type: str
    elapsed: float


class Fetcher(Protocol):
    """Guarded HTTP.

    *Given* URLs (from a request or a repository) go only to public addresses and BRIDGE_ALLOWED_HOSTS;
    every redirect is checked again. Raises `Forbidden` for a refused address or scheme, `TooLarge`,
    `DeadlineExceeded`, and `UpstreamFailed` when no answer came. Statuses are the caller's business.
    """

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
        """Call a given URL; ``timeout`` in seconds for the whole exchange."""
        ...

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
        """Call a configured target; its own address is allowed even when private, redirects elsewhere are not."""
        ...

    def target(self, name: str, kind: str | None = None) -> Target:
        """The configured target *name*; raise `Unusable` naming the known ones when there is none."""
        ...

    def targets(self, kind: str | None = None) -> list[Target]:
        """All configured targets, or those of one kind (database, prometheus, proxy, forge, service ...)."""
        ...
