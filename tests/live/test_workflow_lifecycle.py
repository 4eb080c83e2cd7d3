"""Workflows on a real n8n: made, started, watched, stopped, pushed to with git, and twenty-five at once."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.live
TEMPLATE = {
    "name": "Small Review",
    "triggers": ["manual", {"type": "git_push", "config": {"hooks": ["live"]}}],
    "steps": [{"id": "look", "name": "Look", "type": "multimodal_analysis", "config": {"text": "eval(input())"}}],
    "conditions": {"file_types": ["py"], "exclude_patterns": ["*.md"]},
}  # fmt: skip
PYTHON = [{"path": "a.py", "status": "modified"}]
ENDED = ("completed", "failed", "canceled")


@pytest.fixture(scope="module")
def folder_of_templates(live_bridge):
    """Our own template, where the bridge looks for the owner's."""
    folder = live_bridge.roots.parent / "templates"
    folder.mkdir(exist_ok=True)
    (folder / "small_review.json").write_text(json.dumps(TEMPLATE), "utf-8")
    return folder


@pytest.fixture
def make(live_bridge, live_n8n, folder_of_templates):
    """Create workflows of the small template, and remove them afterwards."""
    made = []

    def create(target="http", **more):
        given = {"template_name": "small_review", "target": target, **more}
        answer = live_bridge.client.post("/workflows", json=given)
        assert answer.status_code == 200, answer.text
        made.append(answer.json()["workflow_id"])
        return made[-1]

    yield create
    for each in made:
        assert live_bridge.client.delete(f"/workflows/{each}").status_code in (204, 404)


def until(question, wanted=bool, within=60.0):
    deadline = time.monotonic() + within
    while not wanted(answer := question()):
        assert time.monotonic() < deadline, f"still {answer!r}"
        time.sleep(0.1)
    return answer


def start(bridge, workflow_id, **data):
    answer = bridge.client.post(f"/workflows/{workflow_id}/execute", json={"trigger_data": {"files": PYTHON, **data}})
    assert answer.status_code == 200, answer.text
    return answer.json()["execution_id"]


def look(bridge, workflow_id, execution_id):
    return bridge.client.get(f"/workflows/{workflow_id}/executions/{execution_id}").json()


def ended(bridge, workflow_id, execution_id, within=90.0):
    return until(lambda: look(bridge, workflow_id, execution_id), lambda each: each["status"] in ENDED, within)


@pytest.mark.parametrize("target", ["http", "nodes"])
def test_workflow_lifecycle(live_bridge, make, target):
    """The third test the product was specified with: create, execute, status; here until the end."""
    workflow_id = make(target)
    begun = time.monotonic()
    answer = live_bridge.client.post(f"/workflows/{workflow_id}/execute", json={"trigger_data": {"files": PYTHON}})
    assert time.monotonic() - begun < 2
    assert answer.json()["status"] == "running"
    execution_id = answer.json()["execution_id"]
    status = look(live_bridge, workflow_id, execution_id)
    assert {"status", "progress"} <= status.keys()
    done = ended(live_bridge, workflow_id, execution_id)
    assert (done["status"], done["progress"]) == ("completed", 100), done
    assert "Look" in [each["node"] for each in done["timeline"]]
    assert workflow_id in [each["workflow_id"] for each in live_bridge.client.get("/workflows").json()["workflows"]]


def test_only_documents_changed_is_skipped_and_says_why(live_bridge, make):
    workflow_id = make()
    done = ended(live_bridge, workflow_id, start(live_bridge, workflow_id, files=[{"path": "README.md"}]))
    assert (done["status"], done["outcome"]) == ("completed", "skipped")
    assert any("*.md" in each["message"] for each in done["reasons"])


def test_another_users_execution_is_not_there(live_bridge, make):
    workflow_id = make()
    execution_id = start(live_bridge, workflow_id)
    answer = live_bridge.user.get(f"/workflows/{workflow_id}/executions/{execution_id}")
    assert answer.status_code == 404
    ended(live_bridge, workflow_id, execution_id)


def test_twenty_five_at_once_all_finish_and_management_answers_meanwhile(live_bridge, make):
    workflow_id = make()
    ids = [start(live_bridge, workflow_id) for _ in range(25)]
    slowest = 0.0
    for _ in range(20):
        begun = time.monotonic()
        assert live_bridge.client.get("/workflows").status_code == 200
        slowest = max(slowest, time.monotonic() - begun)
    done = [ended(live_bridge, workflow_id, each, within=150) for each in ids]
    assert {each["status"] for each in done} == {"completed"}
    assert len({each["n8n_execution_id"] for each in done}) == 25
    assert slowest < 5, f"a management call took {slowest:.2f} s"


def test_what_a_person_deactivates_in_n8n_is_published_again_for_a_start(live_bridge, live_n8n, make):
    workflow_id = make()
    live_n8n.client.api("POST", f"/workflows/{workflow_id}/deactivate")
    assert ended(live_bridge, workflow_id, start(live_bridge, workflow_id))["status"] == "completed"


