"""Channels whose messages can be edited: a Slack bot, a Discord webhook, a Mattermost bot; all through the fetcher."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from bridge.doors.fetcher import Fetched, Fetcher, Target
from bridge.doors.notifier import Delivery, Message
from bridge.doors.notifier.channels import Configured

_COLOURS = {"info": 0x2F5BD7, "success": 0x1A7F4B, "warning": 0xD98200, "failure": 0xC4262E}
_LONGEST = {"slack+bot": 3_500, "discord+webhook": 4_000, "mattermost+bot": 16_000}


async def edit_or_post(one: Configured, message: Message, replacing: str, fetcher: Fetcher) -> Delivery:
    """Edit the message *replacing* names; post a new one when there is none or it is gone."""
    call = {"slack+bot": _slack, "discord+webhook": _discord, "mattermost+bot": _mattermost}[one.kind]
    if replacing:
        delivery = await call(one, message, replacing, fetcher)
        if delivery.delivered:
            return delivery
    return await call(one, message, "", fetcher)


def _cut(one: Configured, text: str) -> str:
    limit = _LONGEST[one.kind]
    return text if len(text) <= limit else text[: limit - 1] + "…"


async def _send(
    one: Configured, fetcher: Fetcher, method: str, path: str, body: Mapping[str, Any]
) -> tuple[Fetched, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {one.token}"} if one.token else {}
    target = Target(one.name, "notifier", one.url + path, headers)
    answer = await fetcher.call(
        target, method=method, headers={"Content-Type": "application/json"}, body=orjson.dumps(body),
        max_bytes=1_000_000, timeout=20.0,
    )  # fmt: skip
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        said = {}
    return answer, said if isinstance(said, dict) else {}


def _delivery(one: Configured, answer: Fetched, reference: str, replacing: str, why: str = "") -> Delivery:
    good = 200 <= answer.status < 300 and not why
    return Delivery(
        one.name,
        good,
        reference if good else "",
        edited=bool(replacing) and good,
        reason="" if good else why or f"the service answered {answer.status}",
    )


async def _slack(one: Configured, message: Message, replacing: str, fetcher: Fetcher) -> Delivery:
    room, _, stamp = replacing.partition("/")
    text = _slack_text(_cut(one, message.text))
    body = {"channel": room or one.room, "text": f"*{_slack_text(message.title)}*\n{text}", "link_names": False}
    path = "/chat.update" if replacing else "/chat.postMessage"
    answer, said = await _send(
        one, fetcher, "POST", path, {**body, "ts": stamp} if replacing else {**body, "unfurl_links": False}
    )
    why = "" if said.get("ok") else f"Slack answered {said.get('error') or answer.status}"
    return _delivery(one, answer, f"{said.get('channel', '')}/{said.get('ts', '')}", replacing, why)


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _discord_text(text: str) -> str:
    return re.sub(r"([\\`*_~|>\[\]()#])", r"\\\1", text)


async def _discord(one: Configured, message: Message, replacing: str, fetcher: Fetcher) -> Delivery:
    embed = {
        "title": message.title[:256],
        "description": _cut(one, _discord_text(message.text)),
        "color": _COLOURS[message.tone],
    }
    body = {"embeds": [embed], "allowed_mentions": {"parse": []}}
    if replacing:
        answer, said = await _send(one, fetcher, "PATCH", f"/messages/{quote(replacing, safe='')}", body)
    else:
        answer, said = await _send(one, fetcher, "POST", "?wait=true", body)
    return _delivery(one, answer, str(said.get("id", "")), replacing)


async def _mattermost(one: Configured, message: Message, replacing: str, fetcher: Fetcher) -> Delivery:
    text = f"#### {message.title}\n{_cut(one, message.markdown)}"
    if replacing:
        path = f"/api/v4/posts/{quote(replacing, safe='')}/patch"
        answer, said = await _send(one, fetcher, "PUT", path, {"message": text})
    else:
        answer, said = await _send(one, fetcher, "POST", "/api/v4/posts", {"channel_id": one.room, "message": text})
    return _delivery(one, answer, str(said.get("id", "")), replacing)
