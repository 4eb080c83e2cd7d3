"""Remote engines: what they are asked, and what may come of their answers - content, never control."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.documents import Document, Segment
from bridge.doors.analysers import Subject, Wanted
from bridge.findings import Finding


@dataclass(frozen=True)
class RemoteAnswer:
    """What a remote engine added; ``lacking`` says what it should have given and did not."""

    segments: tuple[Segment, ...] = ()
    findings: tuple[Finding, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    lacking: str = ""


class Remote(Protocol):
    """One configured remote engine."""

    @property
    def name(self) -> str:
        """How results and problems call it."""
        ...

    def takes(self, document: Document, wanted: Wanted) -> bool:
        """Whether this engine is asked about this document."""
        ...

    async def ask(self, subject: Subject, document: Document, wanted: Wanted) -> RemoteAnswer:
        """Ask it; raise a `Problem` when it is down or refuses."""
        ...


def text_of(document: Document, limit: int) -> str:
    """The document's text, at most *limit* characters, without the NUL that databases refuse."""
    return "\n".join(each.text for each in document.segments).replace("\0", "")[:limit]
