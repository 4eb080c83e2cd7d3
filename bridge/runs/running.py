"""One step, once: the schemas are the law on both sides of the handler."""

import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bridge.authoring import Files, Progress, Results, RunContext, Written
from bridge.problems import HandlerFailed, InvalidInput, Problem, StepBrokeContract
from bridge.runs.binding import BoundStep
from bridge.runs.versions import brought_down, brought_up


@dataclass
class Made:
    """What a run has made so far."""

    files: list[Written] = field(default_factory=list)


@dataclass(frozen=True)
class Surroundings:
    """What belongs to one run and may be asked for by its handler."""

    files: Files
    progress: Progress
    results: Results
    context: RunContext
    made: Made

    def by_type(self) -> Mapping[type, object]:
        """The same, keyed by the type a handler asks with."""
        return {Files: self.files, Progress: self.progress, Results: self.results, RunContext: self.context}


def check_input(step: BoundStep, given: Mapping[str, Any], version: int | None = None) -> None:
    """Raise `InvalidInput` with one issue per fault, each at the field's JSON pointer.

    *version* is the version of the step that the caller speaks; without it, the current one.
    """
    law = step.input if version in (None, step.spec.version) else step.earlier[version].input
    if issues := law.issues(given):
        named = "; ".join(f"{each.where.lstrip('/') or 'the input'}: {each.message}" for each in issues[:3])
        raise InvalidInput(f"The input of {step.spec.title} is not valid: {named}.", issues=issues)


async def perform(step: BoundStep, given: Mapping[str, Any], surroundings: Surroundings) -> dict[str, Any]:
    """Run *step* on *given* and return its result with the envelope; raise a `Problem` when it did not work."""
    version = surroundings.context.version
    check_input(step, given, version)
    try:
        current = brought_up(step.earlier, version, given)
        if version != step.spec.version:
            check_input(step, current)
        answer = await step.call(step.given.model_validate(current), surroundings.by_type())
    except Problem:
        raise
    except Exception as error:
        raise HandlerFailed(_where(step, error)) from error
    own = answer.model_dump(mode="json", exclude_none=True)
    degraded, issues = own.pop("degraded", []), own.pop("issues", [])
    if faults := step.output.issues(own):
        raise StepBrokeContract(f"{step.spec.title} broke its own output schema.", issues=faults)
    if version != step.spec.version:
        own = _as_before(step, version, own)
    return {
        "success": True,
        "run_id": surroundings.context.run_id,
        "degraded": degraded,
        "issues": issues,
        "files": [asdict(each) for each in surroundings.made.files],
        **own,
    }


def _as_before(step: BoundStep, version: int, own: Mapping[str, Any]) -> dict[str, Any]:
    """The result as the caller's version of the step promised it."""
    before = brought_down(step.earlier, version, own)
    if faults := step.earlier[version].output.issues(before):
        raise StepBrokeContract(f"{step.spec.title} broke the output schema of its version {version}.", issues=faults)
    return before


def _where(step: BoundStep, error: Exception) -> str:
    """Name the kind of error and the line it came from, without any value it carried."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
    last = own[-1]
    place = f"{Path(last.filename).name}, line {last.lineno}, in {last.name}"
    return f"The code of {step.spec.title} failed with {type(error).__name__} at {place}. The bridge's log has more."
