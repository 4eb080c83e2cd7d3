"""Put a report together: parts, findings, numbers, the verdict and its reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.authoring import one_line
from bridge.steps.report_generation.blocks import SEVERITIES, Clause, Noted, Number, Part, Report, Verdict
from bridge.steps.report_generation.gathering import Source
from bridge.steps.report_generation.memory import Memory
from bridge.steps.report_generation.noting import findings_of, grouped, noted, together
from bridge.steps.report_generation.reading import mapping, objects, part_of
from bridge.steps.report_generation.sections import special


@dataclass(frozen=True)
class Wishes:
    """What the caller asked for that shapes the report itself."""

    title: str = ""
    fail_on: str = "high"
    include_suggestions: bool = True
    new_only: bool = False


def collect(sources: Sequence[Source]) -> list[Noted]:
    """Return each finding of all sources once."""
    return together(each for number, source in enumerate(sources, 1) for each in noted(source, number))


def compose(
    sources: Sequence[Source], wishes: Wishes, event: Mapping[str, Any], memory: Memory | None = None
) -> Report:
    """Return the report about *sources*; *event* is the trigger's, *memory* the ledger's, if they are known."""
    known = memory or Memory()
    parts = tuple(_part(each) for each in sources)
    findings = known.judged(collect(sources))
    about = _about(event)
    clauses = _clauses(sources, parts, findings, wishes)
    verdict = worst([each.outcome for each in clauses])
    return Report(
        title=one_line(wishes.title, 200) or _title(about),
        created_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        verdict=verdict,
        clauses=clauses,
        summary=summarized(verdict, findings, parts, known),
        about=about,
        numbers=_numbers(sources, findings, parts, known),
        groups=grouped(findings),
        parts=parts,
        fixed=known.fixed,
        dismissed=known.dismissed,
        include_suggestions=wishes.include_suggestions,
    )


def _part(source: Source) -> Part:
    blocks, told = special(source.result)
    return part_of(source, blocks, told, len(findings_of(source)))


def _about(event: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    request = mapping(event.get("pull_request"))
    facts = (
        ("Repository", mapping(event.get("repository")).get("full_name")),
        ("Branch", event.get("branch")),
        ("Commit", event.get("after")),
        ("Pull request", f"#{request.get('number')} {request.get('title') or ''}" if request else None),
        ("Started by", event.get("actor")),
    )
    return tuple((label, one_line(value, 200)) for label, value in facts if value)


def _title(about: Sequence[tuple[str, str]]) -> str:
    known = dict(about)
    place = " ".join(known[each] for each in ("Repository", "Branch") if each in known)
    return f"Report on {place}" if place else "Report"


def worst(outcomes: Sequence[Verdict]) -> Verdict:
    """The verdict of all clauses together: one failure fails, one doubt is a doubt, and nothing is no pass."""
    for each in ("fail", "inconclusive", "pass"):
        if each in outcomes:
            return each
    return "skipped" if outcomes else "inconclusive"


def _clauses(
    sources: Sequence[Source], parts: Sequence[Part], findings: Sequence[Noted], wishes: Wishes
) -> tuple[Clause, ...]:
    judged = [Clause("step_verdict", f"{part.title}: {_because(part)}", part.verdict) for part in parts if part.verdict]
    if any("analysis" in source.result or "findings" in source.result for source in sources):
        judged.append(_findings_clause(sources, findings, wishes))
    if not judged:
        judged.append(Clause("nothing_judged", "None of the reported steps judged anything.", "inconclusive"))
    return tuple(judged)


def _because(part: Part) -> str:
    mattering = [each.message for each in part.clauses if each.outcome == part.verdict and each.message]
    return "; ".join(mattering[:3]) or f"the step's verdict is {part.verdict}"


def _findings_clause(sources: Sequence[Source], findings: Sequence[Noted], wishes: Wishes) -> Clause:
    fail_on = wishes.fail_on
    counting = [each for each in findings if not wishes.new_only or each.standing in ("", "new", "reopened")]
    bar = SEVERITIES.index(fail_on) if fail_on in SEVERITIES else -1
    bad = [each for each in counting if SEVERITIES.index(each.severity) <= bar]
    expected = f"no finding of severity {fail_on} or worse" if bar >= 0 else "any findings"
    if bad:
        return Clause(
            "findings",
            f"{counted(len(bad), 'finding')} of severity {fail_on} or worse",
            "fail",
            expected,
            str(len(bad)),
        )
    read = sum(len(objects(mapping(each.result.get("analysis")).get("documents"))) for each in sources)
    if not read and not findings:
        return Clause("nothing_analyzed", "The analysis read no document.", "inconclusive", expected, "no document")
    return Clause("findings", f"{counted(len(findings), 'finding')}, none severe enough to fail", "pass", expected, "0")


def counted(count: int, noun: str) -> str:
    """``1 finding``, ``2 findings``, ``no findings``."""
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def summarized(verdict: Verdict, findings: Sequence[Noted], parts: Sequence[Part], known: Memory) -> str:
    """The report in one or two plain sentences."""
    worded = {"pass": "Passed", "fail": "Failed", "inconclusive": "Inconclusive", "skipped": "Skipped"}[verdict]
    by = [f"{count} {each}" for each in SEVERITIES if (count := sum(each == one.severity for one in findings))]
    found = f"{counted(len(findings), 'finding')}" + (f" ({', '.join(by)})" if by else "")
    failed = [part.title for part in parts if part.verdict == "fail"]
    blame = f" Failed steps: {', '.join(failed[:10])}." if failed else ""
    changed = f" {known.told(findings)}." if known.page else ""
    return f"{worded}: {found} in {counted(len(parts), 'result')}.{changed}{blame}"


def _numbers(
    sources: Sequence[Source], findings: Sequence[Noted], parts: Sequence[Part], known: Memory
) -> tuple[Number, ...]:
    severe = sum(each.severity in ("critical", "high") for each in findings)
    shown = [Number("Results", str(len(parts)))]
    if any(findings_of(each) or "analysis" in each.result for each in sources):
        shown.append(Number("Findings", str(len(findings)), "bad" if severe else "warn" if findings else "good"))
        shown.append(Number("Critical or high", str(severe), "bad" if severe else "good"))
    if known.page:
        shown.append(Number("New", str(known.counts(findings)["new"])))
        shown.append(Number("Fixed", str(len(known.fixed)), "good" if known.fixed else ""))
    for each in sources:
        shown += _measured(each.result)
    return tuple(shown[:8])


def _measured(result: Mapping[str, Any]) -> list[Number]:
    totals = mapping(mapping(mapping(result.get("ctrf")).get("results")).get("summary"))
    shown = []
    if isinstance(totals.get("tests"), int):
        bad = totals.get("failed") or 0
        tone = "bad" if bad else "good" if totals["tests"] else "warn"
        shown.append(Number("Tests passed", one_line(f"{totals.get('passed', 0)}/{totals['tests']}", 40), tone))
    rate = mapping(result.get("coverage")).get("total")
    if isinstance(rate, (int, float)) and not isinstance(rate, bool):
        shown.append(Number("Coverage", f"{rate:.1f} %"))
    return shown
