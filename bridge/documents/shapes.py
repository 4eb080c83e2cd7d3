"""Document, Segment and Place: what every engine answers with, whatever it read."""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from bridge.problems import Issue

Modality = Literal["text", "image", "audio", "video", "history"]


@dataclass(frozen=True)
class Place:
    """Where something stands: in a file (lines and columns from 1), on a page, in a recording (seconds).

    ``box`` is left, top, right, bottom as shares of the page or picture, each from 0 to 1.
    """

    uri: str | None = None
    start_line: int | None = None
    end_line: int | None = None
    start_column: int | None = None
    end_column: int | None = None
    symbol: str | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    start_time: float | None = None
    end_time: float | None = None


@dataclass(frozen=True)
class Segment:
    """One piece of a document that can be quoted and searched; code is modality text."""

    id: str
    modality: Modality
    kind: str
    text: str
    place: Place = field(default_factory=Place)
    confidence: float | None = None


@dataclass(frozen=True)
class Document:
    """One analysed file: ``id`` is the SHA-256 of its content, ``segments`` stand in reading order."""

    id: str
    uri: str
    media_type: str
    size: int
    metadata: dict[str, Any] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    issues: tuple[Issue, ...] = ()


def shape_of(value: Any) -> Any:
    """Return *value* (a dataclass, or lists and dicts of them) as JSON-ready data; absent stays absent."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {name: shape_of(inner) for name, inner in pairs if inner is not None}
    if isinstance(value, (list, tuple)):
        return [shape_of(each) for each in value]
    if isinstance(value, dict):
        return {str(key): shape_of(inner) for key, inner in value.items() if inner is not None}
    return value
