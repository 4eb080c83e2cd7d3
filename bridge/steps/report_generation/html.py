"""The report as one self-contained HTML page: no script, nothing loaded, every value escaped."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bridge.authoring import clean
from bridge.steps.report_generation.blocks import Report


@lru_cache(maxsize=4)
def environment(own: tuple[tuple[str, str], ...] = ()) -> ImmutableSandboxedEnvironment:
    """Return the HTML environment: sandboxed, strict, escaping by default."""
    place = files("bridge.steps.report_generation").joinpath("templates")
    fixed = {each.name: each.read_text("utf-8") for each in place.iterdir() if each.name.endswith((".j2", ".css"))}
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader({**fixed, **dict(own)}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else clean(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"diff_lines": diff_lines}
    return made


def diff_lines(patch: Any) -> list[tuple[str, str]]:
    """Each line of a unified diff with the name of what it is: added, removed, place or same."""
    names = {"+": "added", "-": "removed", "@": "place"}
    return [
        ("place" if each.startswith(("--- ", "+++ ")) else names.get(each[:1], "same"), each)
        for each in clean(patch).split("\n")
    ]


def render(report: Report, own: dict[str, str] | None = None, template: str = "report.html.j2") -> str:
    """Return the whole report as one page."""
    return environment(tuple((own or {}).items())).get_template(template).render(report=report)
