"""Compiled workflows created, published and run in a real n8n, in both targets."""

import time

import pytest

from bridge.compiler import TARGETS, Binding, Credential, compile_template, overlaps, read_template
from bridge.specs import Catalogue
from bridge.steps import PACK
from tests.judges.showcase import SHOWCASE, with_approval

pytestmark = pytest.mark.live
each_target = pytest.mark.parametrize("target", TARGETS)
CATALOGUE = Catalogue([PACK])
PUSH = {
    "type": "git_push",
    "timestamp": "2026-01-01T00:00:00Z",
    "data": {"branch": "feature/x", "files": [{"path": "src/app.py", "status": "modified"}]},
}


class Stage:
    """One real n8n and one real bridge; workflows are compiled for them, published and started."""

    def __init__(self, n8n, bridge):
        self.n8n = n8n
        self.bridge = bridge
        token = {"name": "Authorization", "value": f"Bearer {bridge.use_key}"}
        made = n8n.client.api(
            "POST", "/credentials", json={"name": "Bridge over HTTP", "type": "httpHeaderAuth", "data": token}
        )
        ours = n8n.credentials["multimodalBridgeApi"]
        self.credentials = {
            "http": Credential(made["id"], made["name"]),
            "nodes": Credential(ours["id"], ours["name"]),
        }

    def compile(self, raw, target, **options):
        binding = Binding(self.bridge.url, self.credentials[target], path_secret="live tests", execution_timeout=300)
        key = f"live-{time.monotonic_ns()}"
        return compile_template(key, read_template(raw), CATALOGUE, target=target, binding=binding, **options)

    def publish(self, compiled):
        workflow_id = self.n8n.client.create(compiled.document)
        self.n8n.made.append(workflow_id)
        self.n8n.client.publish(workflow_id)
        return workflow_id

    def start(self, workflow_id, compiled, body):
        """Start as a delivery would; our trigger node takes only signed ones, so there n8n is handed its output."""
        if compiled.target == "http":
            assert self.n8n.call(compiled.webhook, json=body).status_code == 200
            return
        data = {"data": {"main": [[{"json": body}]]}, "executionStatus": "success", "executionTime": 0}
        trigger = {"name": "When the Bridge Calls", "data": {**data, "startTime": 0, "source": []}}
        started = self.n8n.session.post(f"/rest/workflows/{workflow_id}/run", json={"triggerToStartFrom": trigger})
        assert started.status_code == 200, started.text

    def run(self, raw, target, body=PUSH, **options):
        """Compile, publish, start, wait; return the execution's status and what each node gave."""
        compiled = self.compile(raw, target, **options)
        workflow_id = self.publish(compiled)
        self.start(workflow_id, compiled, body)
        return Ended(self.n8n.await_execution(workflow_id, timeout=120))


class Ended:
    """An execution that has ended: its status, and what the nodes gave."""

    def __init__(self, execution):
        self.status = execution["status"]
        data = execution["data"]["resultData"]
        self.error = data.get("error", {})
        self.nodes = data["runData"]

    def output(self, name):
        """The first item of a node's last run, from whichever output it left by."""
        outputs = self.nodes[name][-1]["data"]["main"]
        return next(items[0]["json"] for items in outputs if items)


@pytest.fixture
def stage(live_n8n, live_bridge):
    return Stage(live_n8n, live_bridge)


@each_target
def test_everything_the_compiler_can_draw_runs_to_success(stage, target):
    ended = stage.run(SHOWCASE, target)
    assert ended.status == "success", ended.error
    assert ended.output("Entry Gate")["event"]["branch"] == "feature/x"
    first = ended.output('Read "It"')
    assert first["analysis"]["documents"][0]["segments"][0]["text"] == 'Say "hello" to {{ everyone }}'
    assert ended.output('Gate: Read "It"')["verdict"] == "pass"
    assert ended.output("When: Maybe Look Again")["verdict"] == "pass"
    assert len(ended.nodes["Write It Down"]) == 1
    assert ended.output("Write It Down")["success"] is True
    collected = ended.nodes["Look Right" if target == "http" else "Collect Runs"][-1]["data"]["main"][0]
    texts = [item["json"]["analysis"]["documents"][0]["segments"][0]["text"] for item in collected]
    assert texts[-1] == f"Run {first['run_id']} on feature/x"


