"""The report as Markdown: every value is escaped unless a filter made it Markdown itself."""

import re
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bridge.steps.report_generation.blocks import Report
from bridge.steps.report_generation.cleaning import clean

LIMIT = 65_536
"""GitHub refuses a longer comment."""

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_STARTS = re.compile(r"^(\s*)(#{1,6}(?!\S)|[+-](?!\S)|-+(?=\s*$)|=+(?=\s*$)|:(?=\s)|\d{1,9}[.)](?!\S))", re.MULTILINE)
_LINKS = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp):|\bwww\.")
_JOINER = "\N{WORD JOINER}"


def escape(value: Any) -> Markup:
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


def inline(value: Any) -> Markup:
    """Return *value* escaped and on one line, fit for a heading or a table's cell."""
    return Markup(" ".join(escape(value).split()))  # noqa: S704 - escaped


def code(value: Any) -> Markup:
    """Return *value* as a code span that also stands in a table."""
    text = " ".join(clean(value).split()).replace("|", "\\|")
    if not text:
        return Markup()
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return Markup(f"{ticks}{pad}{text}{pad}{ticks}")  # noqa: S704 - no run of backticks ends the span


def fence(value: Any, language: str = "") -> Markup:
    """Return *value* as a fenced block that nothing in it can close."""
    text = clean(value).rstrip("\n")
    ticks = "`" * max(3, _longest_run(text) + 1)
    named = re.sub(r"[^A-Za-z0-9+#-]", "", language)[:20]
    return Markup(f"{ticks}{named}\n{text}\n{ticks}")  # noqa: S704 - the fence is longer than any in it


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def environment(own: dict[str, str] | None = None) -> ImmutableSandboxedEnvironment:
    """Return the Markdown environment: sandboxed, strict, escaping by default."""
    place = files("bridge.steps.report_generation").joinpath("templates")
    fixed = {each.name: each.read_text("utf-8") for each in place.iterdir() if each.name.endswith(".j2")}
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader({**fixed, **(own or {})}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"inline": inline, "code": code, "fence": fence}
    return made


def render(report: Report, own: dict[str, str] | None = None, template: str = "report.md.j2") -> str:
    """Return the whole report as Markdown."""
    text = environment(own).get_template(template).render(report=report)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def shortened(text: str, link: str, limit: int = LIMIT) -> str:
    """Return *text* cut between blocks to *limit* characters, its end naming where the rest stands."""
    if len(text) <= limit:
        return text
    left_out = f"\n---\n\n*The report is longer than fits here. The whole report: [{link}]({link})*\n"
    kept = text[: limit - len(left_out) - 200]
    kept = kept[: kept.rfind("\n\n")] if "\n\n" in kept else kept
    return close_fence(kept) + "\n" + left_out


def close_fence(text: str) -> str:
    """Return *text* with a code block or details that the cut left open closed again."""
    opened, details = "", 0
    for each in text.split("\n"):
        ticks = re.match("`{3,}", each)
        if ticks and not opened:
            opened = ticks.group()
        elif opened and each.strip() == opened:
            opened = ""
        elif not opened:
            details += each.startswith("<details") - each.startswith("</details>")
    return text + (f"\n{opened}" if opened else "") + "\n\n</details>" * max(0, details)
