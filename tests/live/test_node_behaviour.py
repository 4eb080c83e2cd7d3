"""What our nodes do inside a real n8n, against a bridge whose timing the test decides."""

import json
import threading
import time

import psutil
import pytest

from tests.live.scripted_bridge import PATTERN, ScriptedBridge, pattern_digest

pytestmark = pytest.mark.live
TYPE = "multimodalBridgeApi"
TEXT = {"source": "text", "text": "={{ $json.text }}", "waitMode": "poll"}
MIB = 2**20


@pytest.fixture(scope="module")
def bridge():
    with ScriptedBridge() as scripted:
        yield scripted


@pytest.fixture
def n8n(live_n8n, bridge):
    """n8n with a credential for the scripted bridge under `credential`."""
    data = {"baseUrl": bridge.url, "apiKey": "any"}
    made = live_n8n.client.api("POST", "/credentials", json={"name": "scripted", "type": TYPE, "data": data})
    live_n8n.credential = {TYPE: {"id": made["id"], "name": "scripted"}}
    bridge.calls.clear()
    yield live_n8n
    for workflow in live_n8n.made:
        live_n8n.client.api("POST", f"/workflows/{workflow}/deactivate", json={})
    live_n8n.client.api("DELETE", f"/credentials/{made['id']}")


def step(n8n, parameters, name="Step", kind="multimodalAnalysis", **more):
    return {**n8n.node(name, kind, parameters, **more), "credentials": n8n.credential}


def split(field="body.items"):
    return {
        "id": "split", "name": "Split", "type": "n8n-nodes-base.splitOut", "typeVersion": 1, "position": [100, 0],
        "parameters": {"fieldToSplitOut": field, "options": {}},
    }  # fmt: skip


def http(name, parameters):
    return {
        "id": name, "name": name, "type": "n8n-nodes-base.httpRequest", "typeVersion": 4.2, "position": [100, 0],
        "parameters": parameters,
    }  # fmt: skip


def items_of(execution, node):
    return [item["json"] for run in execution["data"]["resultData"]["runData"][node] for item in run["data"]["main"][0]]


def published(n8n, *nodes, connections=None, mode="onReceived"):
    path = n8n.unique_path()
    start = n8n.webhook(path, mode)
    return path, n8n.publish([start, *nodes], connections or n8n.chain(start, *nodes))


TEN = {"items": [{"text": f"t{number}" if number != 4 else "boom"} for number in range(10)]}


def test_ten_items_with_one_failure_stop_at_the_failure(n8n, bridge):
    path, workflow = published(n8n, split(), step(n8n, TEXT))
    n8n.call(path, json=TEN)
    error = n8n.await_execution(workflow)["data"]["resultData"]["error"]
    assert error["message"] == "The text 'boom' cannot be analyzed. Send another one."
    assert "/text: must not be boom" in error["description"]
    assert error["httpCode"] == "422"
    assert error["context"]["itemIndex"] == 4


def test_ten_items_with_one_failure_go_on_in_order_when_told_to(n8n, bridge):
    path, workflow = published(n8n, split(), step(n8n, TEXT, onError="continueRegularOutput"))
    n8n.call(path, json=TEN)
    items = items_of(n8n.await_execution(workflow), "Step")
    assert [item.get("echo") for item in items] == ["t0", "t1", "t2", "t3", None, "t5", "t6", "t7", "t8", "t9"]
    assert items[4]["error"] == "The text 'boom' cannot be analyzed. Send another one."
    assert items[4]["details"]["code"] == "unusable"
    assert items[4]["details"]["issues"][0]["where"] == "/text"


def test_the_failed_item_leaves_by_the_error_output(n8n, bridge):
    failed, good = (
        {
            "id": name,
            "name": name,
            "type": "n8n-nodes-base.noOp",
            "typeVersion": 1,
            "position": [400, 0],
            "parameters": {},
        }
        for name in ("Failed", "Good")
    )
    nodes = [split(), step(n8n, TEXT, onError="continueErrorOutput"), good, failed]
    links = {
        **n8n.chain({"name": "Start"}, *nodes[:2]),
        "Step": {"main": [[{"node": "Good", "type": "main", "index": 0}], [{"node": "Failed", "type": "main", "index": 0}]]},
    }  # fmt: skip
    path, workflow = published(n8n, *nodes, connections=links)
    n8n.call(path, json=TEN)
    ended = n8n.await_execution(workflow)
    assert len(items_of(ended, "Good")) == 9
    assert [item["error"] for item in items_of(ended, "Failed")] == [
        "The text 'boom' cannot be analyzed. Send another one."
    ]


