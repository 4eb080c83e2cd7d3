"""The way to people: chat, mail, push. Channels are known by name; their addresses and secrets stay inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Tone = Literal["info", "success", "warning", "failure"]


@dataclass(frozen=True)
class Attachment:
    """A file to send along where a channel takes files."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One message in three dresses, all of the same words; a channel takes the one it can show."""

    title: str
    text: str
    markdown: str
    html: str
    tone: Tone = "info"
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Channel:
    """A configured channel: its ``name``, the service behind it, and whether a sent message can be edited."""

    name: str
    kind: str
    edits: bool


@dataclass(frozen=True)
class Delivery:
    """What became of a message: ``reference`` names it for editing, ``reason`` says why it did not arrive."""

    channel: str
    delivered: bool
    reference: str = ""
    edited: bool = False
    attempts: int = 1
    reason: str = ""


class Notifier(Protocol):
    """Sends messages. A channel that fails is an answer, not an exception."""

    def channels(self) -> Sequence[Channel]:
        """The configured channels, by name."""
        ...

    async def send(self, channel: str, message: Message, *, replacing: str = "") -> Delivery:
        """Send to one channel, or edit the message that an earlier delivery's ``reference`` names.

        Tries again what may pass. Raises `Unusable`, naming the configured channels, for an unknown one.
        No reason ever holds the channel's address or secret.
        """
        ...
