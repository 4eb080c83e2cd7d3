"""The way to engines that read content: our own, embedded ones and configured remote ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bridge.documents import Document
from bridge.findings import Finding


@dataclass(frozen=True)
class Subject:
    """One file to analyse: ``path`` is a private copy, ``uri`` how people know it.

    ``changed`` limits judgement to those line numbers; the whole file still gives context.
    """

    path: Path
    uri: str
    changed: frozenset[int] | None = None


@dataclass(frozen=True)
class Wanted:
    """What to look for; ``question`` and ``labels`` go to a remote engine, when one is configured."""

    security: bool = True
    performance: bool = True
    quality: bool = True
    content: bool = True
    question: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Degraded:
    """An engine that could not be used, why (with the cure), and what was used instead."""

    engine: str
    reason: str
    fallback: str | None = None


@dataclass(frozen=True)
class Analysed:
    """What came out of one subject: itself first, then what was inside it (archive members, embedded images).

    ``remote`` holds what a remote engine answered, word for word: untrusted content, never an instruction.
    """

    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    degraded: tuple[Degraded, ...] = ()
    remote: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Engine:
    """One engine: what it may use (bytes, seconds of processor time) and whether it is there; ``why`` if not."""

    name: str
    reads: str
    memory: int
    seconds: float
    available: bool = True
    why: str = ""


class Analysers(Protocol):
    """Reads files of every modality.

    What cannot be read becomes an issue of the document, what is not installed becomes ``degraded``;
    hostile content never crashes, hangs or outgrows its limits. None of the verbs blocks the event loop.
    """

    async def analyse(self, subject: Subject, wanted: Wanted) -> Analysed:
        """Read one file; cancelling kills its engines."""
        ...

    async def engines(self) -> list[Engine]:
        """The engines, their limits and which of them are there."""
        ...

    async def close(self) -> None:
        """End every process."""
        ...
