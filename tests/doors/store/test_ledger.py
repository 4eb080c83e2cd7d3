"""What every store promises about the ledger of findings."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.doors.store import LedgerPage
from bridge.findings.ledger import Remembered, Seen
from bridge.problems import NotFound

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = LedgerPage("alice", "acme/shop", "main")


def remembered(name, **changes):
    seen = Seen(name, "py-eval", "high", "eval() runs anything", "src/app.py", "src/app.py:3")
    return replace(Remembered(seen, "open", NOW, "e1", NOW, "e1"), **changes)


async def test_what_is_recorded_is_recalled_as_it_was(stores):
    both = [remembered("a"), remembered("b", state="fixed", changed_in="e2")]
    await stores.ledger.record(PAGE, both)
    assert await stores.ledger.recall(PAGE) == both


async def test_a_second_record_takes_the_place_of_the_first_and_of_nothing_else(stores):
    await stores.ledger.record(PAGE, [remembered("a"), remembered("b")])
    await stores.ledger.record(PAGE, [remembered("a", state="fixed")])
    assert [(each.fingerprint, each.state) for each in await stores.ledger.recall(PAGE)] == [
        ("a", "fixed"),
        ("b", "open"),
    ]


@pytest.mark.parametrize("changed", [{"tenant": "bob"}, {"repository": "acme/other"}, {"branch": "dev"}])
async def test_a_page_belongs_to_one_tenant_repository_and_branch(stores, changed):
    await stores.ledger.record(PAGE, [remembered("a")])
    assert await stores.ledger.recall(replace(PAGE, **changed)) == []


async def test_a_dismissal_says_who_and_why_on_every_branch_and_survives_a_record(stores):
    branch = replace(PAGE, branch="dev")
    for page in (PAGE, branch):
        await stores.ledger.record(page, [remembered("a")])
    await stores.ledger.dismiss(PAGE, "a", by="mira", why="test code", now=NOW)
    await stores.ledger.record(branch, await stores.ledger.recall(branch))
    [found] = await stores.ledger.recall(branch)
    assert (found.state, found.dismissed_by, found.dismissed_why) == ("dismissed", "mira", "test code")


async def test_a_dismissal_reaches_no_other_tenant(stores):
    other = replace(PAGE, tenant="bob")
    for page in (PAGE, other):
        await stores.ledger.record(page, [remembered("a")])
    await stores.ledger.dismiss(PAGE, "a", by="mira", why="test code", now=NOW)
    assert [each.state for each in await stores.ledger.recall(other)] == ["open"]


async def test_a_dismissal_can_be_taken_back(stores):
    await stores.ledger.record(PAGE, [remembered("a")])
    await stores.ledger.dismiss(PAGE, "a", by="mira", why="test code", now=NOW)
    await stores.ledger.restore(PAGE, "a")
    assert await stores.ledger.recall(PAGE) == [remembered("a")]
    with pytest.raises(NotFound, match="not dismissed"):
        await stores.ledger.restore(PAGE, "a")


async def test_what_nobody_found_cannot_be_dismissed(stores):
    with pytest.raises(NotFound, match="acme/shop main"):
        await stores.ledger.dismiss(PAGE, "zz", by="mira", why="x", now=NOW)


async def test_many_findings_are_kept(stores):
    many = [remembered(f"{number:05}") for number in range(1200)]
    await stores.ledger.record(PAGE, many)
    await stores.ledger.record(PAGE, many)
    assert await stores.ledger.recall(PAGE) == many
