"""Executions from the wish to the end, with everything that may go wrong on the way."""

import asyncio
from dataclasses import replace

import pytest

from bridge.doors.claims import N8nPlace
from bridge.doors.n8n import Answer
from bridge.doors.n8n.in_memory import NodeFailed
from bridge.doors.store import ExecutionsWanted
from bridge.problems import Conflict, Forbidden, NotFound, TooManyRequests

from .conftest import QUICK, a_lab, until


async def test_a_started_workflow_runs_and_its_end_is_recorded(lab):
    execution_id = await lab.start(event={"input": {"a": 1}}, user_id="ada")
    ended = await lab.ended(execution_id)
    assert (ended.status, ended.progress, ended.error, ended.template_name) == ("completed", 100, "", "lab")
    assert [each["node"] for each in ended.timeline] == ["Start", "Gate", "Work"]
    assert ended.completed_at >= ended.started_at >= ended.created_at
    (body,) = lab.n8n.starts
    assert body["type"] == "manual"
    assert body["data"]["input"] == {"a": 1}


async def test_progress_rises_while_it_runs_and_the_end_is_estimated_from_earlier_ones(lab):
    first = await lab.ended(await lab.start())
    assert first.status == "completed"
    go_on = asyncio.Event()

    async def hold(run, _):
        await go_on.wait()
        run.finished("Work")

    lab.work = hold
    execution_id = await lab.start()
    half = await until(lambda: lab.get(execution_id), lambda each: each.progress)
    assert 0 < half.progress < 100
    assert await lab.room.watching.estimate(half) is not None
    go_on.set()
    assert (await lab.ended(execution_id)).progress == 100


async def test_a_failing_node_is_told_with_its_error(lab):
    async def fail(run, _):
        run.finished("Work", error="no paper")
        raise NodeFailed("Work: no paper")

    lab.work = fail
    ended = await lab.ended(await lab.start())
    assert (ended.status, ended.error) == ("failed", "Work: no paper")
    assert ended.timeline[-1]["error"] == "no paper"


async def test_a_closed_gate_is_a_completed_execution_with_its_reasons(lab):
    async def close(run, claimed):
        await lab.room.claims.skipped(claimed.execution_id, [{"code": "file_types", "message": "only docs"}])

    lab.work = close
    ended = await lab.ended(await lab.start())
    assert (ended.status, ended.outcome) == ("completed", "skipped")
    assert ended.reasons[0]["message"] == "only docs"
    report = await until(lab.room.figures.report, lambda each: each["executions"]["ended"])
    assert (report["executions"]["skipped"], report["executions"]["success_rate"]) == (1, 1.0)


async def test_never_more_than_allowed_run_at_once_and_the_queue_is_seen(tmp_path):
    async with a_lab(f"sqlite:///{tmp_path}/b.db", tmp_path, pace=replace(QUICK, concurrent=3)) as lab:
        go_on, most = asyncio.Event(), []

        async def hold(run, _):
            most.append(sum(not each.ended for each in lab.n8n.executed.values()))
            await go_on.wait()
            run.finished("Work")

        lab.work = hold
        ids = [await lab.start() for _ in range(8)]
        await until(lambda: lab.records.executions.count(ExecutionsWanted(statuses=("running",))), lambda n: n == 3)
        assert await lab.records.executions.count(ExecutionsWanted(statuses=("queued",))) == 5
        go_on.set()
        assert {(await lab.ended(each)).status for each in ids} == {"completed"}
        assert max(most) <= 3
        assert len(lab.n8n.starts) == 8


async def test_a_full_queue_refuses(tmp_path):
    async with a_lab(f"sqlite:///{tmp_path}/b.db", tmp_path, pace=replace(QUICK, queued=2)) as lab:
        await lab.room.engine.close()
        for _ in range(2):
            await lab.start()
        with pytest.raises(TooManyRequests):
            await lab.start()


async def test_with_n8n_down_starts_wait_and_run_when_it_is_back(lab):
    lab.n8n.down = True
    ids = [await lab.start() for _ in range(3)]
    await until(lambda: lab.get(ids[0]), lambda each: "cannot be reached" in each.error)
    lab.n8n.down = False
    assert {(await lab.ended(each)).status for each in ids} == {"completed"}
    assert len(lab.n8n.starts) == 3


