"""The way to what is not HTTP: ports, certificates, names, databases, queues, processes, this machine's resources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bridge.doors.fetcher import Target


@dataclass(frozen=True)
class Reading:
    """What one look found: ``elapsed`` in seconds; ``facts`` such as days left, addresses or a version."""

    ok: bool
    detail: str
    elapsed: float
    facts: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resources:
    """This machine: shares used from 0 to 100, load per core over a minute, free disk in bytes."""

    cpu: float
    memory: float
    disk: float
    load: float
    disk_free: int


class Probes(Protocol):
    """Looks that never raise for what they look at: a dead service is a reading, not a problem.

    A *given* host must be public or allowed (BRIDGE_ALLOWED_HOSTS); raises `Forbidden` otherwise.
    A configured target's own address is always allowed.
    """

    async def tcp(self, host: str, port: int, *, timeout: float) -> Reading:
        """Open a connection and close it."""
        ...

    async def tls(self, host: str, port: int, *, timeout: float) -> Reading:
        """Shake hands and read the certificate: facts ``days_left``, ``subject``, ``issuer``."""
        ...

    async def dns(self, name: str, kind: str, *, timeout: float) -> Reading:
        """Resolve a name: fact ``answers``."""
        ...

    async def database(self, target: Target, *, timeout: float) -> Reading:
        """Ask a configured database for one row, or a configured queue for a pong."""
        ...

    async def target(self, target: Target, *, timeout: float) -> Reading:
        """Open a connection to the host and port of a configured target."""
        ...

    async def process(self, name: str) -> Reading:
        """Whether a process of this name runs on this machine: fact ``count``."""
        ...

    async def resources(self) -> Resources:
        """Processor, memory and disk of this machine."""
        ...
