"""The only way to run a program: foreign code in a sandbox or not at all, our pinned tools confined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

Tier = Literal["bubblewrap", "landlock", "process"]


@dataclass(frozen=True)
class Limits:
    """What one job may use: seconds, bytes, processes."""

    timeout: float = 300.0
    memory: int = 2_000_000_000
    disk: int = 512_000_000
    file: int = 256_000_000
    processes: int = 128
    output: int = 8_000_000


@dataclass(frozen=True)
class Job:
    """One program to run on a private copy of ``tree``.

    ``argv`` runs with the copy as working folder; ``collect`` are files or whole folders (relative to
    it) brought out afterwards through a pipe, also after a timeout; ``mounts`` maps extra host folders
    to read-only places inside;
    ``network`` is "none" or "registries" (only through the fetcher's proxy).
    """

    argv: tuple[str, ...]
    tree: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    collect: tuple[str, ...] = ()
    mounts: Mapping[Path, str] = field(default_factory=dict)
    limits: Limits = Limits()
    network: Literal["none", "registries"] = "none"


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    ``exit_code`` is None when it was killed; ``truncated`` when output hit its cap; ``files`` are the
    regular files of what was collected, by path.
    """

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    files: Mapping[str, bytes]
    duration: float
    timed_out: bool = False
    truncated: bool = False
    out_of_memory: bool = False
    tier: Tier = "bubblewrap"


@dataclass(frozen=True)
class Status:
    """What the self-test found: the tier for foreign code (None: refused) and for our own tools."""

    foreign: Tier | None
    tools: Tier
    detail: str


@dataclass(frozen=True)
class Prepared:
    """A folder made once by foreign code and kept: mount it read-only; ``outcome`` says how it was made."""

    path: Path
    cached: bool
    outcome: Outcome | None = None


class Sandbox(Protocol):
    """Runs programs; cancelling the awaiting task kills everything the job started within a second."""

    async def run(self, job: Job, *, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Run foreign code (tests, examples, build scripts); raise `SandboxUnavailable` without a sandbox."""
        ...

    async def run_tool(self, job: Job, *, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Run one of our pinned tools on foreign data, as confined as this machine allows."""
        ...

    async def prepared(self, key: str, job: Job, folder: str) -> Prepared:
        """Run *job* once per *key* and keep the *folder* it makes; raise `Unusable` with its last words if it fails."""
        ...

    async def status(self) -> Status:
        """Run the self-test (cached for a minute) and say which tiers hold."""
        ...