def test_the_bridge_learns_who_asks(n8n, bridge):
    path, workflow = published(n8n, step(n8n, {**TEXT, "text": "x"}, name="Prüfe Ä/1"))
    n8n.call(path, json={})
    ended = n8n.await_execution(workflow)
    headers = bridge.calls[-1]["headers"]
    assert headers["X-N8N-Execution-Id"] == str(ended["id"])
    assert headers["X-N8N-Workflow-Id"] == workflow
    assert headers["X-N8N-Node"] == "Pr%C3%BCfe%20%C3%84%2F1"
    assert headers["Idempotency-Key"].startswith(f"{ended['id']}-")
    assert headers["Idempotency-Key"].endswith("-0-0")
    assert headers["X-Bridge-Step-Version"] == "1"


def test_a_loop_gives_every_round_a_key_of_its_own(n8n, bridge):
    loop = {
        "id": "loop", "name": "Loop", "type": "n8n-nodes-base.splitInBatches", "typeVersion": 3, "position": [200, 0],
        "parameters": {"options": {}},
    }  # fmt: skip
    nodes = [split(), loop, step(n8n, TEXT)]
    links = {
        **n8n.chain({"name": "Start"}, *nodes[:2]),
        "Loop": {"main": [[], [{"node": "Step", "type": "main", "index": 0}]]},
        "Step": {"main": [[{"node": "Loop", "type": "main", "index": 0}]]},
    }  # fmt: skip
    path, workflow = published(n8n, *nodes, connections=links)
    n8n.call(path, json={"items": [{"text": "a"}, {"text": "b"}, {"text": "c"}]})
    assert n8n.await_execution(workflow)["status"] == "success"
    keys = [call["headers"]["Idempotency-Key"] for call in bridge.calls]
    assert len(set(keys)) == 3
    assert [key.split("-")[-2] for key in keys] == ["0", "1", "2"]


def test_a_polled_run_returns_its_result(n8n, bridge):
    path, workflow = published(n8n, step(n8n, {**TEXT, "text": "slow one"}))
    before = set(bridge.runs)
    n8n.call(path, json={})
    run_id = bridge.until(lambda: next(iter(set(bridge.runs) - before), None), "the run starts")
    bridge.end(run_id)
    (item,) = items_of(n8n.await_execution(workflow), "Step")
    assert (item["run_id"], item["echo"]) == (run_id, "slow one")


def test_a_canceled_execution_drops_the_poll_at_once(n8n, bridge):
    path, workflow = published(n8n, step(n8n, {**TEXT, "text": "slow to cancel"}))
    before = set(bridge.runs)
    n8n.call(path, json={})
    run_id = bridge.until(lambda: next(iter(set(bridge.runs) - before), None), "the run starts")
    execution = bridge.until(lambda: n8n.client.executions(workflow, status="running"), "n8n lists the execution")[0]
    bridge.until(lambda: run_id in bridge.polled, "the poll begins")
    asked = time.monotonic()
    n8n.client.api("POST", f"/executions/{execution['id']}/stop", json={})
    bridge.until(lambda: run_id in bridge.canceled_at, "the connection of the poll drops", 10)
    assert bridge.canceled_at[run_id] - asked < 3
    assert n8n.await_execution(workflow)["status"] == "canceled"


def waiting(n8n, bridge, workflow):
    return bridge.until(lambda: n8n.client.executions(workflow, status="waiting"), "the execution is asleep")


def test_a_parked_run_resumes_once_although_called_back_three_times(n8n, bridge):
    path, workflow = published(n8n, step(n8n, {**TEXT, "text": "slow and parked", "waitMode": "park"}))
    before = set(bridge.runs)
    n8n.call(path, json={})
    waiting(n8n, bridge, workflow)
    (run_id,) = set(bridge.runs) - before
    assert bridge.call_back(run_id) == 409
    bridge.end(run_id)
    answers = [bridge.call_back(run_id) for _ in range(3)]
    ended = n8n.await_execution(workflow)
    assert answers[0] == 200
    assert all(status >= 400 for status in answers[1:])
    assert ended["status"] == "success"
    assert [item["echo"] for item in items_of(ended, "Step")] == ["slow and parked"]


