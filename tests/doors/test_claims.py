"""What every adapter of the claims door owes."""

import pytest

from bridge.doors.store.claims_in_memory import ClaimsInMemory
from bridge.problems import NotFound

HERE = {"workflow_id": "w1", "execution_id": "7"}
ELSEWHERE = {"workflow_id": "w1", "execution_id": "8"}


@pytest.fixture
def claims():
    return ClaimsInMemory()


async def test_the_first_claimant_gets_the_record_and_its_event(claims):
    made = claims.issue("token", tenant="t", trigger="git_push", event={"branch": "x"})
    claimed = await claims.claim("token", tenant="t", n8n=HERE)
    assert (claimed.execution_id, claimed.accepted, claimed.event) == (made, True, {"branch": "x"})


async def test_the_same_execution_may_repeat_its_claim_and_no_other_may(claims):
    claims.issue("token", tenant="t", trigger="manual", event={})
    first = await claims.claim("token", tenant="t", n8n=HERE)
    assert await claims.claim("token", tenant="t", n8n=HERE) == first
    other = await claims.claim("token", tenant="t", n8n=ELSEWHERE)
    assert not other.accepted


async def test_a_token_of_another_tenant_is_unknown(claims):
    claims.issue("token", tenant="t", trigger="manual", event={})
    with pytest.raises(NotFound):
        await claims.claim("token", tenant="other", n8n=HERE)


async def test_one_execution_has_one_record(claims):
    first = await claims.record({"type": "manual"}, tenant="t", n8n=HERE)
    again = await claims.record({"type": "manual"}, tenant="t", n8n=HERE)
    other = await claims.record({"type": "manual"}, tenant="t", n8n=ELSEWHERE)
    assert first == again
    assert other.execution_id != first.execution_id
