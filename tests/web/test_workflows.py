"""Addresses of workflows, executions and deliveries, with no n8n connected: what answers and what says why not."""

import hashlib
import hmac

import orjson
import pytest

from tests.service import MANAGE


@pytest.fixture
async def manager(bridge):
    async with bridge.client(MANAGE) as each:
        yield each


async def signed(manager, body, forge="generic"):
    hook = (await manager.get(f"/v1/hooks/{forge}/main")).json()
    digest = hmac.new(hook["secret"].encode(), body, hashlib.sha256).hexdigest()
    return f"/hooks/{forge}/main", {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


async def test_a_signed_delivery_needs_no_key_and_counts_once(bridge, manager):
    body = orjson.dumps({"type": "git_push", "ref": "refs/heads/main", "after": "a" * 40})
    address, headers = await signed(manager, body)
    async with bridge.client(None) as stranger:
        first = await stranger.post(address, content=body, headers=headers)
        again = await stranger.post(address, content=body, headers=headers)
        forged = await stranger.post(address, content=body + b" ", headers=headers)
        unknown = await stranger.post("/hooks/sourceforge/main", content=body, headers=headers)
    assert [each.status_code for each in (first, again, forged, unknown)] == [202, 200, 401, 404]
    (kept,) = (await manager.get("/deliveries")).json()["items"]
    assert (kept["forge"], kept["types"]) == ("generic", ["git_push"])
    whole = (await manager.get(f"/deliveries/{kept['id']}")).json()
    assert orjson.loads(whole["body"])["after"] == "a" * 40
    assert (await manager.post(f"/deliveries/{kept['id']}/replay")).status_code == 202


async def test_lists_answer_without_n8n_and_what_needs_it_says_so(client, manager):
    for address in ("/workflows", "/executions", "/templates"):
        assert (await client.get(address)).status_code == 200
    assert (await manager.get("/analytics")).json()["workflows"] == 0
    refused = await manager.post("/workflows", json={"template_name": "code_review_pipeline", "target": "http"})
    assert refused.status_code == 503
    assert "N8N_URL" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/workflows"),
        ("POST", "/workflows/deploy"),
        ("DELETE", "/workflows/x"),
        ("POST", "/workflows/x/publish"),
        ("GET", "/deliveries"),
        ("GET", "/v1/hooks/github/main"),
        ("GET", "/analytics"),
    ],
)
async def test_a_key_for_using_may_not_manage(client, method, address):
    assert (await client.request(method, address, json={})).status_code == 403


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "/template_name"),
        ({"template_name": 5}, "/template_name"),
        ({"template_name": "x", "tempalte": 1}, "/tempalte"),
        ({"template_name": "x", "custom_config": []}, "/custom_config"),
        ({"template_name": "x", "target": "docker"}, "/target"),
    ],
)
async def test_a_wrong_body_is_told_field_by_field(manager, body, where):
    refused = await manager.post("/workflows", json=body)
    assert refused.status_code == 400
    assert where in [each["where"] for each in refused.json()["issues"]]


async def test_an_unknown_template_is_a_400_with_the_nearest_name(client, manager):
    for refused in (
        await client.get("/templates/code_review_pipelin"),
        await manager.post("/workflows", json={"template_name": "code_review_pipelin", "target": "http"}),
    ):
        assert refused.status_code == 400
        assert "code_review_pipeline" in refused.json()["detail"]


@pytest.mark.parametrize(
    "address", ["/workflows/x", "/workflows/x/executions/y", "/workflows/x/executions/y/events", "/deliveries/x"]
)
async def test_what_is_not_there_is_a_404(manager, address):
    assert (await manager.get(address)).status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=9999", "created_after=soon", "cursor=nowhere"])
async def test_an_odd_query_is_refused_and_not_a_crash(client, query):
    assert (await client.get(f"/executions?{query}")).status_code in (400, 404)


async def test_starting_what_is_not_there_is_a_404_and_a_mismatch_a_400(client):
    assert (await client.post("/workflows/x/execute", json={})).status_code == 404
    assert (await client.post("/workflows/x/execute", json={"workflow_id": "y"})).status_code == 400
