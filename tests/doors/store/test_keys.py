"""What every store promises about idempotency keys."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.doors.store import IdempotencyKey, RunsWanted
from bridge.problems import Unusable
from tests.doors.store.test_runs import NOW, a_run

KEY = IdempotencyKey("alice", "/v1/steps/look", "7-Node-0-0", "abc", NOW + timedelta(hours=24))


async def test_the_same_key_stands_for_the_same_run(stores):
    first = a_run()
    assert await stores.keys.add_run(KEY, first, NOW) == first
    assert (await stores.keys.add_run(KEY, a_run(), NOW)).id == first.id
    assert await stores.runs.count(RunsWanted()) == 1


async def test_many_at_once_make_one_run(stores):
    found = await asyncio.gather(*(stores.keys.add_run(KEY, a_run(), NOW) for _ in range(20)))
    assert len({run.id for run in found}) == 1
    assert await stores.runs.count(RunsWanted()) == 1


async def test_another_input_under_the_same_key_is_refused(stores):
    await stores.keys.add_run(KEY, a_run(), NOW)
    with pytest.raises(Unusable, match="7-Node-0-0"):
        await stores.keys.add_run(replace(KEY, fingerprint="other"), a_run(), NOW)
    assert await stores.runs.count(RunsWanted()) == 1


@pytest.mark.parametrize("changed", [{"tenant": "bob"}, {"route": "/v1/steps/hear"}, {"key": "7-Node-0-1"}])
async def test_a_key_belongs_to_its_caller_and_route(stores, changed):
    await stores.keys.add_run(KEY, a_run(), NOW)
    other = a_run()
    assert (await stores.keys.add_run(replace(KEY, **changed), other, NOW)).id == other.id


async def test_an_expired_key_counts_as_new(stores):
    await stores.keys.add_run(KEY, a_run(), NOW)
    later, again = NOW + timedelta(hours=25), a_run()
    renewed = replace(KEY, fingerprint="other", expires_at=later + timedelta(hours=24))
    assert (await stores.keys.add_run(renewed, again, later)).id == again.id


async def test_a_forgotten_key_does_the_work_again(stores):
    first, second = a_run(), a_run()
    await stores.keys.add_run(KEY, first, NOW)
    await stores.keys.forget(first.id)
    assert (await stores.keys.add_run(KEY, second, NOW)).id == second.id


async def test_other_rooms_may_file_their_own_subjects(stores):
    assert await stores.keys.take(KEY, "execution-1", NOW) == "execution-1"
    assert await stores.keys.take(KEY, "execution-2", NOW) == "execution-1"


async def test_old_keys_are_removed(stores):
    await stores.keys.take(KEY, "execution-1", NOW)
    assert await stores.keys.remove(expired_before=NOW) == 0
    assert await stores.keys.remove(expired_before=NOW + timedelta(hours=25)) == 1
