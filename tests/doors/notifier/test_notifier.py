"""Every notifier keeps the same promises; the real one also to real mail and web servers."""

import pytest

from bridge.doors.notifier import Channel, Message
from bridge.doors.notifier.channels import configured, read_channels
from bridge.doors.notifier.remembering import Remembering
from bridge.doors.notifier.sending import Sending
from bridge.problems import BadSetting, Unusable

from .sinks import OpenFetcher, mail_server, web_server

MESSAGE = Message("Failed: shop main", "Tests: 2 failed", "Tests: 2 failed", "<p>Tests: 2 failed</p>", "failure")


def sending(**urls):
    issues = []
    made = {
        name: configured(name, *(value if isinstance(value, tuple) else (value, "", "")), issues)
        for name, value in urls.items()
    }
    assert issues == []
    return Sending(made, OpenFetcher(), pause=0.0, timeout=5.0)


@pytest.fixture
async def hook():
    async with web_server() as made:
        yield made


@pytest.fixture
async def mailbox():
    async with mail_server() as made:
        yield made


@pytest.fixture(params=["sending", "remembering"])
def notifier(request, hook):
    if request.param == "remembering":
        channels = [
            Channel("chat", "slack+bot", edits=True),
            Channel("hook", "JSON", edits=False),
            Channel("dead", "JSON", edits=False),
        ]
        return Remembering(channels, broken={"dead": "connection refused"})
    host = hook.address.removeprefix("http://")
    return sending(
        chat=(f"slack+bot+{hook.address}/api", "xoxb-token-1", "C1"),
        hook=f"json://{host}/in",
        dead="json://127.0.0.1:9/x",
    )


async def test_channels_are_told_by_name_kind_and_whether_they_edit(notifier):
    told = {each.name: (each.kind, each.edits) for each in notifier.channels()}
    assert told == {"chat": ("slack+bot", True), "hook": ("JSON", False), "dead": ("JSON", False)}


async def test_a_message_is_delivered(notifier):
    delivery = await notifier.send("hook", MESSAGE)
    assert (delivery.channel, delivery.delivered, delivery.edited, delivery.reason) == ("hook", True, False, "")


async def test_a_message_is_edited_where_the_channel_can(notifier):
    first = await notifier.send("chat", MESSAGE)
    second = await notifier.send("chat", MESSAGE, replacing=first.reference)
    assert first.reference
    assert (first.edited, second.edited) == (False, True)


async def test_a_message_is_sent_anew_where_the_channel_cannot_edit(notifier):
    first = await notifier.send("hook", MESSAGE)
    assert not (await notifier.send("hook", MESSAGE, replacing=first.reference)).edited


async def test_an_unknown_channel_is_a_problem_naming_the_known_ones(notifier):
    with pytest.raises(Unusable, match=r"'pager'.*chat.*hook.*bridge.toml"):
        await notifier.send("pager", MESSAGE)


async def test_a_channel_that_fails_is_an_answer_after_three_attempts(notifier):
    delivery = await notifier.send("dead", MESSAGE)
    assert not delivery.delivered
    assert delivery.attempts == 3
    assert delivery.reason


async def test_mail_arrives_as_html_with_plain_text_beside_it(mailbox):
    url = f"mailto://127.0.0.1:{mailbox.port}?from=bridge@example.org&to=team@example.org&mode=insecure"
    delivery = await sending(mail=url).send("mail", MESSAGE)
    assert delivery.delivered, delivery.reason
    [(recipients, mail)] = mailbox.mails
    assert recipients == ["team@example.org"]
    assert mail["subject"] == "Failed: shop main"
    assert "<p>Tests: 2 failed</p>" in mail.get_body(("html",)).get_content()


async def test_mail_refused_once_is_tried_again(mailbox):
    mailbox.refuse = 1
    url = f"mailto://127.0.0.1:{mailbox.port}?from=bridge@example.org&to=team@example.org&mode=insecure"
    delivery = await sending(mail=url).send("mail", MESSAGE)
    assert (delivery.delivered, delivery.attempts, len(mailbox.mails)) == (True, 2, 1)


async def test_a_web_hook_that_fails_twice_is_reached_the_third_time(hook):
    hook.answers += [(500, {}), (503, {})]
    delivery = await sending(hook=f"json://{hook.address.removeprefix('http://')}/in").send("hook", MESSAGE)
    assert (delivery.delivered, delivery.attempts, len(hook.calls)) == (True, 3, 3)
    assert hook.calls[-1][2]["message"] == "Tests: 2 failed"