@each_target
def test_a_closed_entry_gate_ends_without_an_error_and_says_why(stage, target):
    raw = {**SHOWCASE, "conditions": {"exclude_patterns": ["*.md"], "file_types": ["py"]}}
    ended = stage.run(raw, target, {**PUSH, "data": {"files": [{"path": "README.md"}]}})
    assert ended.status == "success"
    gate = ended.output("Entry Gate")
    assert gate["verdict"] == "skipped"
    assert "only excluded files changed" in gate["reasons"][0]["message"]
    assert "Conditions Not Met" in ended.nodes
    assert 'Read "It"' not in ended.nodes


@each_target
def test_a_gate_behind_a_step_stops_the_workflow_there(stage, target):
    rules = [{"after": "first", "if": "result.analysis.metrics.documents > 100"}]
    ended = stage.run({**SHOWCASE, "conditions": {"rules": rules}}, target)
    assert ended.status == "success"
    assert ended.output('Gate: Read "It"')["verdict"] == "fail"
    assert 'Stopped: Read "It"' in ended.nodes
    assert "Write It Down" not in ended.nodes


@each_target
def test_a_branch_not_taken_is_gone_past(stage, target):
    steps = [
        {**step, "when": "event.branch == 'main'"} if step["id"] == "maybe" else step for step in SHOWCASE["steps"]
    ]
    ended = stage.run({**SHOWCASE, "steps": steps}, target)
    assert ended.status == "success", ended.error
    assert ended.output("When: Maybe Look Again")["verdict"] == "fail"
    assert "Maybe Look Again" not in ended.nodes
    assert len(ended.nodes["Write It Down"]) == 1


@each_target
def test_a_failing_step_fails_the_execution_with_the_problems_words(stage, target):
    step = {
        "id": "gone",
        "name": "Read Nothing",
        "type": "multimodal_analysis",
        "config": {"file_path": "not/there.py"},
    }
    ended = stage.run({**SHOWCASE, "steps": [step], "conditions": {}}, target)
    assert ended.status == "error"
    assert "not/there.py" in str(ended.error), ended.error


@each_target
def test_what_the_event_should_bring_and_does_not_is_said_at_the_gate(stage, target):
    step = {"id": "read", "name": "Read the Repository", "type": "multimodal_analysis", "config": {}}
    ended = stage.run({**SHOWCASE, "steps": [step], "conditions": {}}, target, {"type": "manual", "data": {}})
    assert ended.status == "error"
    assert "repository.clone_url" in str(ended.error), ended.error


def test_a_workflow_started_by_hand_gets_a_record_of_its_own(stage):
    workflow_id = stage.publish(stage.compile(SHOWCASE, "nodes"))
    given = {"triggerToStartFrom": {"name": "Run by Hand"}}
    stage.n8n.session.post(f"/rest/workflows/{workflow_id}/run", json=given).raise_for_status()
    ended = Ended(stage.n8n.await_execution(workflow_id, timeout=120))
    assert ended.status == "success", ended.error
    assert ended.output("Entry Gate")["trigger"] == "manual"


@each_target
def test_a_person_looks_at_the_canvas(stage, target, browse):
    """The picture is kept under the test's folder; that nodes do not cover each other is asserted."""
    compiled = stage.compile(with_approval(), target)
    assert overlaps(compiled.document["nodes"]) == []
    workflow_id = stage.publish(compiled)
    drawn = browse(
        """
        await page.goto(`${url}/workflow/${input.id}`);
        await page.waitForSelector('[data-test-id="canvas-node"], .vue-flow__node');
        await page.keyboard.press('1');
        await page.waitForFunction((count) => document.querySelectorAll('.vue-flow__node').length === count, input.count);
        await shot(`canvas-${input.target}.png`);
        return await page.locator('.vue-flow__node').count();
        """,
        id=workflow_id,
        target=target,
        count=len(compiled.document["nodes"]),
    )
    assert drawn == len(compiled.document["nodes"])
