"""Input and output of `report_generation`, generated from node_specs/report_generation.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Reason, Verdict

__all__ = ["ReportGenerationInput", "ReportGenerationOutput", "Any", "Field", "Literal", "StepModel"]


class ReportGenerationInput(StepModel):
    format: Literal['markdown', 'html', 'pdf', 'sarif', 'json', 'junit'] = Field(default='markdown', description="Format of the report's file")
    title: str | None = Field(default=None, min_length=1, max_length=200, description='Title of the report; without one it is made from the repository and branch')
    include_suggestions: bool = Field(default=True, description='Whether to show how each finding can be mended, as text and as a patch')
    include_diagrams: bool = Field(default=True, description='Whether to draw charts and diagrams')
    sources: list[str] | None = Field(default=None, max_length=200, description='Results to report, such as node:Run Tests or run:<id>; without any, all ended steps of this execution')
    items: list[dict[str, Any]] | None = Field(default=None, max_length=1000, description="Results given directly, each an object like a step's result; `title` names its section")
    template: str | None = Field(default=None, pattern='^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$', description='Name of a template of your own in the folder BRIDGE_REPORT_TEMPLATES, such as weekly for weekly.md.j2 and weekly.html.j2')
    fail_on: Literal['critical', 'high', 'medium', 'low', 'never'] = Field(default='high', description="The mildest severity of a finding that makes the report's verdict fail")


class ReportGenerationOutput(StepResult):
    report: str = Field(description='The report as Markdown, at most 65,536 characters; when it is longer its end is cut and names the file that has the rest')
    format: str = Field(description="Format of the report's file")
    title: str = Field(description='Title of the report')
    summary: str = Field(description='The report in one or two plain sentences')
    verdict: Verdict = Field()
    reasons: list[Reason] = Field(description='What decided the verdict')
    counts: dict[str, int] = Field(description='How many findings of each severity, and how many sources')
