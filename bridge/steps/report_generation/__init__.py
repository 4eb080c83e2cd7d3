"""Turn earlier results into one report for people and tools: Markdown, HTML, PDF, SARIF, JSON or JUnit."""

from collections.abc import Sequence

from bridge.authoring import Files, Press, Progress, Results, RunContext
from bridge.generated.models.report_generation import ReportGenerationInput, ReportGenerationOutput
from bridge.generated.models.shapes import Reason
from bridge.steps.report_generation import machine, printing
from bridge.steps.report_generation.blocks import SEVERITIES, Clause, Report
from bridge.steps.report_generation.composing import Wishes, compose
from bridge.steps.report_generation.gathering import Source, gather
from bridge.steps.report_generation.illustrating import Studio
from bridge.steps.report_generation.markdown import shortened
from bridge.steps.report_generation.stationery import Stationery

FORMATS = {
    "markdown": ("report.md", "text/markdown"),
    "html": ("report.html", "text/html"),
    "pdf": ("report.pdf", "application/pdf"),
    "sarif": ("report.sarif", "application/sarif+json"),
    "json": ("report.json", "application/json"),
    "junit": ("report.xml", "application/xml"),
}


async def run(
    given: ReportGenerationInput,
    *,
    files: Files,
    progress: Progress,
    results: Results,
    context: RunContext,
    press: Press,
) -> ReportGenerationOutput:
    """Gather, compose, draw, write the file asked for, and hand the Markdown back inline."""
    stationery = Stationery(await press.templates(), given.template or "")
    sources = await gather(given.sources or [], given.items or [], results)
    progress(0.2, f"{len(sources)} results gathered")
    wishes = Wishes(given.title or "", given.fail_on, given.include_suggestions)
    report = await press.work(compose, sources, wishes, dict(context.event))
    studio = Studio(press, files, pictures=given.format in ("html", "pdf"), paper=given.format == "pdf")
    if given.include_diagrams:
        report = await studio.illustrate(report, sources)
    progress(0.6, "Drawn")
    text = await press.work(stationery.write_markdown, report)
    if given.format == "markdown":
        content = text.encode()
    else:
        content = await written(given.format, report, sources, stationery, press)
    name, media_type = FORMATS[given.format]
    kept = await files.write(name, content, media_type)
    return ReportGenerationOutput(
        report=shortened(text, kept.url),
        format=given.format,
        title=report.title,
        summary=report.summary,
        verdict=report.verdict,
        reasons=[reason(each) for each in report.clauses],
        counts=counts(report, len(sources)),
        degraded=studio.degraded,
    )


async def written(kind: str, report: Report, sources: Sequence[Source], stationery: Stationery, press: Press) -> bytes:
    """Return the report in the format asked for."""
    if kind == "sarif":
        return (await press.work(machine.as_sarif, report)).encode()
    if kind == "json":
        return (await press.work(machine.as_json, report)).encode()
    if kind == "junit":
        return (await press.work(machine.as_junit, report, sources)).encode()
    page = await press.work(stationery.write_html, report)
    return page.encode() if kind == "html" else await press.work(printing.typeset, page, timeout=200.0)


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
