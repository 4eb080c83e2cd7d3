"""The n8n that this project starts: provisioned, callable, and gone when it is stopped."""

import psutil
import pytest

from bridge.local.n8n_client import unique_path
from bridge.problems import UpstreamFailed

pytestmark = pytest.mark.live


@pytest.fixture
def client(started_n8n, n8n_api_key):
    from bridge.local.n8n_client import N8nClient

    with N8nClient(started_n8n[0].url, n8n_api_key) as client:
        yield client


def echo(path, node_type="n8n-nodes-base.noOp"):
    start = {
        "id": "a", "name": "Start", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
        "webhookId": path, "parameters": {"path": path, "httpMethod": "POST", "responseMode": "lastNode"},
    }  # fmt: skip
    last = {"id": "b", "name": "Last", "type": node_type, "typeVersion": 1, "position": [200, 0], "parameters": {}}
    links = {"Start": {"main": [[{"node": "Last", "type": "main", "index": 0}]]}}
    return {"name": path, "nodes": [start, last], "connections": links, "settings": {"executionOrder": "v1"}}


def test_a_published_workflow_answers_its_webhook_and_its_execution_is_found(client):
    path = unique_path()
    workflow = client.create(echo(path))
    client.publish(workflow)
    answer = client.call(path, json={"word": "hello"})
    ended = client.await_execution(workflow)
    client.remove(workflow)
    assert answer.json()["body"] == {"word": "hello"}
    assert ended["status"] == "success"
    with pytest.raises(UpstreamFailed, match="404"):
        client.api("GET", f"/workflows/{workflow}")


def test_a_workflow_with_an_unknown_node_cannot_be_published(client):
    workflow = client.create(echo(unique_path(), "nope.nope"))
    with pytest.raises(UpstreamFailed, match="Unrecognized node type"):
        client.publish(workflow)


def test_a_second_key_replaces_the_first(started_n8n, n8n_session, n8n_api_key):
    listed = n8n_session.get("/rest/api-keys").json()["data"]
    keys = listed["items"] if isinstance(listed, dict) else listed
    assert [each["label"] for each in keys] == ["bridge"]


def test_n8n_runs_as_one_family_that_the_server_knows(started_n8n):
    family = psutil.Process(started_n8n[0].child.pid)
    assert family.is_running()
    assert "n8n" in " ".join(family.cmdline())