def test_three_parked_runs_in_a_loop_are_not_mixed_up_by_repeated_calls(n8n, bridge):
    loop = {
        "id": "loop", "name": "Loop", "type": "n8n-nodes-base.splitInBatches", "typeVersion": 3, "position": [200, 0],
        "parameters": {"options": {}},
    }  # fmt: skip
    done = {
        "id": "done",
        "name": "Done",
        "type": "n8n-nodes-base.noOp",
        "typeVersion": 1,
        "position": [400, 0],
        "parameters": {},
    }
    nodes = [split(), loop, step(n8n, {**TEXT, "waitMode": "park"}), done]
    links = {
        **n8n.chain({"name": "Start"}, *nodes[:2]),
        "Loop": {"main": [[{"node": "Done", "type": "main", "index": 0}], [{"node": "Step", "type": "main", "index": 0}]]},
        "Step": {"main": [[{"node": "Loop", "type": "main", "index": 0}]]},
    }  # fmt: skip
    path, workflow = published(n8n, *nodes, connections=links)
    seen = set(bridge.runs)
    n8n.call(path, json={"items": [{"text": f"slow {name}"} for name in "abc"]})
    earlier = ""
    for _ in range(3):
        run_id = bridge.until(
            lambda known=frozenset(seen): next(iter(set(bridge.runs) - known), None), "the next run starts"
        )
        seen.add(run_id)
        waiting(n8n, bridge, workflow)
        if earlier:
            assert bridge.call_back(earlier) == 409
        bridge.end(run_id)
        bridge.until(lambda each=run_id: bridge.call_back(each) == 200, "the call is taken")
        earlier = run_id
    ended = n8n.await_execution(workflow)
    assert [item["echo"] for item in items_of(ended, "Done")] == ["slow a", "slow b", "slow c"]


def test_runs_that_are_not_waited_for_are_collected_in_order(n8n, bridge):
    collect = step(n8n, {"runIds": "={{ $json.run_id }}"}, name="Collect", kind="collectRuns")
    path, workflow = published(n8n, split(), step(n8n, {**TEXT, "waitMode": "none"}), collect)
    before = set(bridge.runs)
    n8n.call(path, json={"items": [{"text": f"slow {number}"} for number in range(3)]})
    bridge.until(lambda: len(set(bridge.runs) - before) == 3, "all three runs start")
    for run_id in sorted(set(bridge.runs) - before, key=lambda each: bridge.runs[each]["echo"], reverse=True):
        bridge.end(run_id)
    assert [item["echo"] for item in items_of(n8n.await_execution(workflow), "Collect")] == [
        "slow 0",
        "slow 1",
        "slow 2",
    ]


def peak_of(process, work):
    """Run *work* and return how much memory the process used at most meanwhile, beyond what it had before, in MiB."""
    before = highest = process.memory_info().rss
    over = threading.Event()

    def watch():
        nonlocal highest
        while not over.wait(0.05):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        over.set()
        watcher.join()
    return (highest - before) / MIB


@pytest.mark.parametrize(("size", "way"), [(1024, "parts"), (10 * MIB, "blobs"), (300 * MIB, "blobs")])
def test_files_go_in_and_out_unchanged_with_flat_memory(n8n, bridge, size, way):
    fetch = http("Fetch", {
        "url": f"{bridge.url}/v1/files/pattern-{size}", "options": {"response": {"response": {"responseFormat": "file"}}},
    })  # fmt: skip
    analyze = step(n8n, {"source": "file", "binaryPropertyName": "data", "waitMode": "poll"}, name="In")
    make = step(n8n, {**TEXT, "text": f"make:{size}"}, name="Out")
    send = http("Send", {
        "method": "PUT", "url": f"{bridge.url}/sink", "sendBody": True, "contentType": "binaryData",
        "inputDataFieldName": "data", "options": {},
    })  # fmt: skip
    path, workflow = published(n8n, fetch, analyze, make, send)
    bridge.sunk.clear()
    ended = {}

    def work():
        n8n.call(path, json={})
        ended.update(n8n.await_execution(workflow, 200))

    grown = peak_of(psutil.Process(n8n.server.child.pid), work)
    assert ended["status"] == "success", ended["data"]["resultData"].get("error")
    (into,) = items_of(ended, "In")
    assert (into["size"], into["sha256"]) == (size, pattern_digest(size))
    assert bridge.sunk == [(size, pattern_digest(size))]
    assert bool(bridge.calls[-2]["parts"]) is (way == "parts")
    out = ended["data"]["resultData"]["runData"]["Out"][0]["data"]["main"][0][0]["binary"]["data"]
    assert (out["fileName"], out["mimeType"]) == ("made.bin", "application/x-made")
    # Garbage collection makes the figure unsteady; keeping one copy of the large file would be 300 and more.
    # One copy of the file would be 300; the collector of n8n's engine leaves up to about 200 behind at times.
    assert grown < 260, f"n8n grew by {grown:.0f} MiB"
    assert len(PATTERN) < size or size == 1024


