"""gate: the claim, the entry conditions, clauses over earlier results."""

from datetime import UTC, datetime

import pytest

from bridge.authoring import Earlier, Forbidden, InvalidInput, N8nPlace
from bridge.doors.claims.in_memory import ClaimsInMemory

PUSH = {"type": "git_push", "timestamp": "2026-01-01T00:00:00Z", "data": {"branch": "x", "files": [{"path": "a.py"}]}}


@pytest.fixture
def claims():
    return ClaimsInMemory()


@pytest.fixture
def gate(try_step, claims):
    async def call(given):
        return await try_step("gate", given, claims=claims)

    return call


async def test_an_execution_nobody_started_gets_a_record_of_its_own(gate):
    result = await gate({"stage": "entry", "event": {}})
    assert (result["verdict"], result["trigger"]) == ("pass", "manual")
    assert result["execution_id"]
    assert result["event"] == {"type": "manual"}


async def test_a_started_execution_is_claimed_and_its_event_laid_out_flat(gate, claims):
    expected = claims.issue("once", {"type": "git_push"})
    body = {**PUSH, "data": {**PUSH["data"], "claim": "once", "execution_id": expected}}
    result = await gate({"stage": "entry", "event": body, "conditions": {"file_types": ["py"]}})
    assert (result["verdict"], result["execution_id"]) == ("pass", expected)
    assert result["event"]["branch"] == "x"
    assert result["event"]["type"] == "git_push"
    assert "claim" not in result["event"]


async def test_a_second_claimant_is_told_to_end(gate, claims):
    made = claims.issue("once", {})
    await claims.claim(made, "once", N8nPlace("w", "41"), {})
    result = await gate({"stage": "entry", "event": {"execution_id": made, "claim": "once"}})
    assert (result["verdict"], result["reasons"][0]["code"]) == ("skipped", "duplicate_start")


async def test_a_forged_claim_is_refused(gate):
    with pytest.raises(Forbidden, match="fits no execution"):
        await gate({"stage": "entry", "event": {"execution_id": "e", "claim": "forged"}})


async def test_a_docs_only_push_is_skipped_with_the_reason(gate, claims):
    body = {**PUSH, "data": {"files": [{"path": "README.md"}]}}
    result = await gate({"stage": "entry", "event": body, "conditions": {"exclude_patterns": ["*.md"]}})
    assert result["verdict"] == "skipped"
    assert "only excluded files changed" in result["reasons"][0]["message"]
    assert claims.closed[result["execution_id"]] == result["reasons"]


def earlier(node, **result):
    return Earlier("run-0", "test_execution", node, result, datetime.now(UTC))


async def test_clauses_see_the_result_of_the_step_before(gate, try_step, claims):
    try_step.results.earlier = [earlier("Run Tests", test_success_rate=71)]
    clause = {"code": "test_success_rate", "cel": "result.test_success_rate >= value", "value": "100"}
    given = {
        "execution_id": "e1",
        "sources": {"run_tests": "node:Run Tests"},
        "subject": "run_tests",
        "clauses": [clause],
    }
    result = await gate(given)
    assert result["verdict"] == "fail"
    assert result["reasons"][0]["actual"] == "result.test_success_rate = 71"
    assert claims.closed["e1"] == result["reasons"]
    try_step.results.earlier = [earlier("Run Tests", test_success_rate=100)]
    assert (await gate(given))["verdict"] == "pass"


async def test_a_step_that_did_not_run_is_no_pass(gate):
    given = {"sources": {"a": "node:Gone"}, "subject": "a", "clauses": [{"code": "c", "cel": "result.ok"}]}
    assert (await gate(given))["verdict"] == "inconclusive"


async def test_a_branch_may_ask_whether_a_step_ran(gate):
    given = {"stage": "branch", "sources": {"a": "node:Gone"}, "clauses": [{"code": "when", "cel": "!has(steps.a)"}]}
    assert (await gate(given))["verdict"] == "pass"


async def test_clauses_see_the_event_and_the_parameters(gate, try_step):
    try_step.event = {"branch": "main", "type": "git_push"}
    clause = {"code": "when", "cel": "event.branch == params.branch && event.type == 'git_push'"}
    result = await gate({"stage": "branch", "params": {"branch": "main"}, "clauses": [clause]})
    assert result["verdict"] == "pass"


async def test_a_value_that_is_no_json_names_its_place(gate):
    with pytest.raises(InvalidInput) as raised:
        await gate({"clauses": [{"code": "c", "cel": "value == 'x'", "value": "medium"}]})
    assert raised.value.issues[0].where == "/clauses/0/value"
