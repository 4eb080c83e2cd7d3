"""Runs behind a 202: done by whichever process takes them from the queue, brought to one end."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from bridge.doors.durable import Durable
from bridge.doors.store import Attempts, IdempotencyKeys, Run, Runs, RunsWanted
from bridge.problems import Canceled, DeadlineExceeded, HandlerFailed, NotFound, Problem, StepBrokeContract
from bridge.runs.bells import Bells
from bridge.runs.callbacks import Caller
from bridge.runs.performing import Performer

log = structlog.get_logger()
QUEUE = "runs"
PULSE = 1.0
MOST_ATTEMPTS = 5
FORGOTTEN = timedelta(seconds=15)
OVERDUE = timedelta(seconds=30)
AGAIN = 1.0
PATIENCE = 5.0


class Said:
    """The last word of a run on its progress; carried to the store with the next pulse."""

    def __init__(self, fraction: float, message: str) -> None:
        self.fraction, self.message = fraction, message

    def __call__(self, fraction: float, message: str) -> None:
        """Remember it, made presentable."""
        self.fraction, self.message = min(max(float(fraction), 0.0), 1.0), str(message).replace("\0", "")[:500]


class Background:
    """Works on queued runs, and finds those whose process died."""

    def __init__(
        self,
        *,
        performer: Performer,
        runs: Runs,
        attempts: Attempts,
        keys: IdempotencyKeys,
        durable: Durable,
        caller: Caller,
        bells: Bells,
        owner: str,
    ) -> None:
        self._performer, self._runs, self._attempts, self._keys = performer, runs, attempts, keys
        self._durable, self._caller, self._bells, self._owner = durable, caller, bells, owner
        self._stopping = asyncio.Event()
        self._here: dict[str, asyncio.Event] = {}

    async def work(self, run_id: str) -> float | None:
        """One job of the queue."""
        if run_id in self._here:
            return None
        if self._stopping.is_set():
            return AGAIN
        self._here[run_id] = asyncio.Event()
        try:
            with structlog.contextvars.bound_contextvars(run_id=run_id):
                return await self._work(run_id)
        except NotFound:
            return None
        finally:
            del self._here[run_id]

    def nudge(self, run_id: str) -> None:
        """Look now whether the run was canceled, instead of at the next pulse."""
        if run_id in self._here:
            self._here[run_id].set()

    def stop(self) -> None:
        """Put the runs of this process back into the queue; others go on with them."""
        self._stopping.set()
        for each in self._here.values():
            each.set()

    async def recover(self, *, everything: bool) -> None:
        """Queue again what nobody works on: *everything* unfinished when no other process can be at it."""
        now = datetime.now(UTC)
        for run in await self._attempts.unfinished():
            forgotten = run.status == "queued" and now - run.created_at > FORGOTTEN
            overdue = run.status == "running" and now - run.deadline > OVERDUE
            if run.id not in self._here and (everything or forgotten or overdue):
                await self._durable.submit(QUEUE, run.id)

    async def settle(self, run: Run, problem: Problem | None) -> None:
        """What follows from an end: its key is free again if a retry should do the work, n8n is told."""
        if problem is not None and not _kept(problem):
            await self._keys.forget(run.id)
        self._bells.ring(run.id)
        await self._caller.owe(run)

    async def waiting(self) -> int:
        """How many runs wait for their turn."""
        return await self._runs.count(RunsWanted(statuses=("queued",)))

    async def _work(self, run_id: str) -> float | None:
        run = await self._attempts.begin(run_id, self._owner, datetime.now(UTC))
        if run is None:
            await self._caller.owe(await self._runs.get(run_id))
            return None
        self._bells.ring(run_id)
        if refused := self._refused(run):
            await self._finish(run, refused)
            return None
        said = Said(run.fraction, run.message)
        task = asyncio.create_task(self._performer.attempt(run, said))
        stopped = await self._watch(run, task, said)
        if stopped == "released":
            return AGAIN
        if stopped == "lost":
            return None
        if stopped == "canceled":
            await self._finish(run, Canceled(f"The run {run.id} was canceled."))
            return None
        ending, problem = task.result()
        if await self._attempts.finish(run.id, run.attempt, ending):
            await self.settle(await self._runs.get(run.id), problem)
        return None

    async def _watch(self, run: Run, task: "asyncio.Task[Any]", said: Said) -> str:
        """Wait for the work, report its progress, and stop it when the store or this process says so."""
        nudged = self._here[run.id]
        while not task.done():
            if self._stopping.is_set():
                await _stop(task)
                return "released" if await self._attempts.release(run.id, run.attempt) else "lost"
            nudged.clear()
            await _first_of(task, nudged)
            if task.done():
                break
            pulse = await self._attempts.note(run.id, run.attempt, said.fraction, said.message)
            self._bells.ring(run.id)
            if pulse != "go_on":
                await _stop(task)
                return "canceled" if pulse == "cancel" else "lost"
        return "done"

    def _refused(self, run: Run) -> Problem | None:
        """A run that must not start again after its process died."""
        spec = self._performer.steps[run.step].spec if run.step in self._performer.steps else None
        if spec is None:
            return HandlerFailed(f"The step '{run.step}' is not installed any more.")
        if run.cancel_asked:
            return Canceled(f"The run {run.id} was canceled.")
        interrupted = run.attempt > 1
        if interrupted and not spec.execution.idempotent:
            return HandlerFailed(
                f"{spec.title} was interrupted when its process ended, and must not be repeated blindly. Look at what"
                " it did, then start it again."
            )
        if run.attempt > MOST_ATTEMPTS:
            return HandlerFailed(f"{spec.title} was interrupted {MOST_ATTEMPTS} times; it is not tried again.")
        return None

    async def _finish(self, run: Run, problem: Problem) -> None:
        if await self._attempts.finish(run.id, run.attempt, self._performer.ending(run, problem)):
            await self.settle(await self._runs.get(run.id), problem)


def _kept(problem: Problem) -> bool:
    """Whether a keyed run keeps this failure as its answer; all others are worth a retry."""
    return isinstance(problem, HandlerFailed | StepBrokeContract | DeadlineExceeded) and not problem.retryable


async def _stop(task: "asyncio.Task[Any]") -> None:
    """Cancel the work; code that will not be canceled is left behind, its attempt is void anyway."""
    task.cancel()
    await asyncio.wait({task}, timeout=PATIENCE)


async def _first_of(task: "asyncio.Task[Any]", nudged: asyncio.Event) -> None:
    """Wait for the task, a nudge, or the next pulse."""
    waiter = asyncio.create_task(nudged.wait())
    try:
        await asyncio.wait({task, waiter}, timeout=PULSE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiter.cancel()
