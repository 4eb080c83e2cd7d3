"""The Bridge Trigger with the real bridge: registered by publishing, started by the bridge, claimed by a gate."""

import threading
import time

import pytest

from bridge.specs import Catalogue, parameters_for
from bridge.steps import PACK

pytestmark = pytest.mark.live


def until(holds, what, timeout=60):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if found := holds():
            return found
        threading.Event().wait(0.1)
    raise AssertionError(f"This did not happen in {timeout} s: {what}")


@pytest.fixture
def triggered(live_n8n):
    """A published workflow of a Bridge Trigger and a gate that takes its event."""
    trigger = {**live_n8n.node("Start", "bridgeTrigger", {"events": ["manual"]}), "webhookId": live_n8n.unique_path()}
    given = {"stage": "entry", "event": "={{ $json }}"}
    gate = live_n8n.node("Gate", "gate", parameters_for(Catalogue([PACK])["gate"], given))
    return live_n8n.publish([trigger, gate], live_n8n.chain(trigger, gate))


def test_the_bridge_starts_a_workflow_by_its_trigger_and_its_gate_claims_the_start(live_n8n, live_bridge, triggered):
    def started():
        # The registration comes a moment after n8n has said that the workflow is published.
        answer = live_bridge.client.post(f"/workflows/{triggered}/execute", json={"trigger_data": {"input": {"n": 7}}})
        return answer.json() if answer.status_code == 200 else None

    ours = until(started, "the bridge takes the start")
    ended = live_n8n.await_execution(triggered)
    assert ended["status"] == "success", ended["data"]["resultData"].get("error")
    runs = ended["data"]["resultData"]["runData"]
    event = runs["Start"][0]["data"]["main"][0][0]["json"]
    assert (event["type"], event["data"]["execution_id"]) == ("manual", ours["execution_id"])
    gate = runs["Gate"][0]["data"]["main"][0][0]["json"]
    assert gate["verdict"] == "pass"

    def record():
        return live_bridge.client.get(f"/workflows/{triggered}/executions/{ours['execution_id']}").json()

    until(lambda: record()["status"] == "completed", f"our record ends; it is {record()}")
    status = record()
    assert status["n8n_execution_id"] == str(ended["id"])


def test_an_unpublished_trigger_can_no_longer_be_started(live_n8n, live_bridge, triggered):
    answer = until(
        lambda: (
            (found := live_bridge.client.post(f"/workflows/{triggered}/execute", json={})).status_code == 200 and found
        ),
        "the trigger registers",
    )
    live_n8n.await_execution(triggered)
    live_n8n.client.api("POST", f"/workflows/{triggered}/deactivate", json={})
    refused = until(
        lambda: (
            (found := live_bridge.client.post(f"/workflows/{triggered}/execute", json={})).status_code != 200 and found
        ),
        "the registration is gone",
    )
    assert answer.status_code == 200
    assert refused.status_code == 404
