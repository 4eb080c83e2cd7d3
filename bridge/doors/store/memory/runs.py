"""Runs, attempts and idempotency keys in dictionaries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bridge.doors.store.keys import IdempotencyKey
from bridge.doors.store.runs import Ending, Page, Pulse, Run, RunsWanted
from bridge.problems import NotFound, Unusable


def _get(runs: dict[str, Run], run_id: str) -> Run:
    if run_id not in runs:
        raise NotFound(f"There is no run '{run_id[:60]}', or it was kept long enough and removed.")
    return runs[run_id]


class MemoryRuns:
    """Runs, looked at from outside."""

    def __init__(self, runs: dict[str, Run]) -> None:
        self._runs = runs

    async def add(self, runs: Sequence[Run]) -> None:
        """Keep new runs."""
        self._runs.update({run.id: run for run in runs})

    async def get(self, run_id: str) -> Run:
        """The run."""
        return _get(self._runs, run_id)

    async def find(self, wanted: RunsWanted, *, limit: int = 50, cursor: str = "") -> Page[Run]:
        """Runs, newest first."""
        found = sorted(filter(lambda run: _fits(run, wanted), self._runs.values()), key=_age, reverse=True)
        if cursor:
            last = _age(_get(self._runs, cursor))
            found = [run for run in found if _age(run) < last]
        return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else "")

    async def count(self, wanted: RunsWanted) -> int:
        """How many."""
        return sum(_fits(run, wanted) for run in self._runs.values())

    async def claim(self, run_id: str) -> bool:
        """First come."""
        run = self._runs.get(run_id)
        if run is None or not run.ended or run.claimed:
            return False
        self._runs[run_id] = replace(run, claimed=True)
        return True

    async def remove(self, *, ended_before: datetime, limit: int = 500) -> int:
        """Remove the oldest."""
        old = [run.id for run in self._runs.values() if run.ended_at and run.ended_at < ended_before][:limit]
        for run_id in old:
            del self._runs[run_id]
        return len(old)


class MemoryAttempts:
    """Runs on their way."""

    def __init__(self, runs: dict[str, Run]) -> None:
        self._runs = runs

    async def begin(self, run_id: str, owner: str, moment: datetime) -> Run | None:
        """Start, or start again."""
        run = _get(self._runs, run_id)
        if run.ended:
            return None
        attempt = run.attempt + (run.status == "running")
        return self._set(replace(run, status="running", attempt=attempt, owner=owner, started_at=moment))

    async def note(self, run_id: str, attempt: int, fraction: float, message: str) -> Pulse:
        """Progress out, orders in."""
        run = self._current(run_id, attempt)
        if run is None:
            return "lost"
        self._set(replace(run, fraction=fraction, message=message))
        return "cancel" if run.cancel_asked else "go_on"

    async def finish(self, run_id: str, attempt: int, ending: Ending) -> bool:
        """The one end."""
        run = self._current(run_id, attempt)
        if run is not None:
            self._set(_with_ending(run, ending))
        return run is not None

    async def release(self, run_id: str, attempt: int) -> bool:
        """Back into the queue."""
        run = self._current(run_id, attempt)
        if run is not None:
            self._set(replace(run, status="queued", attempt=attempt + 1, owner=""))
        return run is not None

    async def ask_cancel(self, run_id: str, ending: Ending) -> Run:
        """End what waits, tell what runs."""
        run = _get(self._runs, run_id)
        if run.ended:
            return run
        asked = replace(run, cancel_asked=True)
        return self._set(_with_ending(asked, ending) if run.status == "queued" else asked)

    async def unfinished(self, *, limit: int = 1000) -> list[Run]:
        """What still has to end."""
        return sorted((run for run in self._runs.values() if not run.ended), key=_age)[:limit]

    def _current(self, run_id: str, attempt: int) -> Run | None:
        run = self._runs.get(run_id)
        return run if run and run.attempt == attempt and run.status == "running" else None

    def _set(self, run: Run) -> Run:
        self._runs[run.id] = run
        return run


class MemoryIdempotencyKeys:
    """Keys in a dictionary."""

    def __init__(self, runs: dict[str, Run]) -> None:
        self._runs = runs
        self._keys: dict[tuple[str, str, str], tuple[IdempotencyKey, str]] = {}

    async def add_run(self, key: IdempotencyKey, run: Run, now: datetime) -> Run:
        """Key and run at once."""
        subject = await self.take(key, run.id, now)
        if subject in self._runs:
            return self._runs[subject]
        self._keys[key.tenant, key.route, key.key] = (key, run.id)
        self._runs[run.id] = run
        return run

    async def take(self, key: IdempotencyKey, subject: str, now: datetime) -> str:
        """Key alone."""
        place = (key.tenant, key.route, key.key)
        known = self._keys.get(place)
        if known is None or known[0].expires_at < now:
            self._keys[place] = (key, subject)
            return subject
        if known[0].fingerprint != key.fingerprint:
            raise Unusable(
                f"The Idempotency-Key '{key.key[:80]}' was used with another input. A new input needs a new key."
            )
        return known[1]

    async def forget(self, subject: str) -> None:
        """Let the caller try anew."""
        self._keys = {place: entry for place, entry in self._keys.items() if entry[1] != subject}

    async def remove(self, *, expired_before: datetime) -> int:
        """Clean up."""
        old = [place for place, (key, _) in self._keys.items() if key.expires_at < expired_before]
        for place in old:
            del self._keys[place]
        return len(old)


def _age(run: Run) -> tuple[datetime, str]:
    return run.created_at, run.id


def _with_ending(run: Run, ending: Ending) -> Run:
    done = replace(run, status=ending.status, ended_at=ending.ended_at, result=ending.result, error=ending.error)
    return replace(done, fraction=1.0) if ending.status == "completed" else done


def _fits(run: Run, wanted: RunsWanted) -> bool:
    pairs = (
        (wanted.tenant, run.tenant),
        (wanted.step, run.step),
        (wanted.workflow_id, run.n8n.workflow_id),
        (wanted.execution_id, run.n8n.execution_id),
        (wanted.node, run.n8n.node),
    )
    named = all(not asked or asked == found for asked, found in pairs)
    return named and (not wanted.statuses or run.status in wanted.statuses)
