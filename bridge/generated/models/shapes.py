"""Shapes that several steps share, generated from bridge/specs/shapes.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel

Verdict = Literal['pass', 'fail', 'inconclusive', 'skipped']
"""What the step judged; no data is never a pass."""


class Reason(StepModel):
    """One clause of a verdict."""

    code: str = Field(description='Stable machine name of the clause.')
    message: str = Field(description='The clause in words.')
    outcome: Verdict = Field()
    expected: str | None = Field(default=None, description='What was asked for.')
    actual: str | None = Field(default=None, description='What was found.')


class Issue(StepModel):
    """One thing wrong at one place."""

    code: str = Field(description='Stable machine name.')
    where: str = Field(description='JSON pointer, or a place in a file.')
    message: str = Field(description='What is wrong and what helps.')


class Degraded(StepModel):
    """An engine that could not be used."""

    engine: str = Field(description="The engine's name.")
    reason: str = Field(description='Why it could not be used.')
    fallback: str | None = Field(default=None, description='What was used instead.')


class File(StepModel):
    """A file a step made."""

    file_id: str = Field(description='Id for GET /v1/files/{id} and for file:<id> references.')
    name: str = Field(description='File name.')
    media_type: str = Field(description='Media type.')
    size: int = Field(ge=0, description='Size in bytes.')
    sha256: str = Field(description='SHA-256 of the content, hexadecimal.')
    url: str = Field(description='Where to fetch it, relative to the bridge.')


class Place(StepModel):
    """Where something stands: in a file, on a page, in a recording."""

    uri: str | None = Field(default=None, description='The file or document.')
    start_line: int | None = Field(default=None, ge=1, description='First line, from 1.')
    end_line: int | None = Field(default=None, ge=1, description='Last line, included.')
    start_column: int | None = Field(default=None, ge=1, description='First column, from 1.')
    end_column: int | None = Field(default=None, ge=1, description='Column after the last character.')
    symbol: str | None = Field(default=None, description='Enclosing function, class or heading.')
    page: int | None = Field(default=None, ge=1, description='Page, slide or sheet, from 1.')
    box: list[float] | None = Field(default=None, min_length=4, max_length=4, description='Left, top, right, bottom as shares of the page.')
    start_time: float | None = Field(default=None, ge=0, description='Start in seconds.')
    end_time: float | None = Field(default=None, ge=0, description='End in seconds.')

Severity = Literal['critical', 'high', 'medium', 'low', 'info']
"""How bad a finding is."""


class Fix(StepModel):
    """How to mend a finding."""

    description: str = Field(description='What to do.')
    patch: str | None = Field(default=None, description='Unified diff, where the change is mechanical.')


class Finding(StepModel):
    """Something worth a person's attention, in SARIF's words."""

    rule_id: str = Field(description='The rule that found it.')
    severity: Severity = Field()
    confidence: float = Field(ge=0, le=1, description='How sure the rule is, 0 to 1.')
    message: str = Field(description='What is wrong.')
    help: str | None = Field(default=None, description='Why it matters.')
    place: Place = Field()
    fingerprint: str = Field(description='Survives moved lines: rule, normalised snippet, enclosing symbol.')
    cwe: list[str] | None = Field(default=None, description='CWE ids, such as CWE-89.')
    fix: Fix | None = Field(default=None)


class Segment(StepModel):
    """One piece of a document that can be quoted and searched."""

    id: str = Field(description='Stable within the document.')
    modality: Literal['text', 'image', 'audio', 'video', 'history'] = Field(description='Code is text.')
    kind: str = Field(description='code, heading, paragraph, table, ocr, caption, transcript, symbol ...')
    text: str = Field(description='The piece as text.')
    place: Place = Field()
    confidence: float | None = Field(default=None, ge=0, le=1, description='How sure the engine is, 0 to 1.')


class Document(StepModel):
    """One analysed file."""

    id: str = Field(description='SHA-256 of the content.')
    uri: str = Field(description='Where it came from.')
    media_type: str = Field(description='Media type by content.')
    size: int = Field(ge=0, description='Size in bytes.')
    metadata: dict[str, Any] = Field(description='Facts about the document: size in pixels, pages, duration, language ...')
    segments: list[Segment] = Field(description='Its pieces in reading order.')
    issues: list[Issue] = Field(description='What could not be read.')


class Hit(StepModel):
    """One place found by a search."""

    score: float = Field(description='Higher is better; comparable within one answer.')
    document: dict[str, Any] = Field(description='id, uri, language, media_type and repository of the document.')
    segment: Segment = Field()
    snippet: str = Field(description='The text around the match, matches between « and ».')
    citation: str = Field(description='Resolvable reference such as src/app.py#L10-L24.')
    parts: dict[str, Any] | None = Field(default=None, description="The score's parts, when asked for.")


class Analysis(StepModel):
    """What an analysis found."""

    findings: list[Finding] = Field(description='Findings, worst first.')
    documents: list[Document] = Field(description='The documents read.')
    metrics: dict[str, Any] = Field(description='Counts and measures.')


class Coverage(StepModel):
    """Line coverage in percent."""

    total: float | None = Field(default=None, description='Of all lines.')
    files: dict[str, float] | None = Field(default=None, description='Per file.')
    patch: float | None = Field(default=None, description='Of the lines changed against the base.')
