"""Judge a run: every clause with its reason, and no data is never a pass."""

from collections.abc import Sequence

from bridge.authoring import LineCoverage, TestResults
from bridge.generated.models.shapes import Reason
from bridge.generated.models.test_execution import TestExecutionInput
from bridge.steps.test_execution.detecting import Missing
from bridge.steps.test_execution.running import Ran

_MOST_NAMED = 3


def judge(
    given: TestExecutionInput,
    ran: Sequence[Ran],
    missing: Sequence[Missing],
    results: TestResults,
    coverage: LineCoverage | None,
    patch: float | None,
) -> list[Reason]:
    """Return all clauses; the verdict is the worst of them."""
    reasons = [_missing(each) for each in missing]
    for each in ran:
        reasons += _of_suite(each)
    reasons += _of_tests(results)
    if given.coverage_threshold is not None:
        total = coverage.total if coverage else None
        reasons.append(_threshold("coverage", "all lines", total, given.coverage_threshold))
    if given.patch_coverage_threshold is not None:
        reasons.append(_threshold("patch_coverage", "the changed lines", patch, given.patch_coverage_threshold))
    return reasons


def verdict_of(reasons: Sequence[Reason]) -> str:
    """Return the worst outcome: what failed, failed; what is not known is not passed."""
    outcomes = {str(each.outcome) for each in reasons}
    return next((each for each in ("fail", "inconclusive", "pass") if each in outcomes), "inconclusive")


def _missing(each: Missing) -> Reason:
    return Reason(code="test_type_missing", message=f"No {each.test_type} tests: {each.why}.", outcome="inconclusive")


def _of_suite(ran: Ran) -> list[Reason]:
    kind = ran.plan.test_type
    if ran.faults:
        said = "; ".join(ran.faults[:_MOST_NAMED])
        return [
            Reason(
                code="runner_failed",
                message=f"The {kind} tests did not run to their end: {said}.",
                outcome="inconclusive",
            )
        ]
    if not ran.results.count("passed") and not ran.results.count("failed"):
        found = len(ran.results.tests)
        message = (
            f"The {kind} tests executed nothing ({found} found, all skipped)."
            if found
            else f"There are no {kind} tests."
        )
        return [Reason(code="no_tests", message=message, outcome="inconclusive", expected="at least 1", actual="0")]
    return []


def _of_tests(results: TestResults) -> list[Reason]:
    failed = [each for each in results.tests if each.status == "failed"]
    if failed:
        named = ", ".join(each.name for each in failed[:_MOST_NAMED]) + (" ..." if len(failed) > _MOST_NAMED else "")
        message = f"{len(failed)} of {len(results.tests)} tests failed: {named}."
        return [Reason(code="tests_failed", message=message, outcome="fail", expected="0", actual=str(len(failed)))]
    made = []
    if passed := results.count("passed"):
        made.append(Reason(code="tests_passed", message=f"{passed} tests passed.", outcome="pass", actual=str(passed)))
    if results.flaky:
        named = ", ".join(each.name for each in results.flaky[:_MOST_NAMED])
        message = f"{len(results.flaky)} tests failed first and passed later: {named}."
        made.append(Reason(code="flaky_tests", message=message, outcome="pass", actual=str(len(results.flaky))))
    return made


def _threshold(code: str, what: str, actual: float | None, least: float) -> Reason:
    expected = f"{least:g}"
    if actual is None:
        message = f"There is no coverage data for {what}, and {expected}% are asked for."
        return Reason(code=f"{code}_unknown", message=message, outcome="inconclusive", expected=expected)
    shown, met = f"{actual:g}", actual >= least
    message = f"{shown}% of {what} are covered; {expected}% are asked for."
    outcome = "pass" if met else "fail"
    name = f"{code}_reached" if met else f"{code}_below_threshold"
    return Reason(code=name, message=message, outcome=outcome, expected=expected, actual=shown)
