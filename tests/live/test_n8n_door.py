"""What every adapter of the n8n door owes: the fake and a real n8n 2.40.7 pass the same tests."""

import asyncio
import itertools
import time
import uuid

import aiohttp
import pytest

from bridge.doors.n8n.calling import Caller
from bridge.doors.n8n.in_memory import InMemoryN8n
from bridge.doors.n8n.over_http import N8nOverHttp
from bridge.problems import Conflict, Forbidden, NotFound, Unusable

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.live)])
async def n8n(request):
    """The door, its webhook base, and everything it made removed afterwards."""
    if request.param == "fake":
        fake = InMemoryN8n()
        yield fake
        await fake.close()
        return
    live = request.getfixturevalue("live_n8n")
    async with aiohttp.ClientSession() as session:
        real = N8nOverHttp(Caller(session, live.url, live.api_key))
        real.origin = live.url
        yield real


def node(name, kind, **parameters):
    made = {"id": name.lower(), "name": name, "type": f"n8n-nodes-base.{kind}", "typeVersion": 1, "position": [0, 0]}
    return {**made, "parameters": parameters}


def document(*more, name=None):
    """Return a workflow that starts at a webhook of its own and runs *more* in a row."""
    path = uuid.uuid4().hex
    hook = node("Webhook", "webhook", path=path, httpMethod="POST")
    hook |= {"typeVersion": 2, "webhookId": str(uuid.uuid4())}
    nodes = [hook, *(more or [node("Done", "noOp")])]
    names = [each["name"] for each in nodes]
    links = {a: {"main": [[{"node": b, "type": "main", "index": 0}]]} for a, b in itertools.pairwise(names)}
    settings = {"executionOrder": "v1", "saveExecutionProgress": True, "saveManualExecutions": True}
    return {"name": name or f"contract {path[:8]}", "nodes": nodes, "connections": links, "settings": settings}


async def until(question, wanted=lambda answer: answer, within=15.0):
    """Ask again until the answer is wanted; fail loudly when it never is."""
    deadline = time.monotonic() + within
    while not wanted(answer := await question()):
        assert time.monotonic() < deadline, f"still {answer!r}"
        await asyncio.sleep(0.03)
    return answer


def hook_of(n8n, stored):
    path = next(each["parameters"]["path"] for each in stored.document["nodes"] if each["name"] == "Webhook")
    return f"{n8n.origin}/webhook/{path}"


@pytest.fixture
async def deploy(n8n):
    """Create and publish a document, wait for its hook, and remove it in the end."""
    made = []

    async def go(given):
        stored = await n8n.workflows.create(given)
        made.append(stored.id)
        await n8n.workflows.publish(stored.id)
        await until(lambda: n8n.executions.answers(hook_of(n8n, stored)))
        return stored

    yield go
    for each in made:
        await removed(n8n, each)


async def removed(n8n, workflow_id):
    await n8n.workflows.unpublish(workflow_id)

    async def gone():
        try:
            await n8n.workflows.delete(workflow_id)
        except Conflict:
            return False
        return True

    await until(gone)


async def test_what_was_read_can_be_written_back(n8n):
    stored = await n8n.workflows.create(document())
    read = await n8n.workflows.get(stored.id)
    again = await n8n.workflows.update(stored.id, {**read.document, "active": False, "id": "x", "meta": {}})
    assert (again.id, again.name) == (stored.id, stored.name)
    await n8n.workflows.delete(stored.id)
    with pytest.raises(NotFound):
        await n8n.workflows.get(stored.id)


@pytest.mark.parametrize("fault", ["twice", "dangling"])
async def test_a_broken_structure_is_refused_at_once_in_n8ns_words(n8n, fault):
    broken = document(node("A", "noOp"), node("A", "noOp")) if fault == "twice" else document()
    if fault == "dangling":
        broken["connections"]["Webhook"]["main"][0][0]["node"] = "Nobody"
    with pytest.raises(Unusable) as refused:
        await n8n.workflows.create(broken)
    assert refused.value.upstream.status == 400
    assert "structure is invalid" in refused.value.upstream.message


async def test_an_unknown_node_type_is_found_only_when_publishing(n8n):
    strange = document({**node("A", "noOp"), "type": "nope.nope"})
    stored = await n8n.workflows.create(strange)
    with pytest.raises(Unusable, match="Unrecognized node type"):
        await n8n.workflows.publish(stored.id)
    await n8n.workflows.delete(stored.id)


async def test_a_workflow_without_a_trigger_can_not_be_published(n8n):
    only = {**document(), "nodes": [node("Manual", "manualTrigger")], "connections": {}}
    stored = await n8n.workflows.create(only)
    with pytest.raises(Unusable, match="no trigger node"):
        await n8n.workflows.publish(stored.id)
    await n8n.workflows.delete(stored.id)


