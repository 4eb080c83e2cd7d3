"""Steps become runs: answered at once or later, kept, waited for, canceled, claimed."""

import asyncio
import time

import httpx
import pytest

from tests.service import OTHER

ECHO, WAIT = "/v1/steps/echo", "/v1/steps/patience"


def waiting(folder, name="one", **more):
    return {"name": name, "folder": str(folder), "until": "go", **more}


async def ended(client, run_id, seconds=20):
    answer = await client.get(f"/v1/runs/{run_id}", headers={"Prefer": f"wait={seconds}"})
    return answer.json()


async def test_a_quick_step_answers_its_result_and_keeps_its_run(alice):
    answer = await alice.post(ECHO, json={"text": "hello"})
    assert answer.status_code == 200
    assert answer.json()["text"] == "hello"
    assert answer.json()["success"] is True
    kept = (await alice.get(answer.headers["Location"])).json()
    assert kept["status"] == "completed"
    assert kept["result"] == answer.json()


async def test_a_long_step_answers_202_and_ends_later(alice, tmp_path):
    answer = await alice.post(WAIT, json=waiting(tmp_path))
    assert answer.status_code == 202
    assert answer.json()["status"] in ("queued", "running")
    (tmp_path / "go").touch()
    found = await ended(alice, answer.json()["id"])
    assert (found["status"], found["result"]["name"], found["attempt"]) == ("completed", "one", 1)


