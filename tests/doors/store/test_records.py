"""What the records of workflows owe, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.doors.store import (
    AnalyticsEvent,
    Delivery,
    Execution,
    ExecutionsWanted,
    Trigger,
    Workflow,
    sql,
)
from bridge.problems import NotFound

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def records(request, tmp_path):
    url = f"sqlite:///{tmp_path}/bridge.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with sql.opened(url) as database:
        yield sql.build_records(database)


def execution(name, **more):
    given = {"execution_id": name, "tenant": "t", "workflow_id": "w", "status": "queued", **more}
    return Execution(**{"created_at": NOW, "updated_at": NOW, **given})


async def test_what_was_kept_comes_back_whole(records):
    whole = execution(
        "e1", trigger_data={"type": "git_push"}, reasons=({"code": "x"},), claim="word", lane="repo main", rating=3
    )
    await records.executions.add(whole)
    assert await records.executions.get("e1") == whole
    with pytest.raises(NotFound):
        await records.executions.get("e2")


async def test_lists_are_narrowed_and_paged_without_gaps(records):
    for number in range(7):
        at = NOW + timedelta(seconds=number // 2)
        await records.executions.add(execution(f"e{number}", created_at=at, workflow_id="w" if number % 2 else "v"))
    wanted, seen, cursor = ExecutionsWanted(tenant="t"), [], ""
    while True:
        page = await records.executions.find(wanted, limit=3, cursor=cursor)
        seen += [each.execution_id for each in page.items]
        if not (cursor := page.next):
            break
    assert seen == ["e6", "e5", "e4", "e3", "e2", "e1", "e0"]
    assert await records.executions.count(ExecutionsWanted(workflow_id="w")) == 3
    assert await records.executions.count(ExecutionsWanted(tenant="other")) == 0
    assert await records.executions.count(ExecutionsWanted()) == 7
    assert await records.executions.count(ExecutionsWanted(created_after=NOW + timedelta(seconds=3))) == 1


async def test_never_more_run_than_allowed_however_many_ask_at_once(records):
    for number in range(9):
        await records.executions.add(execution(f"e{number}", created_at=NOW + timedelta(seconds=number)))
    taken = await asyncio.gather(*(records.executions.take(NOW, running=4, deadline=LATER) for _ in range(5)))
    started = [each.execution_id for group in taken for each in group]
    assert sorted(started) == ["e0", "e1", "e2", "e3"]
    assert await records.executions.change("e1", ["running"], {"status": "completed", "completed_at": NOW})
    (following,) = await records.executions.take(NOW, running=4, deadline=LATER)
    assert (following.execution_id, following.status, following.starts) == ("e4", "running", 1)
    assert following.deadline == LATER


async def test_one_that_should_wait_is_not_taken_early(records):
    await records.executions.add(execution("e1", not_before=LATER))
    assert await records.executions.take(NOW, running=4, deadline=LATER) == []
    assert len(await records.executions.take(LATER, running=4, deadline=LATER)) == 1


async def test_a_change_reaches_only_the_states_it_was_meant_for(records):
    await records.executions.add(execution("e1", status="completed"))
    assert not await records.executions.change("e1", ["queued", "running"], {"status": "failed"})
    assert (await records.executions.get("e1")).status == "completed"


async def test_of_many_claimants_one_wins_and_may_come_again(records):
    await records.executions.add(execution("e1"))
    won = await asyncio.gather(*(records.executions.bind("e1", str(number), NOW) for number in range(10)))
    assert won.count(True) == 1
    winner = (await records.executions.get("e1")).n8n_execution_id
    assert await records.executions.bind("e1", winner, NOW)


async def test_one_n8n_execution_has_one_record(records):
    first = await records.executions.add(execution("e1", n8n_execution_id="7"))
    again = await records.executions.add(execution("e2", n8n_execution_id="7"))
    assert again.execution_id == first.execution_id
    await records.executions.add(execution("e3"))
    assert not await records.executions.bind("e3", "7", NOW)
    other = await records.executions.add(execution("e4", n8n_execution_id="7", workflow_id="v"))
    assert other.execution_id == "e4"


async def test_old_history_goes_and_what_runs_stays(records):
    for number in range(5):
        done = {"status": "completed", "completed_at": NOW, "started_at": NOW - timedelta(seconds=number + 1)}
        await records.executions.add(execution(f"e{number}", created_at=NOW + timedelta(seconds=number), **done))
    await records.executions.add(execution("live", status="running", created_at=NOW - timedelta(days=9)))
    assert sorted(await records.history.durations("w")) == [1, 2, 3, 4, 5]
    assert await records.history.prune(keep=2, before=NOW - timedelta(days=1)) == 3
    left = await records.executions.find(ExecutionsWanted())
    assert [each.execution_id for each in left.items] == ["e4", "e3", "live"]
    assert [each.execution_id for each in await records.history.unfinished()] == ["live"]


def workflow(name, **more):
    return Workflow(workflow_id=name, tenant="t", name="Nightly", created_at=NOW, updated_at=NOW, **more)


async def test_a_workflow_is_replaced_under_its_id_and_goes_with_its_triggers(records):
    await records.workflows.put(workflow("w", template_name="nightly", nodes=("A", "B")))
    await records.workflows.put(workflow("w", template_name="nightly", digest="new"))
    (only,) = await records.workflows.find(template_name="nightly", name="Nightly")
    assert (only.digest, only.nodes) == ("new", ())
    await records.triggers.replace("w", [Trigger("t1", "w", "manual", NOW)])
    assert await records.workflows.remove("w")
    assert not await records.workflows.remove("w")
    assert await records.triggers.of_workflow("w") == []


async def test_a_trigger_that_stays_keeps_its_switch_and_a_disabled_one_is_not_listening(records):
    await records.triggers.replace("w", [Trigger("t1", "w", "schedule", NOW, {"cron": "* * * * *"})])
    assert not (await records.triggers.switch("t1", False)).enabled
    assert await records.triggers.listening("schedule") == []
    again = Trigger("t2", "w", "schedule", LATER, {"cron": "* * * * *"})
    await records.triggers.replace("w", [again, Trigger("t3", "w", "git_push", NOW)])
    kept = {each.trigger_type: each for each in await records.triggers.of_workflow("w")}
    assert (kept["schedule"].id, kept["schedule"].enabled) == ("t1", False)
    with pytest.raises(NotFound):
        await records.triggers.switch("nobody", True)


async def test_a_schedule_fires_once_per_moment_for_all_processes(records):
    await records.triggers.replace("w", [Trigger("t1", "w", "schedule", NOW)])
    moved = await asyncio.gather(*(records.triggers.advance("t1", None, LATER) for _ in range(6)))
    assert moved.count(True) == 1
    assert not await records.triggers.advance("t1", NOW, LATER)
    assert await records.triggers.advance("t1", LATER, LATER + timedelta(minutes=1))


async def test_a_template_gets_a_version_per_change(records):
    first = await records.templates.put("mine", {"name": "mine", "steps": []}, NOW)
    assert await records.templates.put("mine", {"name": "mine", "steps": []}, LATER) == first
    second = await records.templates.put("mine", {"name": "mine", "steps": [1]}, LATER)
    assert (first.version, second.version, second.created_at, second.updated_at) == (1, 2, NOW, LATER)
    assert (await records.templates.get("mine", 1)).template_data["steps"] == []
    assert [each.version for each in await records.templates.find()] == [2]
    assert await records.templates.remove("mine")
    with pytest.raises(NotFound):
        await records.templates.get("mine")


def delivery(name, **more):
    return Delivery(**{"id": name, "forge": "github", "hook": "h", "delivery_id": name, "received_at": NOW, **more})


async def test_of_fifty_equal_deliveries_at_once_one_counts(records):
    tries = (records.deliveries.add(delivery(f"d{number}", delivery_id="same")) for number in range(50))
    assert (await asyncio.gather(*tries)).count(True) == 1
    assert await records.deliveries.add(delivery("other", delivery_id="same", hook="h2"))


async def test_a_delivery_is_settled_listed_and_emptied_but_never_forgotten(records):
    await records.deliveries.add(delivery("d1", body="{}", headers={"a": "b"}))
    await records.deliveries.add(delivery("d2", received_at=LATER, body="{}"))
    await records.deliveries.settle("d1", "started", ({"execution_id": "e1"},))
    assert [each.id for each in (await records.deliveries.find()).items] == ["d2", "d1"]
    (waiting,) = (await records.deliveries.find(outcome="received", oldest_first=True)).items
    assert waiting.id == "d2"
    assert await records.deliveries.prune(LATER) == 1
    emptied = await records.deliveries.get("d1")
    assert (emptied.body, emptied.outcome) == ("", "started")
    assert not await records.deliveries.add(replace(emptied, id="d3"))


async def test_events_come_back_in_order_and_go_with_age(records):
    for number, at in enumerate((LATER, NOW)):
        await records.analytics.note(AnalyticsEvent(f"a{number}", "n8n.called", at, event_data={"n": number}))
    assert [each.id for each in await records.analytics.since(NOW)] == ["a1", "a0"]
    assert await records.analytics.prune(LATER) == 1
    assert [each.id for each in await records.analytics.since(NOW)] == ["a0"]
