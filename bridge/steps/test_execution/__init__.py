"""Run a repository's tests in the sandbox and judge them."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from bridge.authoring import (
    Checkout,
    Diff,
    Files,
    InvalidInput,
    Issue,
    LineCoverage,
    Progress,
    Roots,
    Sandbox,
    Stream,
    TestResults,
    Unusable,
    Worktree,
    join,
    write_junit,
)
from bridge.generated.models.shapes import Coverage
from bridge.generated.models.test_execution import TestExecutionInput, TestExecutionOutput
from bridge.steps.test_execution.detecting import Missing, Plan, plan
from bridge.steps.test_execution.judging import judge, verdict_of
from bridge.steps.test_execution.preparing import Dependencies, prepare
from bridge.steps.test_execution.running import PLUGIN, Ran, run_plan
from bridge.steps.test_execution.selecting import Selected, select

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_OURS = {"PATH", "HOME", "PYTHONPATH", "TMPDIR", "WAY_OUT", "BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS"}
_TELL_EVERY = 0.2


async def run(
    given: TestExecutionInput, *, worktree: Worktree, roots: Roots, sandbox: Sandbox, files: Files, progress: Progress
) -> TestExecutionOutput:
    """Check out, prepare, run each kind of tests without network, and judge what came out."""
    _check(given)
    progress(0.01, "Checking out")
    async with _tree(given, worktree, roots) as (tree, checkout):
        planned = await asyncio.to_thread(plan, tree, given)
        plans = [each for each in planned if isinstance(each, Plan)]
        missing = [each for each in planned if isinstance(each, Missing)]
        diff = await _diff(given, worktree, checkout)
        await asyncio.to_thread(_install_plugin, tree)
        ran, selected = [], []
        for number, each in enumerate(plans):
            chosen = await _selected(given, tree, diff, each)
            selected += chosen or []
            dependencies = await _dependencies(given, tree, each, sandbox, progress)
            only = tuple(one.file for one in chosen if one.runs) if chosen is not None else None
            if only == ():
                missing.append(Missing(each.test_type, "no test is affected by the change"))
                continue
            teller = _Teller(progress, number, len(plans), each.test_type)
            ran.append(await run_plan(each, given, tree, sandbox, dependencies, only, teller))
    return await _output(given, ran, missing, selected, diff, checkout, files)


def _check(given: TestExecutionInput) -> None:
    issues = [
        Issue("environment", f"/environment/{name}", "is not a variable that tests may be given")
        for name in given.environment or {}
        if not _VARIABLE.fullmatch(name) or name in _OURS or name.startswith("LD_")
    ]
    if given.shard_index > given.shard_total:
        issues.append(Issue("shard", "/shard_index", "is larger than shard_total"))
    if not given.base and (given.selection == "impacted" or given.patch_coverage_threshold is not None):
        issues.append(Issue("base", "/base", "is needed for impacted tests and patch coverage"))
    if issues:
        raise InvalidInput("; ".join(f"{each.where} {each.message}" for each in issues), issues=issues)


@asynccontextmanager
async def _tree(
    given: TestExecutionInput, worktree: Worktree, roots: Roots
) -> AsyncIterator[tuple[Path, Checkout | None]]:
    """Yield a private tree: a checkout, or a copy of a folder that is no repository."""
    try:
        checkout = await worktree.checkout(given.repository, given.ref)
    except Unusable:
        if given.ref or given.base:
            raise
        snapshot = await roots.snapshot(given.repository, max_bytes=1_000_000_000)
        try:
            yield snapshot.path, None
        finally:
            await roots.release(snapshot)
        return
    try:
        yield checkout.path, checkout
    finally:
        await worktree.release(checkout)


async def _diff(given: TestExecutionInput, worktree: Worktree, checkout: Checkout | None) -> Diff | None:
    if checkout is None or not given.base:
        return None
    return await worktree.diff(checkout, given.base)


def _install_plugin(tree: Path) -> None:
    """Put our pytest plugin into the private tree; whatever the repository has at that place is removed."""
    place = tree / PLUGIN
    if place.is_symlink() or place.is_file():
        place.unlink()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    shutil.copyfile(Path(__file__).with_name("pytest_plugin.py"), place / "bridge_pytest.py")


async def _selected(given: TestExecutionInput, tree: Path, diff: Diff | None, each: Plan) -> list[Selected] | None:
    if given.selection == "all" or diff is None or each.command:
        return None
    return await asyncio.to_thread(select, tree, diff, each.framework)


async def _dependencies(
    given: TestExecutionInput, tree: Path, each: Plan, sandbox: Sandbox, progress: Progress
) -> Dependencies | None:
    if not given.install_dependencies or each.framework == "command":
        return None
    progress(0.05, "Preparing dependencies")
    return await prepare(tree, each.framework, sandbox)


class _Teller:
    """Says how far a suite is, a few times a second at most."""

    def __init__(self, progress: Progress, number: int, suites: int, kind: str) -> None:
        self._progress, self._number, self._suites, self._kind = progress, number, suites, kind
        self._said = 0.0

    def __call__(self, stream: Stream) -> None:
        now = time.monotonic()
        if now - self._said < _TELL_EVERY and len(stream.tests) != stream.collected:
            return
        self._said = now
        done, collected = len(stream.tests), stream.collected
        part = done / collected if collected else 0.5
        known = f"{done} of {collected}" if collected else f"{done}"
        current = f", now {stream.current}" if stream.current else ""
        share = 0.1 + 0.85 * (self._number + min(part, 1.0)) / self._suites
        self._progress(share, f"{known} {self._kind} tests{current}"[:200])


async def _output(
    given: TestExecutionInput,
    ran: list[Ran],
    missing: list[Missing],
    selected: list[Selected],
    diff: Diff | None,
    checkout: Checkout | None,
    files: Files,
) -> TestExecutionOutput:
    results = join(ran[0].plan.framework if ran else "none", (each.results for each in ran))
    coverage = _joined(ran)
    patch = coverage.patch({each.path: each.added for each in diff.files}) if coverage and diff else None
    reasons = judge(given, ran, missing, results, coverage, patch)
    verdict = verdict_of(reasons)
    await _write(results, coverage, files)
    shown = None
    if coverage is not None and coverage.total is not None:
        known = {"total": coverage.total, "files": coverage.files(), "patch": patch}
        shown = Coverage(**{key: value for key, value in known.items() if value is not None})
    return TestExecutionOutput(
        verdict=verdict,
        reasons=reasons,
        ctrf=results.to_ctrf(),
        summary=results.summary(),
        test_success_rate=results.success_rate,
        coverage=shown,
        failure_groups=[asdict(each) | {"tests": list(each.tests)} for each in results.failures()],
        slowest=[{"test": each.key, "seconds": round(each.duration, 3)} for each in results.slowest()],
        selected=[asdict(each) for each in selected] or None,
        commands=[_said(each) for each in ran],
        commit=checkout.commit if checkout else None,
        text=f"{verdict}: {' '.join(each.message for each in reasons[:3])}",
    )


def _joined(ran: list[Ran]) -> LineCoverage | None:
    known = [each.coverage for each in ran if each.coverage is not None]
    made = LineCoverage()
    for each in known:
        made = made.joined(each)
    return made if known else None


async def _write(results: TestResults, coverage: LineCoverage | None, files: Files) -> None:
    await files.write("ctrf.json", orjson.dumps(results.to_ctrf()), "application/json")
    await files.write("junit.xml", write_junit(results), "application/xml")
    if coverage is not None:
        await files.write("lcov.info", coverage.to_lcov(), "text/plain")


def _said(ran: Ran) -> dict[str, Any]:
    said = {"test_type": ran.plan.test_type, "framework": ran.plan.framework, "command": ran.command[:2000]}
    about = {"seconds": round(ran.outcome.duration, 2), "tier": ran.outcome.tier}
    return said | about | ({"exit_code": ran.outcome.exit_code} if ran.outcome.exit_code is not None else {})
