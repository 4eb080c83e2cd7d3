"""The notifier: every service Apprise knows, and our own way to those whose messages can be edited in place."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from apprise import Apprise as Library
from apprise import AppriseAsset, NotifyFormat, NotifyType

from bridge.doors.fetcher import Fetcher
from bridge.doors.notifier import Channel, Delivery, Message
from bridge.doors.notifier.channels import EDITING, Configured, unknown
from bridge.doors.notifier.editing import edit_or_post
from bridge.problems import Problem

_TYPES = {
    "info": NotifyType.INFO,
    "success": NotifyType.SUCCESS,
    "warning": NotifyType.WARNING,
    "failure": NotifyType.FAILURE,
}
_ATTEMPTS = 3


class Sending:
    """Sends to the configured channels; ``pause`` is the wait before the second attempt, in seconds."""

    def __init__(
        self, channels: Mapping[str, Configured], fetcher: Fetcher, *, pause: float = 1.0, timeout: float = 20.0
    ) -> None:
        self._channels = channels
        self._fetcher = fetcher
        self._pause = pause
        self._timeout = timeout

    def channels(self) -> Sequence[Channel]:
        """The configured channels, by name."""
        return [self._channels[name].public for name in sorted(self._channels)]

    async def send(self, channel: str, message: Message, *, replacing: str = "") -> Delivery:
        """Send, up to three times."""
        if channel not in self._channels:
            raise unknown(channel, self._channels)
        one = self._channels[channel]
        delivery = Delivery(channel, delivered=False, attempts=0)
        for attempt in range(1, _ATTEMPTS + 1):
            delivery = replace(await self._once(one, message, replacing), attempts=attempt)
            if delivery.delivered:
                break
            if attempt < _ATTEMPTS:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
        return replace(delivery, reason=redacted(delivery.reason, one))

    async def _once(self, one: Configured, message: Message, replacing: str) -> Delivery:
        try:
            async with asyncio.timeout(self._timeout):
                if one.kind in EDITING:
                    return await edit_or_post(one, message, replacing, self._fetcher)
                return await send_by_library(one, message)
        except TimeoutError:
            return Delivery(one.name, delivered=False, reason=f"no answer within {self._timeout:g} s")
        except Problem as error:
            return Delivery(one.name, delivered=False, reason=str(error))


async def send_by_library(one: Configured, message: Message) -> Delivery:
    """Send once with Apprise, in the dress its service shows best."""
    library = Library(asset=AppriseAsset(app_id="n8n Multimodal Bridge", storage_mode="memory"))
    library.add(one.url)
    dress = _dress(library)
    body = {NotifyFormat.HTML: message.html, NotifyFormat.MARKDOWN: message.markdown}.get(dress, message.text)
    result = await library.async_notify(
        body=body, title=message.title, notify_type=_TYPES[message.tone], body_format=dress
    )
    said = [str(getattr(each, "message", each)) for each in result.logs()]
    return Delivery(one.name, bool(result), reason="" if result else (said or ["the service refused the message"])[-1])


def _dress(library: Library) -> NotifyFormat:
    known = next(iter(library)).notify_format
    first = known[0] if isinstance(known, tuple) else known
    return NotifyFormat(first)


def redacted(reason: str, one: Configured) -> str:
    """Return *reason* on one line, without any part of the channel's address that could be a secret."""
    split = urlsplit(one.url)
    pieces = re.split(r"[/@:?&=+]+", one.url)
    parts = {one.token, one.url, split.query, *pieces, *(unquote(each) for each in pieces)}
    plain = {split.scheme, *split.scheme.split("+"), split.hostname or ""}
    for part in sorted((each for each in parts - plain if len(each) >= 4), key=len, reverse=True):
        reason = reason.replace(part, "***")
    return " ".join(reason.split())[:300]
