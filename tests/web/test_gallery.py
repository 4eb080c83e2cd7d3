"""The gallery: what n8n's Templates page asks for, as its browser asks for it."""

import json

import httpx
import pytest

from bridge.compiler import faults_in
from tests.service import a_bridge

ORIGIN = "http://n8n.example:5678"
STEPS = [{"id": "look", "name": "Look at It", "type": "multimodal_analysis", "config": {"text": "x"}}]
TEMPLATES = {
    "zz_first": {"name": "First of Ours", "description": "Looks.", "triggers": ["git_push"], "steps": STEPS},
    "zz_second": {"name": "Second of Ours", "triggers": ["manual"], "steps": STEPS},
    "zz_broken": {"name": "Broken", "triggers": ["manual"], "steps": [{**STEPS[0], "type": "nothing"}]},
}


@pytest.fixture
async def gallery(tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    for name, template in TEMPLATES.items():
        (folder / f"{name}.json").write_text(json.dumps(template), "utf-8")
    settings = {"templates_dir": (str(folder),), "url_for_n8n": "http://bridge:8007", "path_secret": "hidden secret"}
    async with (
        a_bridge(tmp_path / "data", **settings) as bridge,
        httpx.AsyncClient(base_url=bridge.url, headers={"Origin": ORIGIN}) as client,
    ):
        yield client


async def find(gallery, words):
    found = (await gallery.get("/api/templates/search", params={"search": words, "page": 1, "limit": 20})).json()
    return found["workflows"]


async def test_the_page_is_answered_with_its_own_origin_and_credentials(gallery):
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "n8n-version"}
    preflight = await gallery.options("/api/templates/search", headers=asked)
    assert preflight.status_code == 204
    for answer in (preflight, await gallery.get("/api/health"), await gallery.get("/api/templates/workflows/0")):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "n8n-version" in answer.headers["Access-Control-Allow-Headers"]


async def test_templates_are_found_by_words_category_and_page(gallery):
    assert [each["name"] for each in await find(gallery, "of ours")] == ["First of Ours", "Second of Ours"]
    assert [each["name"] for each in await find(gallery, "first look")] == ["First of Ours"]
    assert await find(gallery, "no such thing") == []
    query = {"search": "of ours", "category": "Git push"}
    assert (await gallery.get("/api/templates/search", params=query)).json()["totalWorkflows"] == 1
    query = {"search": "of ours", "page": 2, "limit": 1}
    assert [
        each["name"] for each in (await gallery.get("/api/templates/search", params=query)).json()["workflows"]
    ] == ["Second of Ours"]


async def test_a_template_that_does_not_compile_is_not_offered(gallery):
    assert not [each for each in await find(gallery, "broken") if "broken" in each["name"].lower()]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "limit=1e9", "limit=999999999999", "search=%00"])
async def test_odd_questions_get_an_answer(gallery, query):
    assert (await gallery.get(f"/api/templates/search?{query}")).status_code == 200


async def test_categories_and_collections_name_what_is_there(gallery):
    names = {each["name"] for each in (await gallery.get("/api/templates/categories")).json()["categories"]}
    assert {"Git push", "Manual"} <= names
    collection = (await gallery.get("/api/templates/collections")).json()["collections"][0]
    assert {each["id"] for each in await find(gallery, "of ours")} <= {each["id"] for each in collection["workflows"]}


async def test_the_detail_page_draws_the_workflow(gallery):
    number = (await find(gallery, "first"))[0]["id"]
    workflow = (await gallery.get(f"/api/templates/workflows/{number}")).json()["workflow"]
    assert workflow["name"] == "First of Ours"
    assert workflow["workflowInfo"]["nodeCount"] == len(workflow["workflow"]["nodes"])
    assert "1. Look at It" in workflow["description"]


async def test_two_imports_of_one_template_do_not_share_a_webhook(gallery):
    number = (await find(gallery, "first"))[0]["id"]
    imports = [(await gallery.get(f"/api/workflows/templates/{number}")).json() for _ in range(2)]
    hooks = {node["webhookId"] for each in imports for node in each["workflow"]["nodes"] if "webhookId" in node}
    assert len(hooks) == 2


@pytest.mark.parametrize("target", ["nodes", "http"])
async def test_a_plain_file_is_bare_sound_and_holds_no_secret(gallery, target):
    answer = await gallery.get("/templates/zz_first/workflow.json", params={"target": target})
    document = answer.json()
    assert faults_in(document) == []
    assert {"nodes", "connections"} <= document.keys()
    assert "hidden" not in answer.text
    assert not any("credentials" in node for node in document["nodes"])


@pytest.mark.parametrize(
    "path", ["/templates/nothing/workflow.json", "/api/templates/workflows/7", "/api/workflows/templates/x"]
)
async def test_what_is_not_there_is_said_in_words(gallery, path):
    answer = await gallery.get(path)
    assert answer.status_code == 404
    assert "There is no template" in answer.json()["message"]
