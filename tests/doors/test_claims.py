"""What every adapter of the claims door owes."""

import pytest

from bridge.doors.claims import N8nPlace
from bridge.doors.claims.in_memory import ClaimsInMemory
from bridge.problems import Forbidden

HERE = N8nPlace("w1", "7")
ELSEWHERE = N8nPlace("w1", "8")


@pytest.fixture
def claims():
    return ClaimsInMemory()


async def test_the_first_claimant_gets_the_record_and_its_event(claims):
    made = claims.issue("once", {"branch": "x", "type": "git_push"})
    claimed = await claims.claim(made, "once", HERE, {})
    assert (claimed.execution_id, claimed.duplicate, claimed.event["branch"]) == (made, False, "x")


async def test_the_same_execution_may_repeat_its_claim_and_no_other_may(claims):
    made = claims.issue("once", {})
    first = await claims.claim(made, "once", HERE, {})
    assert await claims.claim(made, "once", HERE, {}) == first
    assert (await claims.claim(made, "once", ELSEWHERE, {})).duplicate


async def test_a_wrong_claim_is_refused(claims):
    made = claims.issue("once", {})
    with pytest.raises(Forbidden):
        await claims.claim(made, "guessed", HERE, {})


async def test_an_execution_nobody_started_has_one_record_of_its_own(claims):
    first = await claims.claim("", "", HERE, {"type": "manual"})
    again = await claims.claim("", "", HERE, {"type": "manual"})
    other = await claims.claim("", "", ELSEWHERE, {"type": "manual"})
    assert first == again
    assert other.execution_id != first.execution_id
    assert first.event["type"] == "manual"
