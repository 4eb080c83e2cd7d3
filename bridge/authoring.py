"""Everything a step author imports, built-in or third party; the public, versioned API.

A step is a spec (``node_specs/<name>.json``) and a function::

    async def run(given: ColourCountInput, *, files: Files, progress: Progress) -> ColourCountOutput:
        ...

The first parameter is the generated input model; every other one is keyword-only and asks for a door
(`Roots`, `Fetcher`, `Sandbox`, `Worktree` ...) or for something of this run (`Files`, `Progress`,
`Results`, `RunContext`) by its type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from bridge.conditions import Clause, JudgedReason, Verdict, judge_clauses, judge_event
from bridge.documents import Document, Place, Segment, shape_of
from bridge.doors.analysers import Analysed, Analysers, Degraded, Engine, Subject, Wanted
from bridge.doors.claims import Claimed, Claims, N8nPlace
from bridge.doors.fetcher import Fetched, Fetcher, Target
from bridge.doors.notifier import Channel, Delivery, Message, Notifier, Tone
from bridge.doors.press import Press
from bridge.doors.probes import Probes, Reading, Resources
from bridge.doors.roots import Entry, Roots, Snapshot
from bridge.doors.sandbox import Job, Limits, Outcome, Prepared, Sandbox
from bridge.doors.search import Batch as SearchBatch
from bridge.doors.search import Filter as SearchFilter
from bridge.doors.search import IndexedFile, Search
from bridge.doors.store import Ledger, LedgerPage
from bridge.doors.worktree import ChangedFile, Checkout, Commit, Diff, Worktree
from bridge.findings import Finding, Fix, finding_from, fingerprint, sarif, worst_first
from bridge.findings.ledger import Remembered, Seen, compare
from bridge.problems import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    InvalidInput,
    Issue,
    NotFound,
    Problem,
    SandboxUnavailable,
    TooLarge,
    Unavailable,
    Unusable,
    UpstreamFailed,
)
from bridge.retrieval import (
    Indexed,
    answer,
    commit_file,
    digest_of,
    document_file,
    index_sources,
    plain_snippet,
    prepared,
    sources_in_folder,
    sources_in_tree,
    understand,
    unified,
)
from bridge.retrieval import Place as SearchPlace
from bridge.specs import Pack
from bridge.testresults import (
    READERS,
    LineCoverage,
    Stream,
    TestResults,
    UnreadableReport,
    cargo_results,
    join,
    read_coverage,
    read_report,
    write_junit,
)
from bridge.texts import (
    calm,
    clean,
    code_span,
    escape_markdown,
    escape_markdown_line,
    fenced,
    one_line,
    plain,
    words,
)


class StepModel(BaseModel):
    """Base of every generated model: frozen, and closed to keys the spec does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StepResult(BaseModel):
    """Base of every generated output model: the envelope a handler may fill beside its own keys.

    ``degraded`` and ``issues`` are lists of the shapes of those names; ``files`` is filled by the
    bridge with what the handler wrote through `Files`; ``run_id`` and ``success`` are the bridge's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    degraded: list[dict[str, Any]] = Field(default_factory=list)
    issues: list[dict[str, Any]] = Field(default_factory=list)


@dataclass(frozen=True)
class Upload:
    """A file handed to a step: ``path`` is a private, read-only copy; ``media_type`` as the sender said."""

    path: Path
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Written:
    """A file a step made, as it will stand in the result's ``files``."""

    file_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    url: str


class Files(Protocol):
    """The files of this run."""

    async def open(self, reference: str) -> Upload:
        """The upload behind an input of format ``binary``; raise `NotFound` when it is gone."""
        ...

    async def write(self, name: str, content: bytes | Path, media_type: str) -> Written:
        """Keep *content* (bytes, or a file) as a file of this run's result."""
        ...

    def scratch(self) -> Path:
        """A private folder that is removed when the run ends."""
        ...


class Progress(Protocol):
    """Tell the people who wait how far the run is."""

    def __call__(self, fraction: float, message: str) -> None:
        """*fraction* from 0 to 1, *message* such as ``2 of 5 files``; cheap, call it often."""
        ...


@dataclass(frozen=True)
class Earlier:
    """The result of an earlier run of the same execution (or one named by id)."""

    run_id: str
    step: str
    node: str
    result: Mapping[str, Any]
    ended_at: datetime


class Results(Protocol):
    """Results of earlier runs, so that payloads need not travel through n8n."""

    async def of(self, reference: str) -> list[Earlier]:
        """What ``run:<id>`` or ``node:<name>`` refers to; raise `NotFound` when there is none."""
        ...

    async def of_execution(self) -> list[Earlier]:
        """All ended runs of this run's n8n execution, oldest first."""
        ...


@dataclass(frozen=True)
class RunContext:
    """Facts about this run. ``deadline`` is wall-clock UTC; ``event`` the trigger's event if one is known."""

    run_id: str
    step: str
    version: int
    tenant: str
    deadline: datetime
    n8n: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)


__all__ = [
    "READERS",
    "Analysed",
    "Analysers",
    "ChangedFile",
    "Channel",
    "Checkout",
    "Claimed",
    "Claims",
    "Clause",
    "Commit",
    "Conflict",
    "DeadlineExceeded",
    "Degraded",
    "Delivery",
    "Diff",
    "Document",
    "Earlier",
    "Engine",
    "Entry",
    "Fetched",
    "Fetcher",
    "Field",
    "Files",
    "Finding",
    "Fix",
    "Forbidden",
    "Indexed",
    "IndexedFile",
    "InvalidInput",
    "Issue",
    "Job",
    "JudgedReason",
    "Ledger",
    "LedgerPage",
    "Limits",
    "LineCoverage",
    "Message",
    "N8nPlace",
    "NotFound",
    "Notifier",
    "Outcome",
    "Pack",
    "Place",
    "Prepared",
    "Press",
    "Probes",
    "Problem",
    "Progress",
    "Reading",
    "Remembered",
    "Resources",
    "Results",
    "Roots",
    "RunContext",
    "Sandbox",
    "SandboxUnavailable",
    "Search",
    "SearchBatch",
    "SearchFilter",
    "SearchPlace",
    "Seen",
    "Segment",
    "Snapshot",
    "StepModel",
    "StepResult",
    "Stream",
    "Subject",
    "Target",
    "TestResults",
    "Tone",
    "TooLarge",
    "Unavailable",
    "UnreadableReport",
    "Unusable",
    "Upload",
    "UpstreamFailed",
    "Verdict",
    "Wanted",
    "Worktree",
    "Written",
    "answer",
    "calm",
    "cargo_results",
    "clean",
    "code_span",
    "commit_file",
    "compare",
    "digest_of",
    "document_file",
    "escape_markdown",
    "escape_markdown_line",
    "fenced",
    "finding_from",
    "fingerprint",
    "index_sources",
    "join",
    "judge_clauses",
    "judge_event",
    "one_line",
    "plain",
    "plain_snippet",
    "prepared",
    "read_coverage",
    "read_report",
    "sarif",
    "shape_of",
    "sources_in_folder",
    "sources_in_tree",
    "understand",
    "unified",
    "words",
    "worst_first",
    "write_junit",
]