async def test_a_quick_step_may_be_sent_to_the_background(alice):
    answer = await alice.post(ECHO, json={"text": "hello"}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert (await ended(alice, answer.json()["id"]))["result"]["text"] == "hello"


async def test_waiting_for_a_long_step_gives_its_result_at_once(alice, tmp_path):
    (tmp_path / "go").touch()
    answer = await alice.post(WAIT, json=waiting(tmp_path), headers={"Prefer": "wait=20"})
    assert answer.status_code == 200
    assert answer.json()["name"] == "one"


async def test_waiting_ends_when_the_time_is_over(alice, tmp_path):
    answer = await alice.post(WAIT, json=waiting(tmp_path), headers={"Prefer": "wait=1"})
    assert answer.status_code == 202
    (tmp_path / "go").touch()
    assert (await ended(alice, answer.json()["id"]))["status"] == "completed"


async def test_progress_is_told_as_events_that_close_with_the_end(alice, tmp_path):
    run = (await alice.post(WAIT, json=waiting(tmp_path))).json()
    lines = []
    async with alice.stream("GET", f"/v1/runs/{run['id']}/events") as stream:
        async for line in stream.aiter_lines():
            lines.append(line)
            if "half way" in line:
                (tmp_path / "go").touch()
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert events[-1] == "ended"
    assert "progress" in events


@pytest.mark.parametrize(("how", "status"), [("code", 500), ("upstream", 502), ("unusable", 422), ("surrogate", 500)])
async def test_a_failing_step_is_a_problem_and_a_failed_run(alice, how, status):
    answer = await alice.post(ECHO, json={"fail": how, "text": "a-secret-value"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "a-secret-value" not in answer.text
    kept = (await alice.get(f"/v1/runs/{answer.json()['run_id']}")).json()
    assert kept["status"] == "failed"
    assert kept["error"]["code"] == answer.json()["code"]


async def test_a_failure_names_file_and_line(alice):
    answer = await alice.post(ECHO, json={"fail": "code"})
    assert "ZeroDivisionError at echo.py, line" in answer.json()["detail"]


async def test_a_run_that_misses_its_deadline_fails(alice, tmp_path):
    run = (await alice.post(WAIT, json=waiting(tmp_path), headers={"X-Bridge-Timeout": "1"})).json()
    found = await ended(alice, run["id"])
    assert found["status"] == "failed"
    assert found["error"]["status"] == 504


async def test_a_running_run_is_canceled_once(alice, tmp_path):
    run = (await alice.post(WAIT, json=waiting(tmp_path))).json()
    await until_started(tmp_path)
    first = await alice.post(f"/v1/runs/{run['id']}/cancel")
    assert first.status_code == 202
    assert (await ended(alice, run["id"]))["status"] == "canceled"
    assert (await alice.post(f"/v1/runs/{run['id']}/cancel")).status_code == 200


async def test_canceling_an_ended_run_is_a_conflict(alice):
    answer = await alice.post(ECHO, json={})
    assert (await alice.post(f"{answer.headers['Location']}/cancel")).status_code == 409


async def test_an_end_is_claimed_once(alice):
    place = (await alice.post(ECHO, json={"text": "mine"})).headers["Location"]
    answers = await asyncio.gather(*(alice.post(f"{place}/claim") for _ in range(5)))
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409, 409]


async def test_a_run_belongs_to_its_key(trial, alice):
    place = (await alice.post(ECHO, json={})).headers["Location"]
    async with trial.client(OTHER) as bob:
        answers = [
            await bob.get(place),
            await bob.post(f"{place}/cancel"),
            await bob.post(f"{place}/claim"),
            await bob.get(f"{place}/events"),
        ]
        assert [each.status_code for each in answers] == [404] * 4
        assert (await bob.get("/v1/runs")).json()["items"] == []


async def test_runs_are_listed_in_pages(alice):
    for number in range(5):
        await alice.post(ECHO, json={"text": str(number)})
    first = (await alice.get("/v1/runs", params={"limit": 3})).json()
    rest = (await alice.get("/v1/runs", params={"limit": 3, "cursor": first["next"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, "")


async def test_results_of_the_execution_can_be_referred_to(alice):
    def headers(node, index="0", item="0", execution="7"):
        return {
            "X-N8N-Workflow-Id": "w",
            "X-N8N-Execution-Id": execution,
            "X-N8N-Node": node,
            "X-N8N-Run-Index": index,
            "X-N8N-Item-Index": item,
        }

    for index, item, text in (("0", "0", "old"), ("1", "1", "second"), ("1", "0", "first")):
        await alice.post(ECHO, json={"text": text}, headers=headers("R%C3%BCck", index, item))
    await alice.post(ECHO, json={"text": "foreign"}, headers=headers("R%C3%BCck", execution="8"))
    found = (await alice.post(ECHO, json={"earlier": "node:Rück"}, headers=headers("Next"))).json()
    assert [each["text"] for each in found["earlier"]] == ["first", "second"]
    everything = (await alice.post(ECHO, json={"earlier": "all"}, headers=headers("Last"))).json()
    assert [each["text"] for each in everything["earlier"]] == ["old", "second", "first", ""]
    by_id = (await alice.post(ECHO, json={"earlier": f"run:{found['earlier'][0]['run_id']}"})).json()
    assert [each["text"] for each in by_id["earlier"]] == ["first"]


async def test_a_reference_to_nothing_is_not_found(alice):
    assert (await alice.post(ECHO, json={"earlier": "node:Nobody"})).status_code == 404


async def test_dropping_a_poll_cancels_the_run(alice, trial, tmp_path):
    run = (await alice.post(WAIT, json=waiting(tmp_path))).json()
    await until_started(tmp_path)
    headers = {"Prefer": "wait=30", "X-Bridge-Cancel": "disconnect"}
    async with trial.client(timeout_=0.5) as impatient:
        with pytest.raises(httpx.ReadTimeout):
            await impatient.get(f"/v1/runs/{run['id']}", headers=headers)
    assert (await ended(alice, run["id"]))["status"] == "canceled"


async def test_a_poll_that_is_renewed_keeps_the_run(alice, trial, tmp_path):
    run = (await alice.post(WAIT, json=waiting(tmp_path))).json()
    await until_started(tmp_path)
    headers = {"Prefer": "wait=30", "X-Bridge-Cancel": "disconnect"}
    async with trial.client(timeout_=0.5) as impatient:
        with pytest.raises(httpx.ReadTimeout):
            await impatient.get(f"/v1/runs/{run['id']}", headers=headers)
    polling = asyncio.create_task(alice.get(f"/v1/runs/{run['id']}", headers=headers))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(polling), 3.5)
    (tmp_path / "go").touch()
    assert (await polling).json()["status"] == "completed"


async def until_started(folder, name="one"):
    until = time.monotonic() + 10
    while not (folder / f"{name}.starts").exists():
        assert time.monotonic() < until
        await asyncio.sleep(0.02)