async def test_a_hook_that_does_not_answer_is_published_again(lab):
    lab.n8n.hooks.clear()
    assert (await lab.ended(await lab.start())).status == "completed"
    assert lab.revived == 1


async def test_a_start_that_was_lost_on_the_way_is_asked_for_again(lab):
    real, lost = lab.n8n.executions.start, []

    async def lose_first(url, body, headers, **more):
        if lost:
            return await real(url, body, headers, **more)
        lost.append(body)
        return Answer(200)

    lab.n8n.executions.start = lose_first
    ended = await lab.ended(await lab.start())
    assert (ended.status, ended.starts) == ("completed", 2)


async def test_a_start_nobody_claimed_is_recognised_by_its_trace_and_not_repeated(lab):
    async def silent(run):
        await asyncio.sleep(0.8)
        run.finished("Start")

    lab.n8n.behaviour = silent
    ended = await lab.ended(await lab.start())
    assert (ended.status, ended.starts) == ("completed", 1)
    assert ended.n8n_execution_id


async def test_of_two_claimants_only_one_works(lab):
    worked = []

    async def work(run, claimed):
        worked.append(claimed.execution_id)
        run.finished("Work")

    lab.work = work
    execution_id = await lab.start()
    ended = await lab.ended(execution_id)
    workflow = lab.n8n.kept[lab.workflow_id]
    twin = lab.n8n.run(workflow, lab.n8n.bodies[ended.n8n_execution_id])
    await lab.n8n.tasks[twin]
    assert worked == [execution_id]


async def test_a_wrong_claim_and_a_foreign_workflow_are_refused(lab):
    execution_id = await lab.start()
    ended = await lab.ended(execution_id)
    with pytest.raises(Forbidden):
        await lab.room.claims.claim(execution_id, "guess", N8nPlace(lab.workflow_id, "99"), {})
    with pytest.raises(Forbidden):
        await lab.room.claims.claim(execution_id, ended.claim, N8nPlace("another", "99"), {})
    with pytest.raises(Forbidden):
        await lab.room.claims.claim("no such id", "x", N8nPlace(lab.workflow_id, "99"), {})


async def test_what_a_person_starts_in_n8n_is_recorded_once(lab):
    made = lab.n8n.run(lab.n8n.kept[lab.workflow_id], {"data": {"input": {"b": 2}}})
    (record,) = await until(_found(lab, made))
    ended = await lab.ended(record.execution_id)
    assert (ended.status, ended.trigger, ended.tenant) == ("completed", "manual", "tester")


def _found(lab, n8n_execution_id):
    async def ask():
        return (await lab.records.executions.find(ExecutionsWanted(n8n_execution_id=n8n_execution_id))).items

    return ask


async def test_what_never_reached_a_step_of_ours_is_recorded_too(lab):
    async def fail(run):
        raise NodeFailed("broken before the gate")

    lab.n8n.behaviour = fail
    made = lab.n8n.run(lab.n8n.kept[lab.workflow_id], {})
    (record,) = await until(_found(lab, made))
    ended = await lab.ended(record.execution_id)
    assert (ended.status, ended.error) == ("failed", "broken before the gate")


async def test_stopping_reaches_n8n_and_ends_the_record_once(lab):
    started = asyncio.Event()

    async def hold(run, _):
        started.set()
        await asyncio.Event().wait()

    lab.work = hold
    execution_id = await lab.start()
    await asyncio.wait_for(started.wait(), 10)
    stopped = await lab.room.stopping.stop(await lab.get(execution_id))
    assert (stopped.status, stopped.error) == ("canceled", "It was stopped.")
    assert lab.n8n.executed[stopped.n8n_execution_id].status == "canceled"
    with pytest.raises(Conflict):
        await lab.room.stopping.stop(stopped)


async def test_what_waits_in_the_queue_can_be_stopped_and_never_starts(lab):
    lab.n8n.down = True
    execution_id = await lab.start()
    await lab.room.stopping.stop(await lab.get(execution_id))
    lab.n8n.down = False
    await lab.ended(await lab.start())
    assert len(lab.n8n.starts) == 1
    assert (await lab.get(execution_id)).status == "canceled"


