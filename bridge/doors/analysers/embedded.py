"""Our own engines: every file is read in an engine process, then what was found inside it, each within its limits."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bridge.documents import Document, Segment
from bridge.doors.analysers import Analysed, Degraded, Engine, Subject, Wanted
from bridge.doors.analysers.limits import ENGINES, MAX_DEPTH, MAX_PARTS, MEGABYTE, install_command
from bridge.doors.analysers.pool import EngineMissing, EngineStopped, Pool
from bridge.doors.analysers.tasks import Found, Part, Task
from bridge.findings import Finding
from bridge.problems import Issue


class Embedded:
    """The engines that come with the bridge; ``light`` and ``heavy`` are the processes they may use."""

    def __init__(self, light: int = 2, heavy: int = 1) -> None:
        self._pool = Pool(light, heavy)

    async def analyse(self, subject: Subject, wanted: Wanted) -> Analysed:
        """Read one file and what is inside it."""
        scratch = await asyncio.to_thread(tempfile.mkdtemp, prefix="bridge-analysis-")
        try:
            reading = Reading(self._pool, wanted, Path(scratch))
            await reading.read(Part(str(subject.path), subject.uri), subject.changed, 0)
            return Analysed(tuple(reading.documents), tuple(reading.findings), tuple(reading.degraded))
        finally:
            await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)

    async def engines(self) -> list[Engine]:
        """The table of limits, and what is missing here."""
        return await asyncio.to_thread(lambda: [_engine(name) for name in ENGINES])

    async def close(self) -> None:
        """End the engine processes."""
        await self._pool.close()


def _engine(name: str) -> Engine:
    each = ENGINES[name]
    missing = [module for module in each.needs if find_spec(module) is None]
    why = f"{', '.join(missing)} not installed: {install_command(each.extra)}" if missing else ""
    return Engine(name, each.reads, each.memory, each.seconds, not missing, why)


@dataclass
class Reading:
    """One subject being read: documents grow in the order in which things were met."""

    pool: Pool
    wanted: Wanted
    scratch: Path
    documents: list[Document] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    degraded: list[Degraded] = field(default_factory=list)
    parts: int = 0

    async def read(self, part: Part, changed: frozenset[int] | None, depth: int) -> None:
        """Read one file into a document, then its parts."""
        sorted_ = await self._perform("sorting", part, changed, {})
        facts = sorted_.metadata
        found = Found(metadata={}, issues=sorted_.issues)
        if facts.get("engine"):
            found = await self._perform(facts["engine"], part, changed, facts)
            found.issues[:0] = sorted_.issues
        inner = [each for each in found.parts if each.into == "segments"]
        for each in inner[:MAX_PARTS]:
            await self._read_into(each, found)
        number = len(self.documents)
        self.documents.append(_document(part, facts, found))
        self._keep(found)
        others = [each for each in found.parts if each.into == "document"]
        left_out = await self._read_parts(others, depth)
        if left_out:
            self.documents[number] = replace(
                self.documents[number], issues=(*self.documents[number].issues, Issue("cut", part.uri, left_out))
            )

    async def _read_parts(self, parts: list[Part], depth: int) -> str:
        if parts and depth >= MAX_DEPTH:
            return f"{len(parts)} things inside are not analyzed: they lie more than {MAX_DEPTH} levels deep."
        for number, each in enumerate(parts):
            if self.parts >= MAX_PARTS:
                return f"{len(parts) - number} things inside are not analyzed: {MAX_PARTS} is the limit."
            self.parts += 1
            await self.read(each, None, depth + 1)
        return ""

    async def _read_into(self, part: Part, found: Found) -> None:
        if part.engine is None or not self.wanted.content:
            return
        inner = await self._perform(part.engine, part, None, {})
        found.metadata.update(inner.metadata)
        found.issues += inner.issues
        found.degraded += inner.degraded
        found.findings += inner.findings
        segments = [_placed(each, part) for each in inner.segments]
        found.segments[_after(found.segments, part) :] = [*segments, *found.segments[_after(found.segments, part) :]]

    async def _perform(self, engine: str, part: Part, changed: frozenset[int] | None, facts: dict[str, Any]) -> Found:
        wanted = self.wanted
        task = Task(
            engine, part.path, part.uri, str(self.scratch), part.uri.rsplit("/", 1)[-1], wanted.security,
            wanted.performance, wanted.quality, wanted.content, tuple(sorted(changed)) if changed is not None else None,
            facts,
        )  # fmt: skip
        megabytes = facts.get("size", 0) / MEGABYTE
        try:
            return await self.pool.perform(task, megabytes=megabytes, duration=min(facts.get("duration", 0), 14_400))
        except EngineStopped as stopped:
            return Found(issues=[Issue(stopped.code, part.uri, f"{stopped} What it had read so far is lost.")])
        except EngineMissing as missing:
            cure = install_command(ENGINES[engine].extra or "all")
            reason = f"{missing} is not installed; {cure} brings it."
            issue = Issue("engine_missing", part.uri, f"The {engine} engine did not run: {reason}")
            return Found(degraded=[Degraded(engine, reason)], issues=[issue])

    def _keep(self, found: Found) -> None:
        self.findings += found.findings
        self.degraded += [each for each in found.degraded if each not in self.degraded]


def _placed(segment: Segment, part: Part) -> Segment:
    place = replace(segment.place, uri=part.uri, page=part.page or segment.place.page)
    if part.start_time is not None and place.start_time is None:
        place = replace(place, start_time=part.start_time)
    return replace(segment, place=place)


def _after(segments: list[Segment], part: Part) -> int:
    if part.page is None:
        return len(segments)
    return sum((each.place.page or 0) <= part.page for each in segments)


def _document(part: Part, facts: dict[str, Any], found: Found) -> Document:
    metadata = {key: facts[key] for key in ("language", "format", "duration") if facts.get(key)} | found.metadata
    if part.page is not None:
        metadata["page"] = part.page
    if part.start_time is not None:
        metadata["start_time"] = part.start_time
    segments = tuple(replace(each, id=str(number)) for number, each in enumerate(found.segments))
    return Document(
        facts.get("id", ""), part.uri, facts.get("media_type", "application/octet-stream"), facts.get("size", 0),
        metadata, segments, tuple(found.issues),
    )  # fmt: skip
