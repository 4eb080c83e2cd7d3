"""Our node package in a real n8n: loaded under its own name, with the credential, and calling the bridge."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.live
PROJECT = Path(__file__).parents[2]
PREFIX = "n8n-nodes-multimodal-bridge."


def test_n8n_knows_every_node_of_the_package(live_n8n):
    package = json.loads((PROJECT / "n8n-nodes/n8n-nodes-multimodal-bridge/package.json").read_text())
    files = {Path(each).name.removesuffix(".node.js") for each in package["n8n"]["nodes"]}
    known = live_n8n.session.get("/types/nodes.json").json()
    ours = {each["name"] for each in known if each["name"].startswith(PREFIX)}
    assert {f"{PREFIX}{name[0].lower()}{name[1:]}" for name in files} <= ours


def test_a_step_called_by_its_node_returns_the_steps_result(live_n8n):
    path = live_n8n.unique_path()
    start = live_n8n.webhook(path)
    text = "={{ $json.body.text }}"
    analyze = live_n8n.node("Analyze", "multimodalAnalysis", {"source": "text", "text": text, "waitMode": "poll"})
    workflow = live_n8n.publish([start, analyze], live_n8n.chain(start, analyze))
    answer = live_n8n.call(path, json={"text": "eval(input())"})
    ended = live_n8n.await_execution(workflow)
    assert ended["status"] == "success", ended["data"]["resultData"].get("error")
    result = answer.json()
    assert result["success"] is True
    assert result["run_id"]
    assert "analysis" in result


def test_a_wrong_key_is_told_in_the_nodes_own_words(live_n8n, live_bridge):
    made = live_n8n.client.api(
        "POST", "/credentials",
        json={"name": "wrong", "type": "multimodalBridgeApi", "data": {"baseUrl": live_bridge.url, "apiKey": "wrong"}},
    )  # fmt: skip
    path = live_n8n.unique_path()
    start = live_n8n.webhook(path)
    analyze = live_n8n.node("Analyze", "multimodalAnalysis", {"source": "text", "text": "x", "waitMode": "poll"})
    analyze["credentials"] = {"multimodalBridgeApi": {"id": made["id"], "name": "wrong"}}
    workflow = live_n8n.publish([start, analyze], live_n8n.chain(start, analyze))
    live_n8n.call(path, json={})
    ended = live_n8n.await_execution(workflow)
    live_n8n.client.api("DELETE", f"/credentials/{made['id']}")
    assert ended["status"] == "error"
    assert "key" in json.dumps(ended["data"]["resultData"]["error"]).lower()


@pytest.mark.browser
def test_the_editor_shows_our_nodes(live_n8n, browse):
    start = live_n8n.webhook(live_n8n.unique_path())
    analyze = live_n8n.node("Analyze", "multimodalAnalysis", {"source": "text", "text": "x", "waitMode": "poll"})
    workflow = live_n8n.publish([start, analyze], live_n8n.chain(start, analyze))
    seen = browse(
        """
        await page.goto(`${url}/workflow/${input.workflow}`);
        const node = page.locator('[data-test-id="canvas-node"]').filter({ hasText: 'Analyze' });
        await node.waitFor();
        await page.waitForLoadState('networkidle');
        const picture = await shot('canvas.png');
        const icon = await node.locator('img').first().getAttribute('src');
        return { count: await page.locator('[data-test-id="canvas-node"]').count(), icon, picture };
        """,
        workflow=workflow,
    )
    assert seen["count"] == 2
    assert "n8n-nodes-multimodal-bridge" in seen["icon"]
    assert Path(seen["picture"]).stat().st_size > 10_000
