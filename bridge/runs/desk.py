"""The desk: accepts orders for steps, and shows, waits for, cancels and hands out their runs."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from bridge.doors.durable import Durable
from bridge.doors.store import Attempts, Ending, IdempotencyKey, IdempotencyKeys, N8nOrigin, Run
from bridge.problems import Canceled, Conflict, NotFound, Problem, TooManyRequests, Unavailable
from bridge.runs.background import QUEUE, Background
from bridge.runs.bells import Bells
from bridge.runs.callbacks import Caller
from bridge.runs.performing import Performer
from bridge.runs.recording import Recorder
from bridge.runs.running import check_input

KEY_LIVES = timedelta(hours=24)
TURN_WITHIN = 2.0
RENEWED_WITHIN = 2.0
NOWHERE = N8nOrigin()


@dataclass(frozen=True)
class Order:
    """One call of a step as it came in. ``wait`` is in seconds; ``background`` asks for a 202 at once."""

    step: str
    given: Mapping[str, Any]
    tenant: str
    version: int
    n8n: N8nOrigin = NOWHERE
    key: str = ""
    background: bool = False
    wait: float = 0
    timeout: float | None = None
    callback_url: str = ""


@dataclass(frozen=True)
class Answered:
    """The run an order became, ended or not; ``problem`` is there when it failed just now."""

    run: Run
    problem: Problem | None = None


@dataclass(frozen=True)
class Limits:
    """How much this process takes on."""

    quick: int
    queued: int


@dataclass
class Desk:
    """What the outside uses of this room."""

    performer: Performer
    runs: Recorder
    attempts: Attempts
    keys: IdempotencyKeys
    durable: Durable
    background: Background
    caller: Caller
    bells: Bells
    limits: Limits
    _quick: asyncio.Semaphore = field(init=False)
    _polls: dict[str, int] = field(default_factory=dict, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        """Make room for the quick ones."""
        self._quick = asyncio.Semaphore(self.limits.quick)

    async def accept(self, order: Order, over: Callable[[], bool] = lambda: False) -> Answered:
        """Check an order and carry it out: at once when the step is quick, else through the queue."""
        step = self.performer.steps[order.step]
        check_input(step, order.given, order.version)
        self.caller.check(order.callback_url)
        run = self._run(order)
        if step.spec.execution.kind == "long" or order.background:
            return await self._queue(order, run, over)
        async with self._turn():
            return await self._at_once(order, run)

    async def get(self, tenant: str, run_id: str) -> Run:
        """The tenant's run; another tenant's is not found."""
        run = await self.runs.get(run_id)
        if run.tenant != tenant:
            raise NotFound(f"There is no run '{run_id[:60]}', or it was kept long enough and removed.")
        return run

    async def wait(self, tenant: str, run_id: str, seconds: float, over: Callable[[], bool] = lambda: False) -> Run:
        """The run at its end, or as it stands when *seconds* have passed or *over* says so."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        seen = [run async for run in self.changes(tenant, run_id, lambda: over() or clock() >= until)]
        return seen[-1]

    async def changes(self, tenant: str, run_id: str, over: Callable[[], bool]) -> AsyncIterator[Run]:
        """The run now and after every change."""
        await self.get(tenant, run_id)
        async for run in self.bells.changes(self.runs, run_id, over):
            yield run

    async def cancel(self, tenant: str, run_id: str) -> tuple[Run, bool]:
        """Ask a run to stop; true when it had been asked before. An ended run is a `Conflict`."""
        run = await self.get(tenant, run_id)
        asked_before = run.cancel_asked
        if not run.ended:
            problem = Canceled(f"The run {run_id} was canceled.")
            run = await self.attempts.ask_cancel(run_id, self.performer.ending(run, problem))
            self.background.nudge(run_id)
            if run.status == "canceled":
                await self.background.settle(run, problem)
        elif run.status != "canceled" or not asked_before:
            raise Conflict(f"The run {run_id} has ended before; it is {run.status}.")
        return run, asked_before

    async def claim(self, tenant: str, run_id: str) -> Run:
        """Hand the run's end to its first taker; to all others it is a `Conflict`."""
        run = await self.get(tenant, run_id)
        if not run.ended:
            raise Conflict(f"The run {run_id} has not ended; it is {run.status}.")
        if not await self.runs.claim(run_id):
            raise Conflict(f"The run {run_id} was claimed before.")
        return replace(run, claimed=True)

    @asynccontextmanager
    async def polling(self, tenant: str, run_id: str, dropped: Callable[[], bool]) -> AsyncIterator[None]:
        """While a caller waits who wants his going away to cancel the run, unless he comes back soon."""
        self._polls[run_id] = self._polls.get(run_id, 0) + 1
        seen = self._polls[run_id]
        try:
            yield
        finally:
            if dropped():
                task = asyncio.create_task(self._cancel_unless_renewed(tenant, run_id, seen))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif self._polls.get(run_id) == seen:
                del self._polls[run_id]

    async def _cancel_unless_renewed(self, tenant: str, run_id: str, seen: int) -> None:
        await asyncio.sleep(RENEWED_WITHIN)
        if self._polls.get(run_id) != seen:
            return
        del self._polls[run_id]
        try:
            await self.cancel(tenant, run_id)
        except (NotFound, Conflict):
            return

    async def _queue(self, order: Order, run: Run, over: Callable[[], bool]) -> Answered:
        if await self.background.waiting() >= self.limits.queued:
            raise Unavailable(
                f"{self.limits.queued} runs are waiting already (BRIDGE_MAX_QUEUED); try again later.", retry_after=5
            )
        kept = await self._keep(order, run)
        if kept.ended:
            return Answered(kept)
        await self.durable.submit(QUEUE, kept.id)
        return Answered(await self.wait(order.tenant, kept.id, order.wait, over) if order.wait else kept)

    async def _at_once(self, order: Order, run: Run) -> Answered:
        run = replace(run, status="running", started_at=run.created_at)
        if not order.key:
            ending, problem = await self.performer.attempt(run, _silent)
            ended = _ended(run, ending)
            await self.runs.later(ended)
            await self.caller.owe(ended)
            return Answered(ended, problem)
        kept = await self._keep(order, run)
        if kept.id != run.id:
            return Answered(kept)
        ending, problem = await self.performer.attempt(run, _silent)
        await self.attempts.finish(run.id, run.attempt, ending)
        await self.background.settle(_ended(run, ending), problem)
        return Answered(_ended(run, ending), problem)

    async def _keep(self, order: Order, run: Run) -> Run:
        if not order.key:
            await self.runs.add([run])
            return run
        now = datetime.now(UTC)
        key = IdempotencyKey(run.tenant, f"/v1/steps/{run.step}", order.key, fingerprint(run), now + KEY_LIVES)
        return await self.keys.add_run(key, run, now)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TURN_WITHIN):
                await self._quick.acquire()
        except TimeoutError:
            raise TooManyRequests(
                f"{self.limits.quick} quick steps are running (BRIDGE_MAX_QUICK); try again.", retry_after=1
            ) from None
        try:
            yield
        finally:
            self._quick.release()

    def _run(self, order: Order) -> Run:
        spec = self.performer.steps[order.step].spec
        now = datetime.now(UTC)
        seconds = min(spec.execution.timeout, order.timeout or spec.execution.timeout)
        return Run(
            id=str(uuid.uuid4()),
            tenant=order.tenant,
            step=spec.name,
            version=order.version,
            status="queued",
            created_at=now,
            deadline=now + timedelta(seconds=seconds),
            input=order.given,
            n8n=order.n8n,
            callback_url=order.callback_url,
        )


def fingerprint(run: Run) -> str:
    """A hash over what was asked, not over how it was written down."""
    asked = {"version": run.version, "input": run.input}
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _ended(run: Run, ending: Ending) -> Run:
    done = replace(run, status=ending.status, ended_at=ending.ended_at, result=ending.result, error=ending.error)
    return replace(done, fraction=1.0) if ending.status == "completed" else done


def _silent(fraction: float, message: str) -> None:
    """A quick step is over before anybody could look."""