def test_a_trigger_starts_on_signed_events_only(n8n, bridge):
    trigger = {
        **step(n8n, {"events": ["git_push"]}, name="Start", kind="bridgeTrigger"),
        "webhookId": n8n.unique_path(),
    }
    before = set(bridge.hooks)
    workflow = n8n.publish([trigger, split("data.files")], n8n.chain(trigger, split()))
    hook_id = bridge.until(lambda: next(iter(set(bridge.hooks) - before), None), "the trigger registers")
    hook = bridge.hooks[hook_id]
    assert (hook["events"], hook["workflow_id"], hook["node"], hook["test"]) == (["git_push"], workflow, "Start", False)
    event = {"type": "git_push", "timestamp": "2026-01-01T00:00:00Z", "data": {"files": [{"path": "a"}, {"path": "b"}]}}
    assert bridge.deliver(hook_id, event, secret="whsec_d3Jvbmc=").status_code == 401
    bridge.until(lambda: bridge.deliver(hook_id, event).status_code == 200, "the webhook answers")
    assert [item["path"] for item in items_of(n8n.await_execution(workflow), "Split")] == ["a", "b"]
    assert len(n8n.client.executions(workflow)) == 1
    n8n.client.api("POST", f"/workflows/{workflow}/deactivate", json={})
    bridge.until(lambda: hook_id not in bridge.hooks, "the trigger is unregistered")


def test_an_agent_calls_a_node_as_its_tool(n8n, bridge):
    data = {"apiKey": "x", "url": f"{bridge.url}/model/v1", "header": False}
    made = n8n.client.api("POST", "/credentials", json={"name": "model", "type": "openAiApi", "data": data})
    agent = {
        "id": "agent", "name": "Agent", "type": "@n8n/n8n-nodes-langchain.agent", "typeVersion": 3, "position": [200, 0],
        "parameters": {"promptType": "define", "text": "Analyze it.", "options": {}},
    }  # fmt: skip
    model = {
        "id": "model", "name": "Model", "type": "@n8n/n8n-nodes-langchain.lmChatOpenAi", "typeVersion": 1.3, "position": [200, 200],
        "parameters": {"model": {"__rl": True, "mode": "id", "value": "scripted"}, "responsesApiEnabled": False, "options": {}},
        "credentials": {"openAiApi": {"id": made["id"], "name": "model"}},
    }  # fmt: skip
    asked = {"source": "text", "text": "={{ $fromAI('text', 'the text to analyze', 'string') }}", "waitMode": "poll"}
    tool = step(n8n, asked, name="Multimodal Analysis", kind="multimodalAnalysisTool")
    start = n8n.webhook(path := n8n.unique_path(), "lastNode")
    links = {
        **n8n.chain(start, agent),
        "Model": {"ai_languageModel": [[{"node": "Agent", "type": "ai_languageModel", "index": 0}]]},
        "Multimodal Analysis": {"ai_tool": [[{"node": "Agent", "type": "ai_tool", "index": 0}]]},
    }
    workflow = n8n.publish([start, agent, model, tool], links)
    answer = n8n.call(path, json={}, timeout=60)
    assert n8n.await_execution(workflow)["status"] == "success", answer.text
    n8n.client.api("DELETE", f"/credentials/{made['id']}")
    offered = bridge.model_turns[0]["tools"][0]["function"]
    assert "source code" in offered["description"]
    assert offered["parameters"]["properties"]["text"]["description"] == "the text to analyze"
    assert bridge.calls[-1]["input"]["text"] == "from the model"
    assert "from the model" in json.dumps(answer.json())


def test_a_plain_http_request_node_does_the_same_job(n8n, bridge):
    ask = http("Ask", {
        "method": "POST", "url": f"{bridge.url}/v1/steps/multimodal_analysis", "sendBody": True,
        "specifyBody": "json", "jsonBody": "={{ { text: $json.body.text } }}", "options": {},
        "authentication": "predefinedCredentialType", "nodeCredentialType": TYPE,
    })  # fmt: skip
    path, workflow = published(n8n, {**ask, "credentials": n8n.credential})
    n8n.call(path, json={"text": 'with "quotes"'})
    (item,) = items_of(n8n.await_execution(workflow), "Ask")
    assert item["echo"] == 'with "quotes"'
    assert bridge.calls[-1]["headers"]["Authorization"] == "Bearer any"