async def test_slack_is_posted_to_once_and_then_edited(hook):
    notifier = sending(chat=(f"slack+bot+{hook.address}/api", "xoxb-token-1", "C1"))
    first = await notifier.send("chat", MESSAGE)
    await notifier.send("chat", MESSAGE, replacing=first.reference)
    await notifier.send("chat", MESSAGE, replacing=first.reference)
    assert [path for _, path, _, _ in hook.calls] == ["/api/chat.postMessage", "/api/chat.update", "/api/chat.update"]
    assert hook.calls[1][2]["ts"] == "1.5"
    assert hook.calls[0][3]["Authorization"] == "Bearer xoxb-token-1"


async def test_a_message_that_is_gone_is_posted_anew(hook):
    notifier = sending(chat=(f"slack+bot+{hook.address}/api", "xoxb-token-1", "C1"))
    hook.answers += [(200, {"ok": False, "error": "message_not_found"})]
    delivery = await notifier.send("chat", MESSAGE, replacing="C1/1.0")
    assert (delivery.delivered, delivery.edited) == (True, False)


async def test_discord_calls_nobody_and_edits(hook):
    notifier = sending(chat=f"discord+webhook+{hook.address}/api/webhooks/1/tokentoken")
    first = await notifier.send("chat", MESSAGE)
    await notifier.send("chat", MESSAGE, replacing=first.reference)
    assert [(method, path) for method, path, _, _ in hook.calls] == [
        ("POST", "/api/webhooks/1/tokentoken?wait=true"),
        ("PATCH", "/api/webhooks/1/tokentoken/messages/m1"),
    ]
    assert hook.calls[0][2]["allowed_mentions"] == {"parse": []}


async def test_mattermost_edits(hook):
    notifier = sending(chat=(f"mattermost+bot+{hook.address}", "mm-token-1", "room-1"))
    first = await notifier.send("chat", MESSAGE)
    await notifier.send("chat", MESSAGE, replacing=first.reference)
    assert [(method, path) for method, path, _, _ in hook.calls] == [
        ("POST", "/api/v4/posts"),
        ("PUT", "/api/v4/posts/m1/patch"),
    ]


async def test_no_reason_tells_a_secret(hook):
    host = hook.address.removeprefix("http://")
    hook.answers += [(401, {"ok": False, "error": "bad token xoxb-secret-77"})] * 3 + [(500, {})] * 3
    notifier = sending(
        chat=(f"slack+bot+{hook.address}/api", "xoxb-secret-77", "C1"),
        hook=f"json://user:hunter2secret@{host}/in/pathsecret99",
    )
    for name in ("chat", "hook"):
        delivery = await notifier.send(name, MESSAGE)
        assert not delivery.delivered
        assert not any(each in delivery.reason for each in ("xoxb-secret-77", "hunter2secret", "pathsecret99"))
    assert "xoxb-secret-77" not in repr(notifier._channels)


def test_channels_come_from_the_file_and_addresses_from_the_environment(tmp_path):
    path = tmp_path / "bridge.toml"
    path.write_text(
        '[channels.team]\nurl_env = "TEAM_URL"\n[channels.chat]\nurl_env = "CHAT"\ntoken_env = "BOT"\nroom = "C1"\n'
    )
    found = read_channels(
        path, {"TEAM_URL": "json://localhost/x", "CHAT": "slack+bot+https://slack.com/api", "BOT": "t"}
    )
    assert {name: each.kind for name, each in found.items()} == {"team": "JSON", "chat": "slack+bot"}


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ('[channels.a]\nurl_env = "NOPE"', {}, "NOPE is not set"),
        ("[channels.a]\n", {}, "url_env is missing"),
        ('[channels.a]\nurl = "json://x"', {}, r"channels\.a\.url: is not known"),
        ('[channels.a]\nurl_env = "U"', {"U": "nonsense://topsecret"}, "holds no address"),
        ("[channels.a\n", {}, "TOML"),
    ],
)
def test_a_channel_that_cannot_be_used_is_named_with_its_fault(tmp_path, text, environ, said):
    path = tmp_path / "bridge.toml"
    path.write_text(text)
    with pytest.raises(BadSetting, match=said) as caught:
        read_channels(path, environ)
    assert "topsecret" not in str(caught.value)
