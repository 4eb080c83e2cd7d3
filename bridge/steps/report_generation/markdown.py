"""The report as Markdown: every value is escaped unless a filter made it Markdown itself."""

import re
from functools import lru_cache
from importlib.resources import files

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bridge.authoring import code_span, escape_markdown, escape_markdown_line, fenced
from bridge.steps.report_generation.blocks import Report

LIMIT = 65_536
"""GitHub refuses a longer comment."""


@lru_cache(maxsize=4)
def environment(own: tuple[tuple[str, str], ...] = ()) -> ImmutableSandboxedEnvironment:
    """Return the Markdown environment: sandboxed, strict, escaping by default."""
    place = files("bridge.steps.report_generation").joinpath("templates")
    fixed = {each.name: each.read_text("utf-8") for each in place.iterdir() if each.name.endswith(".j2")}
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader({**fixed, **dict(own)}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escape_markdown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"inline": escape_markdown_line, "code": code_span, "fence": fenced}
    return made


def render(report: Report, own: dict[str, str] | None = None, template: str = "report.md.j2") -> str:
    """Return the whole report as Markdown."""
    text = environment(tuple((own or {}).items())).get_template(template).render(report=report)
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