async def test_publishing_registers_the_hook_later_and_unpublishing_removes_it(n8n):
    stored = await n8n.workflows.create(document())
    assert not await n8n.executions.answers(hook_of(n8n, stored))
    assert (await n8n.workflows.publish(stored.id)).active
    await until(lambda: n8n.executions.answers(hook_of(n8n, stored)))
    assert (await until(lambda: n8n.workflows.get(stored.id), lambda now: now.trigger_count > 0)).active
    with pytest.raises(Conflict):
        await n8n.workflows.delete(stored.id)
    await removed(n8n, stored.id)


async def test_asking_whether_a_hook_answers_starts_nothing(n8n, deploy):
    stored = await deploy(document())
    assert await n8n.executions.list(workflow_id=stored.id) == []


async def test_a_start_runs_the_workflow_and_keeps_our_trace_id(n8n, deploy):
    stored = await deploy(document())
    answer = await n8n.executions.start(
        hook_of(n8n, stored), b'{"a": 1}', {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    )
    assert answer.status == 200
    (ended,) = await until(lambda: n8n.executions.list(workflow_id=stored.id), lambda found: found and found[0].ended)
    whole = await n8n.executions.get(ended.id, data=True)
    assert (whole.status, whole.trace_id, whole.workflow_id) == ("success", TRACE, stored.id)
    assert [each.node for each in whole.nodes] == ["Webhook", "Done"]
    assert whole.last_node == "Done"


async def test_a_start_nobody_listens_to_says_so(n8n):
    answer = await n8n.executions.start(f"{n8n.origin}/webhook/{uuid.uuid4().hex}", b"{}", {})
    assert answer.status == 404
    assert "not registered" in answer.message


async def test_a_failure_tells_which_node_and_why(n8n, deploy):
    stored = await deploy(document(node("Fail", "stopAndError", errorMessage="out of paper")))
    await n8n.executions.start(hook_of(n8n, stored), b"{}", {})
    (failed,) = await until(lambda: n8n.executions.list(workflow_id=stored.id, statuses=["error"]))
    whole = await n8n.executions.get(failed.id, data=True)
    assert "out of paper" in whole.error
    retried = await n8n.executions.retry(failed.id)
    assert (retried.retry_of, retried.ended) == (failed.id, True)


async def test_a_running_one_is_listed_can_be_stopped_once_and_shows_finished_nodes(n8n, deploy):
    stored = await deploy(document(node("First", "noOp"), node("Hold", "wait", amount=30, unit="seconds")))
    await n8n.executions.start(hook_of(n8n, stored), b"{}", {})
    (running,) = await until(lambda: n8n.executions.list(workflow_id=stored.id))
    assert not running.ended
    await until(
        lambda: n8n.executions.get(running.id, data=True), lambda now: "First" in [each.node for each in now.nodes]
    )
    stopped = await n8n.executions.stop(running.id)
    assert stopped.status == "canceled"
    with pytest.raises(Conflict):
        await n8n.executions.stop(running.id)


async def test_tags_and_credentials_are_found_or_made(n8n):
    name = f"contract-{uuid.uuid4().hex[:8]}"
    tag = await n8n.tags.ensure(name)
    assert await n8n.tags.ensure(name) == tag
    stored = await n8n.workflows.create(document())
    await n8n.tags.assign(stored.id, [tag])
    assert [each.id for each in await n8n.workflows.list(tag=name)] == [stored.id]
    assert await n8n.workflows.list(name="no such name") == []
    await n8n.workflows.delete(stored.id)
    made = await n8n.credentials.create(name, "httpHeaderAuth", {"name": "X-Token", "value": "secret"})
    assert made in await n8n.credentials.list()
    await n8n.credentials.update(made.id, {"name": "X-Token", "value": "other"})
    await n8n.credentials.delete(made.id)
    with pytest.raises(NotFound):
        await n8n.credentials.delete(made.id)
    with pytest.raises(Unusable):
        await n8n.credentials.create(name, "nope", {})


@pytest.mark.parametrize("strange", ["..", "a/b", "x" * 99, "%2e%2e", ""])
async def test_what_is_no_id_names_nothing(n8n, strange):
    with pytest.raises(NotFound):
        await n8n.executions.get(strange)


async def test_the_door_knows_its_version(n8n):
    assert (await n8n.executions.ping()).startswith("2.40")


@pytest.mark.live
async def test_no_other_address_is_ever_called(live_n8n):
    async with aiohttp.ClientSession() as session:
        door = N8nOverHttp(Caller(session, live_n8n.url, live_n8n.api_key))
        with pytest.raises(Forbidden):
            await door.executions.start("http://elsewhere.invalid/webhook/x", b"{}", {})
