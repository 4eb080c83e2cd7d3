"""Input and output of `report_generation`, generated from node_specs/report_generation.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Reason, Verdict

__all__ = ["ReportGenerationInput", "ReportGenerationOutput", "Any", "Field", "Literal", "StepModel"]


class ReportGenerationInputDismiss(StepModel):
    fingerprint: str = Field(min_length=8, max_length=200, description='Fingerprint of the finding, or its first 8 characters or more')
    by: str = Field(min_length=1, max_length=200, description='Who dismisses it')
    why: str = Field(min_length=1, max_length=1000, description='Why it may stay')


class ReportGenerationInput(StepModel):
    format: Literal['markdown', 'html', 'pdf', 'sarif', 'json', 'junit'] = Field(default='markdown', description="Format of the report's file")
    title: str | None = Field(default=None, min_length=1, max_length=200, description='Title of the report; without one it is made from the repository and branch')
    include_suggestions: bool = Field(default=True, description='Whether to show how each finding can be mended, as text and as a patch')
    include_diagrams: bool = Field(default=True, description='Whether to draw charts and diagrams')
    sources: list[str] | None = Field(default=None, max_length=200, description='Results to report, such as node:Run Tests or run:<id>; without any, all ended steps of this execution')
    items: list[dict[str, Any]] | None = Field(default=None, max_length=1000, description="Results given directly, each an object like a step's result; `title` names its section")
    template: str | None = Field(default=None, pattern='^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$', description='Name of a template of your own in the folder BRIDGE_REPORT_TEMPLATES, such as weekly for weekly.md.j2 and weekly.html.j2')
    repository: str | None = Field(default=None, max_length=300, description='Repository whose ledger remembers the findings, so that the report says which are new, still open or fixed; without one nothing is remembered')
    branch: str = Field(default='main', max_length=300, description='Branch the findings belong to')
    base_branch: str | None = Field(default=None, max_length=300, description='Branch this one will be merged into; what is known there is not called new here')
    dismiss: list[ReportGenerationInputDismiss] | None = Field(default=None, max_length=200, description='Findings to dismiss in the ledger before reporting')
    new_only: bool = Field(default=False, description='Whether only findings that are new or came back can make the verdict fail')
    pull_request: int | None = Field(default=None, ge=1, description="Number of the pull or merge request to review; the result then carries the review as JSON for GitHub's and GitLab's API")
    commit: str | None = Field(default=None, pattern='^[0-9a-fA-F]{7,64}$', description='Commit the review is about')
    diff: str | None = Field(default=None, description='Unified diff of the pull request; inline comments stand only on its lines')
    forge: str | None = Field(default=None, max_length=64, description='Name of a configured target of kind forge; the review is then posted there, its summary edited in place')
    fail_on: Literal['critical', 'high', 'medium', 'low', 'never'] = Field(default='high', description="The mildest severity of a finding that makes the report's verdict fail")


class ReportGenerationOutputReview(StepModel):
    """The review of the pull request: its summary, inline comments, the bodies for GitHub's and GitLab's ..."""

    summary: str | None = Field(default=None, description='Body of the one summary comment; its first line is a marker to find it by')
    github: dict[str, Any] | None = Field(default=None, description='Body for POST /repos/{owner}/{repo}/pulls/{number}/reviews')
    gitlab: list[dict[str, Any]] | None = Field(default=None, description='Bodies for POST /projects/{id}/merge_requests/{iid}/discussions')
    posted: dict[str, Any] | None = Field(default=None, description='What was posted where')


class ReportGenerationOutput(StepResult):
    report: str = Field(description='The report as Markdown, at most 65,536 characters; when it is longer its end is cut and names the file that has the rest')
    format: str = Field(description="Format of the report's file")
    title: str = Field(description='Title of the report')
    summary: str = Field(description='The report in one or two plain sentences')
    verdict: Verdict = Field()
    reasons: list[Reason] = Field(description='What decided the verdict')
    counts: dict[str, int] = Field(description='How many findings of each severity, and how many sources')
    ledger: dict[str, int] | None = Field(default=None, description='How many findings are new, open, reopened, fixed and dismissed')
    review: ReportGenerationOutputReview | None = Field(default=None, description="The review of the pull request: its summary, inline comments, the bodies for GitHub's and GitLab's API, and what was posted")
