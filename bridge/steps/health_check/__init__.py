"""Check what other steps rely on, and fold many failures into their root causes."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from bridge.authoring import Fetcher, Probes, Progress
from bridge.generated.models.health_check import (
    HealthCheckInput,
    HealthCheckOutput,
    HealthCheckOutputChecks,
    HealthCheckOutputRootCauses,
)
from bridge.generated.models.shapes import Reason
from bridge.steps.health_check.folding import Outcome, Result, fold
from bridge.steps.health_check.looking import Look, looks_at
from bridge.steps.health_check.planning import planned


async def run(given: HealthCheckInput, *, fetcher: Fetcher, probes: Probes, progress: Progress) -> HealthCheckOutput:
    """Look at everything at once, as often as asked, and judge."""
    looks = planned(given, fetcher)
    done = 0

    async def watch(look: Look) -> Result:
        nonlocal done
        result = await _sampled(look, given, fetcher, probes)
        done += 1
        progress(done / len(looks), f"{done} of {len(looks)} checks")
        return result

    results = fold([_excused(each, given) for each in await asyncio.gather(*(watch(look) for look in looks))])
    return _judged(results)


async def _sampled(look: Look, given: HealthCheckInput, fetcher: Fetcher, probes: Probes) -> Result:
    required = min(given.required or given.samples, given.samples)
    passed = 0
    for taken in range(given.samples):
        if taken:
            await asyncio.sleep(given.interval)
        reading = await looks_at(look, fetcher, probes, given.timeout)
        passed += reading.ok
    outcome: Outcome = "pass" if passed >= required else "flapping" if passed else "fail"
    return Result(look, outcome, reading.detail, reading.elapsed, passed, given.samples, dict(reading.facts))


def _excused(result: Result, given: HealthCheckInput) -> Result:
    now = datetime.now(UTC)
    for window in given.maintenance or []:
        covers = window.checks is None or result.look.name in window.checks
        begin, end = (_moment(each) for each in (window.start, window.end))
        if covers and result.outcome != "pass" and begin <= now < end:
            return replace(result, outcome="maintenance", detail=f"{result.detail} ({window.reason or 'maintenance'})")
    return result


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _judged(results: list[Result]) -> HealthCheckOutput:
    reasons = [
        Reason(
            code=f"check_{each.outcome}",
            message=f"{each.look.name}: {each.detail}",
            outcome="skipped" if each.outcome == "maintenance" else "pass" if each.outcome == "pass" else "fail",
        )
        for each in results
    ]
    outcomes = {each.outcome for each in reasons}
    if not results:
        reasons = [
            Reason(
                code="nothing_to_check",
                message="There is nothing to check: configure targets in bridge.toml or give checks.",
                outcome="inconclusive",
            )
        ]
    verdict = "fail" if "fail" in outcomes else "pass" if "pass" in outcomes else "inconclusive"
    return HealthCheckOutput(
        verdict=verdict,
        reasons=reasons,
        checks=[_check(each) for each in results],
        root_causes=[
            HealthCheckOutputRootCauses(
                name=each.look.name,
                detail=each.detail,
                affects=[other.look.name for other in results if each.look.name in other.caused_by],
            )
            for each in results
            if each.failed and not each.caused_by
        ],
    )


def _check(result: Result) -> HealthCheckOutputChecks:
    return HealthCheckOutputChecks(
        name=result.look.name,
        kind=result.look.kind,
        outcome=result.outcome,
        detail=result.detail,
        seconds=round(result.seconds, 4),
        passed=result.passed,
        samples=result.samples,
        caused_by=list(result.caused_by),
        facts=result.facts,
    )
