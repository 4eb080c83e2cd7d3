"""One attempt of one run, from its record to its ending, with everything that belongs to it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import structlog

from bridge.authoring import Progress, RunContext
from bridge.doors.store import Blobs, Ending, Run, Runs
from bridge.problems import Canceled, DeadlineExceeded, HandlerFailed, Problem, StepBrokeContract
from bridge.runs.binding import BoundStep
from bridge.runs.files import RunFiles
from bridge.runs.results import StoredResults
from bridge.runs.running import Made, Surroundings, perform

log = structlog.get_logger()
Describe = Callable[[Problem, str], Mapping[str, Any]]
"""A problem and a run's id as the document that goes out; the web room knows how."""
EventOf = Callable[[str, str, str], Awaitable[Mapping[str, Any]]]
"""The trigger's event by tenant, n8n workflow id and n8n execution id; empty when none is known."""


async def no_event(tenant: str, workflow_id: str, execution_id: str) -> Mapping[str, Any]:  # noqa: ARG001
    """Know of no event."""
    return {}


@dataclass(frozen=True)
class Performer:
    """Runs a step for a run; ends in an `Ending` whatever happens, but for cancellation from outside."""

    steps: Mapping[str, BoundStep]
    runs: Runs
    blobs: Blobs
    scratch: Path
    max_file: int
    describe: Describe
    event_of: EventOf = no_event

    async def attempt(self, run: Run, progress: Progress) -> tuple[Ending, Problem | None]:
        """Do the work; the problem is there when it did not succeed."""
        began = time.monotonic()
        try:
            result = await self._within_deadline(run, progress)
        except Problem as problem:
            if isinstance(problem, HandlerFailed | StepBrokeContract):
                log.exception("a step failed", step=run.step, run_id=run.id)
            return self.ending(run, problem), problem
        finally:
            log.debug("ran", step=run.step, run_id=run.id, seconds=round(time.monotonic() - began, 4))
        return Ending("completed", datetime.now(UTC), result=result), None

    def ending(self, run: Run, problem: Problem) -> Ending:
        """The end that a problem makes of a run."""
        status: Any = "canceled" if isinstance(problem, Canceled) else "failed"
        return Ending(status, datetime.now(UTC), error=self.describe(problem, run.id))

    async def _within_deadline(self, run: Run, progress: Progress) -> dict[str, Any]:
        left = (run.deadline - datetime.now(UTC)).total_seconds()
        limit = asyncio.timeout(max(left, 0))
        try:
            async with limit:
                return await self._perform(run, progress)
        except TimeoutError:
            if not limit.expired():
                raise
            raise DeadlineExceeded(
                f"{self.steps[run.step].spec.title} did not end before its deadline, {run.deadline.isoformat()}."
            ) from None

    async def _perform(self, run: Run, progress: Progress) -> dict[str, Any]:
        step, made = self.steps[run.step], Made()
        files = RunFiles(self.blobs, self.scratch / run.id, run, made, self.max_file)
        event = await self._event(step, run)
        context = RunContext(
            run.id,
            run.step,
            run.version,
            run.tenant,
            run.deadline,
            vars(run.n8n) if run.n8n.execution_id else {},
            event,
        )
        try:
            result = await perform(
                step, run.input, Surroundings(files, progress, StoredResults(self.runs, run), context, made)
            )
        finally:
            await files.clear()
        return storable(step, result)

    async def _event(self, step: BoundStep, run: Run) -> Mapping[str, Any]:
        if RunContext not in step.per_run.values() or not run.n8n.execution_id:
            return {}
        return await self.event_of(run.tenant, run.n8n.workflow_id, run.n8n.execution_id)


def storable(step: BoundStep, result: dict[str, Any]) -> dict[str, Any]:
    """Make sure a result can be sent and kept; NaN, lone surrogates and huge integers cannot."""
    try:
        orjson.dumps(result)
    except (TypeError, UnicodeEncodeError) as error:
        raise StepBrokeContract(f"{step.spec.title} returned what JSON cannot carry: {error}.") from error
    return result
