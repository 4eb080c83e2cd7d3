"""Turn earlier results into one report for people and tools: Markdown, HTML, PDF, SARIF, JSON or JUnit."""

import asyncio

from bridge.authoring import Files, Progress, Results, RunContext
from bridge.generated.models.report_generation import ReportGenerationInput, ReportGenerationOutput
from bridge.generated.models.shapes import Reason
from bridge.steps.report_generation import html, markdown
from bridge.steps.report_generation.blocks import SEVERITIES, Clause, Report
from bridge.steps.report_generation.composing import Wishes, compose
from bridge.steps.report_generation.gathering import gather


async def run(
    given: ReportGenerationInput, *, files: Files, progress: Progress, results: Results, context: RunContext
) -> ReportGenerationOutput:
    """Gather, compose, write the file asked for, and hand the Markdown back inline."""
    sources = await gather(given.sources or [], given.items or [], results)
    progress(0.2, f"{len(sources)} results gathered")
    wishes = Wishes(given.title or "", given.fail_on, given.include_suggestions)
    report = await asyncio.to_thread(compose, sources, wishes, context.event)
    text = await asyncio.to_thread(markdown.render, report)
    progress(0.6, "Composed")
    if given.format == "html":
        page = await asyncio.to_thread(html.render, report)
        written = await files.write("report.html", page.encode(), "text/html")
    else:
        written = await files.write("report.md", text.encode(), "text/markdown")
    return ReportGenerationOutput(
        report=markdown.shortened(text, written.url),
        format=given.format,
        title=report.title,
        summary=report.summary,
        verdict=report.verdict,
        reasons=[reason(each) for each in report.clauses],
        counts=counts(report, len(sources)),
    )


def reason(clause: Clause) -> Reason:
    """A clause in the shape every judging step returns."""
    return Reason(
        code=clause.code,
        message=clause.message,
        outcome=clause.outcome,
        expected=clause.expected or None,
        actual=clause.actual or None,
    )


def counts(report: Report, sources: int) -> dict[str, int]:
    """How many findings of each severity, and how many sources."""
    by: dict[str, int] = {str(severity): 0 for severity in SEVERITIES}
    by.update({each.severity: len(each.findings) for each in report.groups})
    return {**by, "findings": len(report.findings), "sources": sources}
