"""A sandbox that plays outcomes from a script, for tests and trials: no program is ever started."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bridge.doors.sandbox import Job, Outcome, Prepared, Status
from bridge.problems import SandboxUnavailable

Play = Outcome | Callable[[Job], Outcome]


class ScriptedSandbox:
    """Plays *outcomes* in turn (the last one again and again); ``jobs`` records what was asked."""

    def __init__(self, outcomes: Sequence[Play] = (), *, foreign: bool = True) -> None:
        self.outcomes: list[Play] = list(outcomes) or [Outcome(0, b"", b"", {}, 0.01)]
        self.jobs: list[Job] = []
        self._foreign = foreign

    async def run(self, job: Job, *, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Play the next outcome."""
        if not self._foreign:
            raise SandboxUnavailable
        return self._play(job, on_output)

    async def run_tool(self, job: Job, *, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Play the next outcome."""
        return self._play(job, on_output)

    async def prepared(self, key: str, job: Job, folder: str) -> Prepared:  # noqa: ARG002
        """Play the next outcome as the one that made the folder."""
        outcome = await self.run(job)
        return Prepared(Path("/prepared"), cached=False, outcome=outcome)

    async def status(self) -> Status:
        """Say what was scripted."""
        if self._foreign:
            return Status("bubblewrap", "bubblewrap", "scripted")
        return Status(None, "process", "scripted: no sandbox")

    def _play(self, job: Job, on_output: Callable[[bytes], None] | None) -> Outcome:
        self.jobs.append(job)
        play = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        outcome = play(job) if callable(play) else play
        if on_output is not None and outcome.stdout:
            on_output(outcome.stdout)
        return outcome
