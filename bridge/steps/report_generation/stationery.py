"""Choose the templates of a report: ours, or the operator's own of the name asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import TemplateError, TemplateSyntaxError

from bridge.authoring import Unusable
from bridge.steps.report_generation import html, markdown
from bridge.steps.report_generation.blocks import Report


@dataclass(frozen=True)
class Stationery:
    """The templates one report is written with; ``own`` holds the operator's by file name."""

    own: Mapping[str, str]
    name: str = ""

    def __post_init__(self) -> None:
        if self.name and not {self.markdown, self.html} & self.own.keys():
            known = sorted({each.partition(".")[0] for each in self.own if each.endswith((".md.j2", ".html.j2"))})
            have = f"The known ones: {', '.join(known)}." if known else "There is none yet."
            raise Unusable(
                f"There is no report template '{self.name}'. {have} Put {self.markdown} or {self.html} "
                "into the folder that BRIDGE_REPORT_TEMPLATES names."
            )

    @property
    def markdown(self) -> str:
        """File name of the own Markdown template."""
        return f"{self.name}.md.j2"

    @property
    def html(self) -> str:
        """File name of the own HTML template."""
        return f"{self.name}.html.j2"

    def write_markdown(self, report: Report) -> str:
        """Return the report as Markdown."""
        template = self.markdown if self.name and self.markdown in self.own else "report.md.j2"
        try:
            return markdown.render(report, dict(self.own), template)
        except TemplateError as error:
            raise _broken(template, error) from None

    def write_html(self, report: Report) -> str:
        """Return the report as an HTML page."""
        template = self.html if self.name and self.html in self.own else "report.html.j2"
        try:
            return html.render(report, dict(self.own), template)
        except TemplateError as error:
            raise _broken(template, error) from None


def _broken(template: str, error: TemplateError) -> Unusable:
    place = f", line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
    return Unusable(f"The report template {template}{place} cannot be used: {error.message}")
