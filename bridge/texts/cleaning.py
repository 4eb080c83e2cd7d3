"""Foreign text made harmless to read: nothing invisible, nothing that reorders or hides what stands there."""

import re
import unicodedata
from typing import Any

_ALLOWED = "\n\t"
_LONGEST = 200_000


def visible(character: str) -> str:
    """Return *character*, or a printable sign in its place when it would act instead of being read."""
    if character in _ALLOWED:
        return character
    kind = unicodedata.category(character)
    if kind == "Cc":
        return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\N{REPLACEMENT CHARACTER}"
    if kind == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    if kind in ("Cf", "Zl", "Zp") and character not in "\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}":
        return f"[U+{ord(character):04X}]"
    return character


_ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b\u200c\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]"
)


def clean(value: Any, limit: int = _LONGEST) -> str:
    """Return *value* as text of at most *limit* characters in which every character can be seen."""
    text = value if isinstance(value, str) else plain(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _ACTS.sub(lambda match: visible(match.group()), text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(value: Any, limit: int = 500) -> str:
    """Return *value* cleaned and on one line."""
    return " ".join(clean(value, limit).split())


def plain(value: Any) -> str:
    """Return how a person would write one JSON value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    if isinstance(value, int):
        return str(value) if -(10**15) < value < 10**15 else f"{value:.6e}"
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(each) for each in value[:20]) + (" …" if len(value) > 20 else "")
    if isinstance(value, dict):
        named = [f"{key}: {plain(each)}" for key, each in list(value.items())[:12]]
        return "; ".join(named) + (" …" if len(value) > 12 else "")
    return str(value)


def words(key: str) -> str:
    """``test_success_rate`` as ``Test success rate``."""
    spaced = one_line(key.replace("_", " ").replace("-", " "), 80)
    return spaced[:1].upper() + spaced[1:]


_CALLS = re.compile(r"(^|[^\w])@(?=\w)|<(?=[!@#])")


def calm(text: str) -> str:
    """Return *text* with mentions (``@all``, ``<!channel>``) broken, so that sending it calls nobody."""
    return _CALLS.sub(lambda match: match.group() + "\N{WORD JOINER}", text)