def test_deploying_again_changes_nothing(live_bridge, live_n8n, folder_of_templates):
    given = {"template_name": "small_review", "target": "http", "name": "Deployed Review"}
    first = live_bridge.client.post("/workflows/deploy", json={**given, "apply": True}).json()
    try:
        again = live_bridge.client.post("/workflows/deploy", json=given).json()
        assert (again["action"], again["changes"], again["workflow_id"]) == ("nothing", [], first["workflow_id"])
    finally:
        live_bridge.client.delete(f"/workflows/{first['workflow_id']}")


HOOK = """#!{python}
import hashlib, hmac, json, subprocess, sys, urllib.request
for line in sys.stdin:
    before, after, ref = line.split()
    base = before if set(before) != {{"0"}} else "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    told = subprocess.run(["git", "diff", "--name-status", base, after], capture_output=True, text=True).stdout
    words = {{"A": "added", "M": "modified", "D": "removed"}}
    rows = [each.split("\\t") for each in told.splitlines()]
    files = [{{"path": row[-1], "status": words.get(row[0][0], "modified")}} for row in rows]
    repository = {{"full_name": "local/project", "clone_url": "file:///project", "default_branch": "main"}}
    event = {{"type": "git_push", "ref": ref, "before": before, "after": after, "files": files,
              "repository": repository, "actor": "ada"}}
    body = json.dumps(event).encode()
    signature = "sha256=" + hmac.new({secret!r}.encode(), body, hashlib.sha256).hexdigest()
    headers = {{"Content-Type": "application/json", "X-Hub-Signature-256": signature, "X-Delivery-Id": after + ref}}
    urllib.request.urlopen(urllib.request.Request({url!r}, body, headers), timeout=30).read()
"""


class Project:
    """A real bare repository with a post-receive hook, and a clone of it."""

    def __init__(self, folder: Path, url: str, secret: str) -> None:
        self.clone = folder / "clone"
        bare = folder / "bare.git"
        self.git("init", "-q", "--bare", "-b", "main", str(bare), here=folder)
        hook = bare / "hooks/post-receive"
        hook.write_text(HOOK.format(python=sys.executable, url=url, secret=secret), "utf-8")
        hook.chmod(0o755)
        self.git("clone", "-q", str(bare), str(self.clone), here=folder)
        self.git("checkout", "-q", "-B", "main")

    def git(self, *words: str, here: Path | None = None) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.invalid"]
        done = subprocess.run(
            ["git", *who, *words], cwd=here or self.clone, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return (done.stdout + (done.stderr if "push" in words else "")).strip()

    def push(self, name: str, content: str) -> str:
        (self.clone / name).write_text(content, "utf-8")
        self.git("add", ".")
        self.git("commit", "-q", "-m", f"Change {name}")
        assert "Error" not in self.git("push", "-q", "origin", "main")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def project(live_bridge, tmp_path):
    hook = live_bridge.client.get("/v1/hooks/generic/live").json()
    return Project(tmp_path, hook["url"], hook["secret"])


def executions(bridge, workflow_id):
    return bridge.client.get(f"/workflows/{workflow_id}/executions").json()["items"]


def deliveries(bridge):
    return bridge.client.get("/deliveries", params={"forge": "generic"}).json()["items"]


def about(bridge, workflow_id, revision):
    for each in executions(bridge, workflow_id):
        whole = look(bridge, workflow_id, each["execution_id"])
        if whole.get("trigger_data", {}).get("after") == revision:
            return whole
    return None


def test_a_git_push_starts_the_workflow_a_burst_is_coalesced_and_documents_are_skipped(live_bridge, make, project):
    workflow_id = make()
    first = project.push("a.py", "print(1)\n")
    second = project.push("a.py", "print(2)\n")
    arrived = until(
        lambda: deliveries(live_bridge), lambda found: [each["outcome"] for each in found] == ["started"] * 2
    )
    assert {each["hook"] for each in arrived} == {"live"}
    done = until(
        lambda: about(live_bridge, workflow_id, second), lambda each: bool(each) and each["status"] in ENDED, within=90
    )
    assert (done["status"], done["trigger"]) == ("completed", "git_push")
    assert first in [each["after"] for each in done["trigger_data"]["superseded"]]
    older = about(live_bridge, workflow_id, first)
    assert (older["status"], "newer revision" in older["error"]) == ("canceled", True)
    third = project.push("README.md", "words\n")
    skipped = until(
        lambda: about(live_bridge, workflow_id, third), lambda each: bool(each) and each["status"] in ENDED, within=90
    )
    assert (skipped["status"], skipped["outcome"]) == ("completed", "skipped")
    newest = deliveries(live_bridge)[0]
    assert newest["outcome"] == "started"
    replayed = live_bridge.client.post(f"/deliveries/{newest['id']}/replay")
    assert replayed.status_code == 202
    before = len(executions(live_bridge, workflow_id))
    until(lambda: len(executions(live_bridge, workflow_id)), lambda count: count > before - 1 and count >= 4)
