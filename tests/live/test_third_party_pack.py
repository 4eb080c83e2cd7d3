"""A third party's pack, from its own distribution, on a real bridge and in a real n8n: files, long runs, parking."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from bridge.codegen import open_project, render_all, write
from bridge.local import places, provisioning
from bridge.local.bridge_server import BridgeServer, key_entry
from bridge.local.n8n_client import N8nClient
from bridge.local.n8n_server import N8nServer, Owner
from bridge.local.packages import build_package, install_package
from bridge.local.state import State
from tests.live.conftest import LiveN8n
from tests.live.scripted_bridge import ScriptedBridge, pattern_digest

pytestmark = pytest.mark.live
PROJECT = Path(__file__).parents[2]
MIB = 2**20


@dataclass
class Acme:
    """The bridge that serves the pack, and the n8n that has its nodes."""

    bridge: BridgeServer
    n8n: LiveN8n
    client: httpx.Client
    credential: dict

    def step(self, name, step, parameters, **more):
        node = {**self.n8n.node(name, step, parameters, **more), "credentials": self.credential}
        return {**node, "type": f"n8n-nodes-acme.{step}"}

    def start(self, *nodes):
        """Publish a workflow of *nodes*, start it with nothing, and return its id."""
        first = self.n8n.webhook(path := self.n8n.unique_path(), "onReceived")
        workflow = self.n8n.publish([first, *nodes], self.n8n.chain(first, *nodes))
        self.n8n.call(path, json={"items": [{"text": "boom" if number == 2 else "a b"} for number in range(5)]})
        return workflow

    def until(self, holds, what, timeout=60):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if found := holds():
                return found
            threading.Event().wait(0.1)
        raise AssertionError(f"This did not happen in {timeout} s: {what}")


def distribution(folder):
    """The pack's wheel, built from its generated project and unpacked as an installer would."""
    shutil.copytree(PROJECT / "tests/fixtures/acme_pack", folder / "acme")
    project = open_project(folder / "acme")
    write(render_all(project.specs, project.layout), project.layout.owned)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheels")]
    subprocess.run(build, cwd=folder / "acme", check=True, capture_output=True)
    (wheel,) = (folder / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site", project.layout.nodes


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acme")
    site, nodes = distribution(folder)
    state, port = State(), places.free_port()
    owner = Owner(state.owner_email, state.owner_password, state.owner_hash)
    n8n = N8nServer(folder / "n8n", places.free_port(), places.free_port(), owner, f"http://127.0.0.1:{port}")
    install_package(build_package(nodes), n8n.packages)
    with contextlib.ExitStack() as until_the_end:
        until_the_end.callback(n8n.stop)
        n8n.start()
        session = until_the_end.enter_context(contextlib.closing(provisioning.log_in(n8n.url, owner)))
        key = provisioning.make_api_key(session)
        more = {
            "N8N_URL": n8n.url, "N8N_API_KEY": key, "BRIDGE_PATH_SECRET": state.path_secret,
            "PYTHONPATH": os.pathsep.join([str(PROJECT), str(site)]),
        }  # fmt: skip
        bridge = BridgeServer(folder / "bridge", port, (key_entry("nodes", "use", state.node_key),), more)
        until_the_end.callback(bridge.stop)
        bridge.start()
        headers = {"Authorization": f"Bearer {state.node_key}"}
        client = until_the_end.enter_context(httpx.Client(base_url=bridge.url, headers=headers, trust_env=False))
        calls = until_the_end.enter_context(N8nClient(n8n.url, key))
        data = {"baseUrl": bridge.url, "apiKey": state.node_key}
        made = calls.api("POST", "/credentials", json={"name": "acme", "type": "acmeApi", "data": data})
        credential = {"acmeApi": {"id": made["id"], "name": "acme"}}
        yield Acme(bridge, LiveN8n(n8n, key, calls, session, owner), client, credential)


@pytest.fixture(autouse=True)
def tidy(acme):
    yield
    while acme.n8n.made:
        acme.n8n.client.remove(acme.n8n.made.pop())


def items_of(execution, node):
    return execution["data"]["resultData"]["runData"][node][0]["data"]["main"][0]


def test_the_bridge_serves_the_packs_steps_beside_our_own(acme):
    names = {each["name"] for each in acme.client.get("/v1/steps").json()["items"]}
    assert {"word_count", "slow_count", "file_copy", "multimodal_analysis"} <= names
    answer = acme.client.post("/v1/steps/word_count", json={"text": "to be or not to be", "top": 1})
    assert (answer.json()["words"], answer.json()["most_common"]) == (6, ["to"])


def test_n8n_tests_the_packs_credential(acme):
    credential = acme.credential["acmeApi"]
    sent = {"credentials": {**credential, "type": "acmeApi", "data": {"baseUrl": acme.bridge.url, "apiKey": "wrong"}}}
    said = acme.n8n.session.post("/rest/credentials/test", json=sent).json()["data"]
    assert said["status"] == "Error"


def test_a_quick_node_of_the_pack_runs(acme):
    workflow = acme.start(acme.step("Count", "wordCount", {"text": "one two", "additionalOptions": {"top": 2}}))
    (item,) = items_of(acme.n8n.await_execution(workflow), "Count")
    assert (item["json"]["words"], item["json"]["most_common"]) == (2, ["one", "two"])


def test_a_wrong_field_is_named_in_the_nodes_error_and_changes_nothing(acme):
    extra = {"additionalOptions": {"extraInput": '{"tpo": 3}'}}
    workflow = acme.start(acme.step("Count", "wordCount", {"text": "x", **extra}))
    error = acme.n8n.await_execution(workflow)["data"]["resultData"]["error"]
    assert error["httpCode"] == "400"
    assert "tpo" in error["message"]


def test_a_long_node_waits_for_its_run_and_brings_its_file(acme):
    workflow = acme.start(acme.step("Count", "slowCount", {"text": "a b c", "seconds": 1, "waitMode": "poll"}))
    ended = acme.n8n.await_execution(workflow)
    (item,) = items_of(ended, "Count")
    assert item["json"]["words"] == 3
    assert (item["binary"]["data"]["fileName"], item["binary"]["data"]["mimeType"]) == ("words.txt", "text/plain")
    run = acme.client.get(f"/v1/runs/{item['json']['run_id']}").json()
    assert (run["n8n"]["execution_id"], run["n8n"]["node"]) == (str(ended["id"]), "Count")


def test_a_canceled_execution_cancels_its_run(acme):
    workflow = acme.start(acme.step("Count", "slowCount", {"text": "a", "seconds": 500, "waitMode": "poll"}))
    execution = acme.until(lambda: acme.n8n.client.executions(workflow, status="running"), "it runs")[0]

    def runs():
        listed = acme.client.get("/v1/runs", params={"limit": 100}).json()["items"]
        return [each for each in listed if each.get("n8n", {}).get("execution_id") == str(execution["id"])]

    (run,) = acme.until(lambda: [each for each in runs() if each["status"] == "running"], "the run is under way")
    asked = time.monotonic()
    acme.n8n.client.api("POST", f"/executions/{execution['id']}/stop", json={})
    acme.until(
        lambda: acme.client.get(f"/v1/runs/{run['id']}").json()["status"] == "canceled", "the run is canceled", 90
    )
    assert time.monotonic() - asked < 90


def test_a_parked_run_wakes_the_execution_once(acme):
    node = acme.step("Count", "slowCount", {"text": "a b", "seconds": 3, "waitMode": "park"})
    workflow = acme.start(node)
    acme.until(lambda: acme.n8n.client.executions(workflow, status="waiting"), "it sleeps")
    ended = acme.n8n.await_execution(workflow)
    assert ended["status"] == "success"
    (item,) = items_of(ended, "Count")
    assert item["json"]["words"] == 2
    assert item["binary"]["data"]["fileName"] == "words.txt"
    assert acme.client.get(f"/v1/runs/{item['json']['run_id']}").json()["claimed"] is True
    assert acme.client.post(f"/v1/runs/{item['json']['run_id']}/claim").status_code == 409


def test_a_parked_run_that_fails_wakes_it_with_error_and_details(acme):
    workflow = acme.start(acme.step("Count", "slowCount", {"text": "boom", "seconds": 2, "waitMode": "park"}))
    (item,) = items_of(acme.n8n.await_execution(workflow), "Count")
    assert item["json"]["error"] == "The text 'boom' cannot be counted. Send another one."
    assert item["json"]["details"]["status"] == 422


def test_a_failed_run_among_five_keeps_its_place(acme):
    split = {
        "id": "split", "name": "Split", "type": "n8n-nodes-base.splitOut", "typeVersion": 1, "position": [100, 0],
        "parameters": {"fieldToSplitOut": "body.items", "options": {}},
    }  # fmt: skip
    count = acme.step(
        "Count", "slowCount", {"text": "={{ $json.text }}", "waitMode": "poll"}, onError="continueRegularOutput"
    )
    items = items_of(acme.n8n.await_execution(acme.start(split, count)), "Count")
    assert [item["json"].get("words") for item in items] == [2, 2, None, 2, 2]
    assert items[2]["json"]["error"] == "The text 'boom' cannot be counted. Send another one."


def grown_by(processes, work):
    """Run *work*; how much each process grew at most meanwhile, in MiB."""
    before = [process.memory_info().rss for process in processes]
    highest = list(before)
    over = threading.Event()

    def watch():
        while not over.wait(0.05):
            for place, process in enumerate(processes):
                highest[place] = max(highest[place], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        over.set()
        watcher.join()
    return [(high - low) / MIB for high, low in zip(highest, before, strict=True)]


@pytest.mark.parametrize("size", [1024, 10 * MIB, 300 * MIB])
def test_files_pass_through_with_flat_memory_in_bridge_and_n8n(acme, size):
    with ScriptedBridge() as elsewhere:
        fetch, send = (
            {"id": name, "name": name, "type": "n8n-nodes-base.httpRequest", "typeVersion": 4.2, "position": [100, 0], "parameters": asked}
            for name, asked in (
                ("Fetch", {"url": f"{elsewhere.url}/v1/files/pattern-{size}", "options": {"response": {"response": {"responseFormat": "file"}}}}),
                ("Send", {"method": "PUT", "url": f"{elsewhere.url}/sink", "sendBody": True, "contentType": "binaryData", "inputDataFieldName": "data", "options": {}}),
            )
        )  # fmt: skip
        ended = {}

        def work():
            workflow = acme.start(fetch, acme.step("Copy", "fileCopy", {"waitMode": "poll"}), send)
            ended.update(acme.n8n.await_execution(workflow, 250))

        processes = [psutil.Process(acme.bridge.child.pid), psutil.Process(acme.n8n.server.child.pid)]
        grown = grown_by(processes, work)
        assert ended["status"] == "success", ended["data"]["resultData"].get("error")
        (item,) = items_of(ended, "Copy")
        assert (item["json"]["size"], item["json"]["sha256"]) == (size, pattern_digest(size))
        assert elsewhere.sunk == [(size, pattern_digest(size))]
    # Keeping one copy of the largest file would be 300 and more.
    assert grown[0] < 100, f"the bridge grew by {grown[0]:.0f} MiB"
    assert grown[1] < 260, f"n8n grew by {grown[1]:.0f} MiB"
