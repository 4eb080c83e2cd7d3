"""Turn earlier results into one report for people and tools: Markdown, HTML, PDF, SARIF, JSON or JUnit."""

from collections.abc import Sequence
from typing import Any

from bridge.authoring import Fetcher, Files, Ledger, LedgerPage, Press, Problem, Progress, Results, RunContext
from bridge.generated.models.report_generation import (
    ReportGenerationInput,
    ReportGenerationOutput,
    ReportGenerationOutputReview,
)
from bridge.generated.models.shapes import Reason
from bridge.steps.report_generation import machine, printing, reviewing
from bridge.steps.report_generation.blocks import SEVERITIES, Clause, Report
from bridge.steps.report_generation.composing import Wishes, collect, compose
from bridge.steps.report_generation.gathering import Source, gather
from bridge.steps.report_generation.illustrating import Studio
from bridge.steps.report_generation.markdown import shortened
from bridge.steps.report_generation.memory import Dismissal, Memory, looked_at, remember
from bridge.steps.report_generation.posting import Forge, diff_of, post
from bridge.steps.report_generation.stationery import Stationery

FORMATS = {
    "markdown": ("report.md", "text/markdown"),
    "html": ("report.html", "text/html"),
    "pdf": ("report.pdf", "application/pdf"),
    "sarif": ("report.sarif", "application/sarif+json"),
    "json": ("report.json", "application/json"),
    "junit": ("report.xml", "application/xml"),
}

NOT_REVIEWED = {
    "code": "no_pull_request",
    "where": "/pull_request",
    "message": "Nothing was posted: a review needs a pull_request and a repository.",
}


async def run(
    given: ReportGenerationInput,
    *,
    files: Files,
    progress: Progress,
    results: Results,
    context: RunContext,
    press: Press,
    ledger: Ledger,
    fetcher: Fetcher,
) -> ReportGenerationOutput:
    """Gather, ask the ledger, compose, draw, write the file asked for, and hand the Markdown back inline."""
    stationery = Stationery(await press.templates(), given.template or "")
    forge = forge_of(given, fetcher)
    sources = await gather(given.sources or [], given.items or [], results)
    progress(0.2, f"{len(sources)} results gathered")
    memory = await recalled(given, sources, ledger, context, press)
    wishes = Wishes(given.title or "", given.fail_on, given.include_suggestions, given.new_only)
    report = await press.work(compose, sources, wishes, dict(context.event), memory)
    studio = Studio(press, files, pictures=given.format in ("html", "pdf"), paper=given.format == "pdf")
    if given.include_diagrams:
        report = await studio.illustrate(report, sources)
    progress(0.6, "Drawn")
    text = await press.work(stationery.write_markdown, report)
    name, media_type = FORMATS[given.format]
    kept = await files.write(name, await written(given.format, report, sources, stationery, press), media_type)
    review = await reviewed(given, report, reviewing.summary(text, kept.url), forge, studio.degraded)
    return ReportGenerationOutput(
        report=shortened(text, kept.url),
        format=given.format,
        title=report.title,
        summary=report.summary,
        verdict=report.verdict,
        reasons=[reason(each) for each in report.clauses],
        counts=counts(report, len(sources)),
        ledger=memory.counts(report.findings) if memory.page else None,
        review=review,
        degraded=studio.degraded,
        issues=[NOT_REVIEWED] if given.forge and not forge else [],
    )


def forge_of(given: ReportGenerationInput, fetcher: Fetcher) -> Forge | None:
    """The request to review on a configured forge, if one is asked for."""
    if not given.forge or not given.pull_request or not given.repository:
        return None
    return Forge(fetcher, fetcher.target(given.forge, "forge"), given.repository, given.pull_request)


async def recalled(
    given: ReportGenerationInput, sources: Sequence[Source], ledger: Ledger, context: RunContext, press: Press
) -> Memory:
    """What the ledger says, where a repository is named."""
    if not given.repository:
        return Memory()
    branches = dict.fromkeys(each for each in (given.branch, given.base_branch) if each)
    pages = [LedgerPage(context.tenant, given.repository, branch) for branch in branches]
    dismissals = [Dismissal(each.fingerprint, each.by, each.why) for each in given.dismiss or []]
    findings = await press.work(collect, sources)
    files = looked_at(sources, context.event)
    return await remember(ledger, pages, findings, dismissals=dismissals, looked_at=files, context=context)


async def reviewed(
    given: ReportGenerationInput, report: Report, body: str, forge: Forge | None, degraded: list[dict[str, Any]]
) -> ReportGenerationOutputReview | None:
    """The review of a pull request as JSON, posted when a forge is named; a forge that fails fails no report."""
    if not given.pull_request:
        return None
    lines, posted = reviewing.lines_of(given.diff or ""), None
    try:
        if forge and not given.diff:
            lines = await diff_of(forge)
        found = reviewing.comments(report, lines)
        if forge:
            posted = await post(forge, body, found, given.commit or "")
    except Problem as error:
        degraded.append({"engine": given.forge, "reason": str(error), "fallback": "the review was not posted"})
        found = reviewing.comments(report, lines)
    return ReportGenerationOutputReview(
        summary=body,
        github=reviewing.for_github(found, given.commit or ""),
        gitlab=reviewing.for_gitlab(found, {"head_sha": given.commit} if given.commit else {}),
        posted=posted,
    )


async def written(kind: str, report: Report, sources: Sequence[Source], stationery: Stationery, press: Press) -> bytes:
    """Return the report in the format asked for."""
    if kind == "markdown":
        return (await press.work(stationery.write_markdown, report)).encode()
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
