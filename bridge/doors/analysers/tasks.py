"""What travels between the service and its engine processes, as JSON: a task there, what was found back."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import orjson

from bridge.documents import Place, Segment
from bridge.doors.analysers import Degraded
from bridge.findings import Finding, finding_from
from bridge.problems import Issue


@dataclass(frozen=True)
class Task:
    """One job for one engine: ``scratch`` is where parts may be written, ``options`` are facts found earlier."""

    engine: str
    path: str
    uri: str
    scratch: str
    name: str = ""
    security: bool = True
    performance: bool = True
    quality: bool = True
    content: bool = True
    changed: tuple[int, ...] | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """Something inside a subject, written to ``path``, that another engine shall read.

    ``into`` is "segments" when its text belongs to the subject's own document (a page without text),
    else it becomes a document of its own.
    """

    path: str
    uri: str
    engine: str | None = None
    into: Literal["document", "segments"] = "document"
    page: int | None = None
    start_time: float | None = None


@dataclass
class Found:
    """What an engine found so far; engines add to it, so that a partial result is still a result."""

    metadata: dict[str, Any] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    degraded: list[Degraded] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def add(self, kind: str, text: str, place: Place | None = None, *, modality: str = "text",
            confidence: float | None = None) -> None:  # fmt: skip
        """Append a segment; its id is its number."""
        number = str(len(self.segments))
        where = place or Place()
        self.segments.append(Segment(number, modality, kind, text, where, confidence))  # type: ignore[arg-type]


def pack(value: Any) -> bytes:
    """Write a task or what was found as JSON; lone surrogates and NUL do not survive."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS, default=str)
    except (orjson.JSONEncodeError, TypeError):
        return orjson.dumps(_clean(asdict(value)), option=orjson.OPT_NON_STR_KEYS, default=str)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(each) for each in value]
    return value


def unpack_task(raw: bytes) -> Task:
    """Read a task."""
    given = orjson.loads(raw)
    if given.get("changed") is not None:
        given["changed"] = tuple(given["changed"])
    return Task(**given)


def unpack_found(given: dict[str, Any]) -> Found:
    """Read what an engine found; it comes from a process that read foreign content, so only data is made of it."""
    return Found(
        metadata=given["metadata"],
        segments=[Segment(**{**each, "place": _place(each["place"])}) for each in given["segments"]],
        findings=[finding_from(_present(each)) for each in given["findings"]],
        issues=[Issue(**each) for each in given["issues"]],
        degraded=[Degraded(**each) for each in given["degraded"]],
        parts=[Part(**each) for each in given["parts"]],
    )


def _present(finding: dict[str, Any]) -> dict[str, Any]:
    return {**finding, "place": {key: value for key, value in finding["place"].items() if value is not None}}


def _place(given: dict[str, Any]) -> Place:
    return Place(**{**given, "box": tuple(given["box"]) if given.get("box") else None})
