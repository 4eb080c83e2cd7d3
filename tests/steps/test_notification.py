"""notification: who is told what, and that one dead channel keeps nobody else from being told."""

from datetime import UTC, datetime

import pytest

from bridge.authoring import Channel, Earlier
from bridge.doors.notifier.remembering import Remembering
from bridge.problems import InvalidInput, Unusable

CHANNELS = [Channel("slack", "slack+bot", edits=True), Channel("email", "E-Mail", edits=False)]


def earlier(step, node, result):
    return Earlier(f"run-of-{step}", step, node, {"success": True, **result}, datetime.now(UTC))


@pytest.fixture
def notifier():
    return Remembering(CHANNELS)


@pytest.fixture
def tell(try_step, notifier):
    async def call(**given):
        return await try_step("notification", {"channels": ["slack", "email"], **given}, notifier=notifier)

    call.trial = try_step
    return call


@pytest.fixture
def failed(tell):
    """An execution in which the tests failed."""
    tell.trial.event = {"repository": {"full_name": "acme/shop"}, "branch": "main"}
    reasons = [{"code": "tests", "message": "2 of 120 tests failed", "outcome": "fail"}]
    tell.trial.results.earlier += [
        earlier("gate", "Entry", {"verdict": "pass", "reasons": []}),
        earlier("multimodal_analysis", "Analyze", {"analysis": {}}),
        earlier("test_execution", "Run Tests", {"verdict": "fail", "reasons": reasons}),
    ]
    return tell


async def test_every_channel_is_told_how_the_execution_went(failed, notifier):
    result = await failed()
    assert result["title"] == "Failed: acme/shop main"
    assert result["message"] == "• Analyze\n❌ Run Tests: 2 of 120 tests failed"
    assert result["verdict"] == "pass"
    assert {name: [each.title for each in box.values()] for name, box in notifier.sent.items()} == {
        "slack": ["Failed: acme/shop main"],
        "email": ["Failed: acme/shop main"],
    }


async def test_the_summary_can_be_left_out(failed):
    assert (await failed(include_summary=False, message="Look here."))["message"] == "Look here."


async def test_one_dead_channel_is_seen_and_the_other_is_told(tell, notifier):
    notifier.broken = {"slack": "Slack answered channel_not_found"}
    result = await tell(message="Hello")
    assert result["success"]
    assert result["verdict"] == "fail"
    assert [(each["channel"], each["delivered"]) for each in result["deliveries"]] == [
        ("slack", False),
        ("email", True),
    ]
    assert result["issues"] == [
        {"code": "not_delivered", "where": "/channels/slack", "message": "Slack answered channel_not_found"}
    ]
    assert len(notifier.sent["email"]) == 1


async def test_an_unknown_channel_is_refused_before_anyone_is_told(tell, notifier):
    with pytest.raises(Unusable, match=r"pager.*Configured: slack, email.*bridge\.toml"):
        await tell(channels=["email", "pager"], message="Hello")
    assert notifier.sent == {}


async def test_no_channel_at_all_is_refused(tell):
    with pytest.raises(InvalidInput, match="channels"):
        await tell(channels=[])


async def test_the_second_message_of_an_execution_edits_the_first_where_it_can(tell, notifier):
    first = await tell(message="Started")
    tell.trial.results.earlier.append(earlier("notification", "Notify", first))
    second = await tell(message="Done")
    assert [each["edited"] for each in second["deliveries"]] == [True, False]
    assert [each.text for each in notifier.sent["slack"].values()] == ["Done"]
    assert len(notifier.sent["email"]) == 2


async def test_editing_can_be_turned_off(tell, notifier):
    tell.trial.results.earlier.append(earlier("notification", "Notify", await tell(message="Started")))
    await tell(message="Done", edit_in_place=False)
    assert len(notifier.sent["slack"]) == 2


async def test_a_dry_run_writes_the_message_and_sends_nothing(failed, notifier):
    result = await failed(dry_run=True)
    assert result["verdict"] == "skipped"
    assert "Run Tests" in result["message"]
    assert notifier.sent == {}


@pytest.mark.parametrize(("only_on", "sent"), [("always", True), ("failure", False), ("not_pass", True)])
async def test_who_wants_only_failures_is_told_only_of_failures(tell, notifier, only_on, sent):
    tell.trial.results.earlier.append(earlier("health_check", "Health", {"verdict": "inconclusive", "reasons": []}))
    await tell(only_on=only_on)
    assert bool(notifier.sent) is sent


async def test_nothing_in_a_result_calls_people_or_becomes_markup(tell, notifier):
    hostile = "@everyone <!channel> <img src=x onerror=alert(1)> [click](http://evil) **bold** <script>x</script>\x1b[31m\u202e"
    tell.trial.results.earlier.append(
        earlier(
            "test_execution",
            hostile,
            {"verdict": "fail", "reasons": [{"code": "x", "message": hostile, "outcome": "fail"}]},
        )
    )
    await tell()
    sent = notifier.sent["email"]["1"]
    for dress in (sent.title, sent.text, sent.markdown, sent.html):
        assert "@everyone" not in dress
        assert "<!channel" not in dress
        assert "\x1b" not in dress
        assert "\u202e" not in dress
    assert "<img" not in sent.html
    assert "<script" not in sent.html
    assert "<img" not in sent.markdown
    assert "[click](" not in sent.markdown
    assert "**bold**" not in sent.markdown