async def test_what_takes_too_long_is_stopped_and_says_so(tmp_path):
    async with a_lab(f"sqlite:///{tmp_path}/b.db", tmp_path, pace=replace(QUICK, timeout=1)) as lab:

        async def hold(run, _):
            await asyncio.Event().wait()

        lab.work = hold
        ended = await lab.ended(await lab.start())
        assert ended.status == "canceled"
        assert "time limit" in ended.error
        assert lab.n8n.executed[ended.n8n_execution_id].status == "canceled"


async def test_a_crash_of_n8n_fails_what_ran(lab):
    started = asyncio.Event()

    async def hold(run, _):
        started.set()
        await asyncio.Event().wait()

    lab.work = hold
    execution_id = await lab.start()
    await asyncio.wait_for(started.wait(), 10)
    lab.n8n.crash()
    ended = await lab.ended(execution_id)
    assert (ended.status, ended.error) == ("failed", "n8n died while this execution ran.")


async def test_a_failed_one_is_retried_as_a_new_record(lab):
    async def fail(run, _):
        raise NodeFailed("once")

    lab.work = fail
    failed = await lab.ended(await lab.start())

    async def succeed(run):
        await asyncio.sleep(0.1)
        run.finished("Work")

    lab.n8n.behaviour = succeed
    retried = await lab.room.stopping.retry(failed)
    ended = await lab.ended(retried.execution_id)
    assert (ended.status, ended.retry_of) == ("completed", failed.execution_id)
    with pytest.raises(Conflict):
        await lab.room.stopping.retry(ended)


async def test_an_unknown_workflow_is_not_found_and_leaves_no_row(lab):
    with pytest.raises(NotFound):
        await lab.start(workflow_id="nobody")
    assert await lab.records.executions.count(ExecutionsWanted()) == 0


async def test_listeners_hear_what_happens_in_order(lab):
    heard = []
    async with lab.room.events.listening() as queue:
        execution_id = await lab.start()
        while not heard or not heard[-1].endswith("completed"):
            happening = await asyncio.wait_for(queue.get(), 10)
            assert happening.execution.execution_id == execution_id
            heard.append(happening.kind)
    assert heard[0] == "execution.started"
    assert heard[-1] == "execution.completed"


def arrived(lab, number, lane="repo main"):
    return lab.room.superseding.start(
        lab.workflow_id,
        execution_id=f"00000000-0000-4000-8000-{number:012}",
        tenant="tester",
        trigger="git_push",
        event={"after": f"sha{number}"},
        lane=lane,
        delivery_id=f"d{number}",
    )


async def test_a_burst_of_events_is_worked_on_once_for_the_newest(lab):
    ids = [await arrived(lab, number) for number in range(5)]
    last = await lab.ended(ids[-1])
    assert last.status == "completed"
    assert [each["after"] for each in last.trigger_data["superseded"]] == ["sha0", "sha1", "sha2", "sha3"]
    assert {(await lab.get(each)).status for each in ids[:-1]} == {"canceled"}
    assert len(lab.n8n.starts) == 1


async def test_a_newer_event_stops_what_runs_and_another_lane_is_left_alone(lab):
    started = []

    async def hold(run, claimed):
        started.append(claimed.execution_id)
        await (asyncio.Event().wait() if claimed.event["after"] == "sha1" else asyncio.sleep(0))

    lab.work = hold
    older, other = await arrived(lab, 1), await arrived(lab, 3, lane="repo other")
    await until(_truly(lambda: older in started and other in started))
    newer = await arrived(lab, 2)
    assert (await lab.ended(newer)).status == "completed"
    stopped = await lab.get(older)
    assert (stopped.status, stopped.error) == ("canceled", "A newer revision took its place: sha2.")
    assert (await lab.ended(other)).status == "completed"


def _truly(question):
    async def ask():
        return question()

    return ask


async def test_the_same_arrival_twice_is_one_execution(lab):
    first, again = await asyncio.gather(arrived(lab, 1, lane=""), arrived(lab, 1, lane=""))
    assert first == again
    await lab.ended(first)
    assert await arrived(lab, 1, lane="") == first
    assert len(lab.n8n.starts) == 1
