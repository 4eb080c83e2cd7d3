"""A notifier that sends nothing and remembers everything: for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bridge.doors.notifier import Channel, Delivery, Message
from bridge.problems import Unusable


@dataclass
class Remembering:
    """Channels in memory; those in ``broken`` fail with the reason given there."""

    known: Sequence[Channel]
    broken: Mapping[str, str] = field(default_factory=dict)
    sent: dict[str, dict[str, Message]] = field(default_factory=dict)

    def channels(self) -> Sequence[Channel]:
        """The channels this was made with."""
        return self.known

    async def send(self, channel: str, message: Message, *, replacing: str = "") -> Delivery:
        """Remember the message under a new reference, or in place of the one named."""
        one = next((each for each in self.known if each.name == channel), None)
        if one is None:
            names = ", ".join(each.name for each in self.known) or "none"
            raise Unusable(f"There is no channel named '{channel}'. Configured: {names}. Add it to bridge.toml.")
        if channel in self.broken:
            return Delivery(channel, delivered=False, attempts=3, reason=self.broken[channel])
        box = self.sent.setdefault(channel, {})
        edited = one.edits and replacing in box
        reference = replacing if edited else str(len(box) + 1)
        box[reference] = message
        return Delivery(channel, delivered=True, reference=reference if one.edits else "", edited=edited)
