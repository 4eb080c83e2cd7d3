"""What every store promises about runs and their attempts."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from bridge.doors.store import Ending, N8nOrigin, Run, RunsWanted
from bridge.problems import NotFound

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
DONE = Ending("completed", NOW, result={"success": True, "text": "ein Ende, \u0000 inclusive 🙂"})
CANCELED = Ending("canceled", NOW, error={"code": "canceled"})


def a_run(**changed):
    given = {
        "id": str(uuid.uuid4()),
        "tenant": "alice",
        "step": "look",
        "version": 1,
        "status": "queued",
        "created_at": NOW,
        "deadline": NOW + timedelta(hours=1),
    }
    return Run(**{**given, **changed})


async def started(stores, **changed):
    run = a_run(**changed)
    await stores.runs.add([run])
    return await stores.attempts.begin(run.id, "one", NOW)


async def test_a_run_comes_back_as_it_was_given(stores):
    run = a_run(input={"text": "grüße"}, n8n=N8nOrigin("w", "7", "Node", 1, 2), callback_url="http://n8n/x")
    await stores.runs.add([run])
    assert await stores.runs.get(run.id) == run


async def test_a_run_that_is_not_there_is_not_found(stores):
    with pytest.raises(NotFound):
        await stores.runs.get("nobody")
    with pytest.raises(NotFound):
        await stores.attempts.begin("nobody", "one", NOW)


async def test_runs_are_added_all_or_none(stores):
    run = a_run()
    await stores.runs.add([run, a_run()])
    assert await stores.runs.count(RunsWanted(tenant="alice")) == 2


async def test_pages_hold_every_run_once_newest_first(stores):
    runs = [a_run(created_at=NOW + timedelta(seconds=n // 2)) for n in range(7)]
    await stores.runs.add(runs)
    seen, cursor = [], ""
    while True:
        page = await stores.runs.find(RunsWanted(tenant="alice"), limit=3, cursor=cursor)
        seen += page.items
        cursor = page.next
        if not cursor:
            break
    assert sorted(run.id for run in seen) == sorted(run.id for run in runs)
    assert [run.created_at for run in seen] == sorted((run.created_at for run in runs), reverse=True)


async def test_only_wanted_runs_are_listed(stores):
    wanted = a_run(n8n=N8nOrigin("w", "7", "Node"))
    await stores.runs.add([wanted, a_run(tenant="bob"), a_run(n8n=N8nOrigin("w", "8", "Node"))])
    found = await stores.runs.find(RunsWanted(tenant="alice", workflow_id="w", execution_id="7"))
    assert [run.id for run in found.items] == [wanted.id]


async def test_a_second_attempt_takes_over_from_the_first(stores):
    first = await started(stores)
    second = await stores.attempts.begin(first.id, "two", NOW)
    assert (first.attempt, second.attempt) == (1, 2)
    assert await stores.attempts.note(first.id, 1, 0.5, "") == "lost"
    assert not await stores.attempts.finish(first.id, 1, CANCELED)
    assert await stores.attempts.finish(first.id, 2, DONE)
    assert (await stores.runs.get(first.id)).status == "completed"


async def test_a_run_ends_once(stores):
    run = await started(stores)
    ended = await asyncio.gather(*(stores.attempts.finish(run.id, 1, DONE) for _ in range(8)))
    assert ended.count(True) == 1
    assert await stores.attempts.begin(run.id, "two", NOW) is None


async def test_progress_is_kept_with_its_words(stores):
    run = await started(stores)
    assert await stores.attempts.note(run.id, 1, 0.4, "2 of 5 files") == "go_on"
    found = await stores.runs.get(run.id)
    assert (found.fraction, found.message) == (0.4, "2 of 5 files")


async def test_a_queued_run_is_canceled_at_once_and_a_running_one_is_told(stores):
    queued = a_run()
    await stores.runs.add([queued])
    assert (await stores.attempts.ask_cancel(queued.id, CANCELED)).status == "canceled"
    running = await started(stores)
    assert (await stores.attempts.ask_cancel(running.id, CANCELED)).status == "running"
    assert await stores.attempts.note(running.id, 1, 0.1, "") == "cancel"


async def test_canceling_what_has_ended_changes_nothing(stores):
    run = await started(stores)
    await stores.attempts.finish(run.id, 1, DONE)
    assert (await stores.attempts.ask_cancel(run.id, CANCELED)).status == "completed"


async def test_a_released_run_waits_as_its_next_attempt(stores):
    run = await started(stores)
    assert await stores.attempts.release(run.id, 1)
    waiting = await stores.runs.get(run.id)
    assert (waiting.status, waiting.attempt) == ("queued", 2)
    assert (await stores.attempts.begin(run.id, "two", NOW)).attempt == 2


async def test_a_result_is_claimed_once_and_only_after_the_end(stores):
    run = await started(stores)
    assert not await stores.runs.claim(run.id)
    await stores.attempts.finish(run.id, 1, DONE)
    claims = await asyncio.gather(*(stores.runs.claim(run.id) for _ in range(8)))
    assert claims.count(True) == 1


async def test_old_ends_are_removed_and_nothing_else(stores):
    old, new, open_run = (
        a_run(status="completed", ended_at=NOW - timedelta(days=20)),
        a_run(status="completed", ended_at=NOW),
        a_run(),
    )
    await stores.runs.add([old, new, open_run])
    assert await stores.runs.remove(ended_before=NOW - timedelta(days=14)) == 1
    assert {run.id for run in (await stores.runs.find(RunsWanted())).items} == {new.id, open_run.id}


async def test_unfinished_runs_are_listed_oldest_first(stores):
    first, second, ended = a_run(), a_run(created_at=NOW + timedelta(seconds=1)), a_run(status="failed", ended_at=NOW)
    await stores.runs.add([second, ended, first])
    assert [run.id for run in await stores.attempts.unfinished()] == [first.id, second.id]
