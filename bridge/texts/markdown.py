"""Foreign text as Markdown: shown letter by letter, calling nobody and linking nowhere."""

import re
from typing import Any

from markupsafe import Markup

from bridge.texts.cleaning import clean

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_STARTS = re.compile(r"^(\s*)(#{1,6}(?!\S)|[+-](?!\S)|-+(?=\s*$)|=+(?=\s*$)|:(?=\s)|\d{1,9}[.)](?!\S))", re.MULTILINE)
_LINKS = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp):|\bwww\.")
_JOINER = "\N{WORD JOINER}"


def escape_markdown(value: Any) -> Markup:
    """Return *value* as Markdown that shows exactly these characters, calls nobody and links nowhere."""
    if isinstance(value, Markup):
        return value
    text = clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(lambda match: "\\" + match.group(), text)
    text = _LINKS.sub(lambda match: match.group()[:-1] + "\\" + match.group()[-1], text)
    text = re.sub(r"(^|\W)([@#])(?=\w)", rf"\1\2{_JOINER}", text)
    text = _STARTS.sub(lambda match: _harmless_start(match.group(1), match.group(2)), text)
    return Markup(text)  # noqa: S704 - escaped for Markdown right above


def _harmless_start(space: str, sign: str) -> str:
    return f"{space}{sign[:-1]}\\{sign[-1]}"


def escape_markdown_line(value: Any) -> Markup:
    """Return *value* escaped and on one line, fit for a heading or a table's cell."""
    return Markup(" ".join(escape_markdown(value).split()))  # noqa: S704 - escaped


def code_span(value: Any) -> Markup:
    """Return *value* as a code span that also stands in a table."""
    text = " ".join(clean(value).split()).replace("|", "\\|")
    if not text:
        return Markup()
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return Markup(f"{ticks}{pad}{text}{pad}{ticks}")  # noqa: S704 - no run of backticks ends the span


def fenced(value: Any, language: str = "") -> Markup:
    """Return *value* as a fenced block that nothing in it can close."""
    text = clean(value).rstrip("\n")
    ticks = "`" * max(3, _longest_run(text) + 1)
    named = re.sub(r"[^A-Za-z0-9+#-]", "", language)[:20]
    return Markup(f"{ticks}{named}\n{text}\n{ticks}")  # noqa: S704 - the fence is longer than any in it


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
