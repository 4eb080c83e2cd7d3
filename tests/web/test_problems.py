"""Whatever goes wrong is told in one form."""

import asyncio

import pytest

from bridge import problems
from bridge.web.problem_details import STATUS, document

TEXT = {"text": "eval(input())"}


def every_problem(kind=problems.Problem):
    return {
        each
        for child in kind.__subclasses__()
        if child.__module__ == "bridge.problems"
        for each in {child} | every_problem(child)
    }


def test_every_problem_has_a_status():
    assert every_problem() == set(STATUS)


def test_a_problem_carries_what_rfc_9457_and_n8n_want():
    found = document(problems.TooManyRequests("Too many."), "7c1e6c1e-0000-4000-8000-000000000000")
    assert found["detail"] == found["message"] == found["error"] == "Too many."
    assert found["status"] == 429
    assert found["retry_after"] >= 1
    assert found["retryable"] is True
    assert found["success"] is False
    assert found["type"] == "urn:bridge:problem:too-many-requests"


async def test_an_unknown_address_is_a_problem(client):
    answer = await client.get("/v1/nothing")
    assert_problem(answer, 404)


async def test_a_wrong_method_is_a_problem_that_names_the_right_one(client):
    answer = await client.put("/livez")
    assert_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


async def test_an_unknown_step_is_told_the_nearest_name(client):
    answer = await client.post("/v1/steps/multimodal_analisys", json=TEXT)
    assert_problem(answer, 404)
    assert "multimodal_analysis" in answer.json()["detail"]


async def test_a_wrong_field_names_itself(client):
    answer = await client.post("/v1/steps/multimodal_analysis", json={**TEXT, "analysis_type": "deep"})
    assert_problem(answer, 400)
    assert answer.json()["issues"][0]["where"] == "/analysis_type"


@pytest.mark.parametrize("key", [None, "Basic x", "Bearer wrong"])
async def test_without_a_valid_key_nothing_happens(bridge, key):
    async with bridge.client(None) as anybody:
        headers = {} if key is None else {"Authorization": key}
        answer = await anybody.post("/v1/steps/multimodal_analysis", json=TEXT, headers=headers)
    assert_problem(answer, 401)
    assert "Bearer" in answer.headers["WWW-Authenticate"]


async def test_with_a_valid_key_the_same_call_works(client):
    answer = await client.post("/v1/steps/multimodal_analysis", json=TEXT)
    assert answer.status_code == 202
    assert answer.json()["step"] == "multimodal_analysis"


async def test_what_is_no_http_gets_a_problem_too(bridge):
    host, port = bridge.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\nBroken header\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.0 400")
    assert b"application/problem+json" in answer


def assert_problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["message"] == found["detail"] != ""
    assert found["instance"] == f"urn:uuid:{answer.headers['X-Request-Id']}"
