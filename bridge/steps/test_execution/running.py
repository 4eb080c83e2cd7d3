"""Build each runner's command line, run it in the sandbox, and read what it left."""

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bridge.authoring import (
    READERS,
    Job,
    Limits,
    LineCoverage,
    Outcome,
    Sandbox,
    Stream,
    TestResults,
    UnreadableReport,
    cargo_results,
    read_coverage,
    read_report,
)
from bridge.generated.models.test_execution import TestExecutionInput
from bridge.steps.test_execution.detecting import Plan
from bridge.steps.test_execution.preparing import DEPENDENCIES, Dependencies

RESULTS = ".bridge-results"
PLUGIN = ".bridge-runner"
_REPORT, _COVERAGE = f"{RESULTS}/report", f"{RESULTS}/coverage"
# Places inside the sandbox, on its own private disk.
_GO_CACHE, _GO_PATH, _CARGO_HOME = "/tmp/go-build", "/tmp/go", "/tmp/cargo"  # noqa: S108
_DISK, _MEMORY, _OUTPUT, _FILE = 2_000_000_000, 3_000_000_000, 64_000_000, 512_000_000


@dataclass(frozen=True)
class Runner:
    """A command line; ``stream`` reads its output, ``report`` and ``coverage`` are files it writes."""

    argv: tuple[str, ...]
    stream: str = ""
    report: str = ""
    coverage: str = ""
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ran:
    """One kind of tests after its run; ``faults`` say why its results are not the whole truth."""

    plan: Plan
    command: str
    outcome: Outcome
    results: TestResults
    coverage: LineCoverage | None
    faults: tuple[str, ...]


def runner_for(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:
    """Return the command of *plan*; *only* are the selected test files, None means all."""
    if plan.command:
        stream = "" if plan.report else "tap"
        return Runner(("/bin/sh", "-c", plan.command), stream, plan.report, plan.coverage)
    return _RUNNERS[plan.framework](plan, given, only)


def _pytest(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:
    parallel = ("-n", "2") if given.parallel_execution else ()
    covered = ("--cov=.", f"--cov-report=json:{_COVERAGE}", "--cov-config=/dev/null") if _wants_coverage(given) else ()
    argv = (
        "/usr/bin/python3",
        "-m",
        "pytest",
        "-p",
        "bridge_pytest",
        "-p",
        "no:cacheprovider",
        *parallel,
        *covered,
        *plan.paths,
    )
    env = {
        "TEST_RETRIES": str(given.retries),
        "TEST_SHARD": f"{given.shard_index}/{given.shard_total}",
        "TEST_ONLY": "\n".join(only or ()),
        "COVERAGE_FILE": "/tmp/.coverage",  # noqa: S108 - inside the sandbox
    }
    return Runner(argv, "pytest", coverage=_COVERAGE if covered else "", env=env)


def _unittest(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:
    """Pytest runs unittest suites as they are, and tells more about them."""
    return _pytest(plan, given, only)


def _vitest(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:
    covered = (
        (
            "--coverage.enabled",
            "--coverage.reporter=lcov",
            "--coverage.reportOnFailure",
            f"--coverage.reportsDirectory={RESULTS}/c",
        )
        if _wants_coverage(given)
        else ()
    )
    shard = (f"--shard={given.shard_index}/{given.shard_total}",) if given.shard_total > 1 else ()
    argv = ("node", "node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json",
            f"--outputFile.json={_REPORT}",
            f"--retry={given.retries}", *covered, *shard, *(only or plan.paths))  # fmt: skip
    return Runner(argv, report=_REPORT, coverage=f"{RESULTS}/c/lcov.info" if covered else "", env={"CI": "1"})


def _jest(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:
    covered = (
        ("--coverage", "--coverageReporters=lcov", f"--coverageDirectory={RESULTS}/c") if _wants_coverage(given) else ()
    )
    shard = (f"--shard={given.shard_index}/{given.shard_total}",) if given.shard_total > 1 else ()
    workers = () if given.parallel_execution else ("--runInBand",)
    argv = ("node", "node_modules/jest/bin/jest.js", "--ci", "--json", f"--outputFile={_REPORT}",
            "--testLocationInResults",
            *workers, *covered, *shard, *(only or plan.paths))  # fmt: skip
    return Runner(argv, report=_REPORT, coverage=f"{RESULTS}/c/lcov.info" if covered else "", env={"CI": "1"})


def _node(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:  # noqa: ARG001
    return Runner(("node", "--test", "--test-reporter=tap", *(only or plan.paths)), "tap")


def _go(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:  # noqa: ARG001
    covered = (f"-coverprofile={_COVERAGE}",) if _wants_coverage(given) else ()
    packages = tuple(f"./{each}/..." for each in plan.paths) or ("./...",)
    parallel = () if given.parallel_execution else ("-p", "1")
    env = {"GOCACHE": _GO_CACHE, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GONOSUMDB": "*", "GOTOOLCHAIN": "local",
           "GOPATH": _GO_PATH, "GOMODCACHE": f"{DEPENDENCIES}/mod", "CGO_ENABLED": "0"}  # fmt: skip
    return Runner(
        ("go", "test", "-json", *parallel, *covered, *packages), "go", coverage=_COVERAGE if covered else "", env=env
    )


def _cargo(plan: Plan, given: TestExecutionInput, only: tuple[str, ...] | None) -> Runner:  # noqa: ARG001
    jobs = () if given.parallel_execution else ("--jobs", "1")
    env = {"CARGO_TARGET_DIR": "/work/.bridge-target", "CARGO_TERM_COLOR": "never", "CARGO_HOME": _CARGO_HOME}
    script = 'mkdir -p "$CARGO_HOME"; [ -d "$0" ] && cp -a "$0/." "$CARGO_HOME"; exec "$@" 2>&1'
    return Runner(
        ("/bin/sh", "-c", script, DEPENDENCIES, "cargo", "test", "--offline", "--no-fail-fast", *jobs), "cargo", env=env
    )


_RUNNERS: dict[str, Callable[[Plan, TestExecutionInput, tuple[str, ...] | None], Runner]] = {
    "pytest": _pytest, "unittest": _unittest, "vitest": _vitest, "jest": _jest, "node": _node, "go": _go,
    "cargo": _cargo,
}  # fmt: skip


def _wants_coverage(given: TestExecutionInput) -> bool:
    return given.coverage_threshold is not None or given.patch_coverage_threshold is not None


async def run_plan(
    plan: Plan,
    given: TestExecutionInput,
    tree: Path,
    sandbox: Sandbox,
    dependencies: Dependencies | None,
    only: tuple[str, ...] | None,
    tell: Callable[[Stream], None],
) -> Ran:
    """Run one kind of tests without network and read its results, also when it was killed."""
    runner = runner_for(plan, given, only)
    stream, started = Stream(), time.time()

    def heard(piece: bytes) -> None:
        if runner.stream:
            stream.feed(piece, READERS[runner.stream])
            tell(stream)

    job = Job(
        ("/bin/sh", "-c", f'mkdir -p {RESULTS}; {_LINK} exec "$@"', "sh", *runner.argv),
        tree=tree,
        env={"PYTHONPATH": f"/work/{PLUGIN}:/work:/work/src:{DEPENDENCIES}", "PYTHONDONTWRITEBYTECODE": "1"}
        | runner.env
        | dict(given.environment or {}),
        collect=tuple(each for each in (runner.report, runner.coverage) if each),
        mounts=dependencies.mounts if dependencies else {},
        limits=Limits(given.timeout, _MEMORY, _DISK, _FILE, 256, _OUTPUT),
    )
    outcome = await sandbox.run(job, on_output=heard)
    heard(b"\n")
    results, faults = _results(plan, runner, stream, outcome)
    coverage, unread = _coverage(runner, outcome, tree)
    results = replace(results, tool=plan.framework, start=started, stop=time.time())
    return Ran(plan, shlex.join(runner.argv), outcome, results, coverage, (*faults, *unread))


_LINK = (
    f"[ -d {DEPENDENCIES}/node_modules ] && [ ! -e node_modules ] && ln -s {DEPENDENCIES}/node_modules node_modules;"
)


def _results(plan: Plan, runner: Runner, stream: Stream, outcome: Outcome) -> tuple[TestResults, list[str]]:
    faults = [*stream.crashes, *_ending(outcome)]
    if runner.stream:
        results = cargo_results(stream) if runner.stream == "cargo" else stream.results(plan.framework)
        if runner.stream == "pytest" and not stream.finished:
            faults.append("the runner ended before it said that the suite was complete")
    else:
        try:
            results = read_report(outcome.files[runner.report], runner.report)
        except KeyError:
            return TestResults(plan.framework), [
                *faults,
                f"the runner wrote no report ({runner.report})",
                _last_words(outcome),
            ]
        except UnreadableReport as error:
            return TestResults(plan.framework), [*faults, str(error)]
    if not results.tests and outcome.exit_code:
        faults.append(_last_words(outcome))
    if outcome.exit_code and results.tests and not results.count("failed"):
        faults.append(
            f"the runner ended with exit code {outcome.exit_code} although no test failed: {_last_words(outcome)}"
        )
    if outcome.exit_code == 0 and results.count("failed"):
        faults.append("the runner ended with exit code 0 although tests failed")
    return results, [each for each in faults if each]


def _ending(outcome: Outcome) -> list[str]:
    if outcome.timed_out:
        return [f"the suite was killed after {outcome.duration:.0f} s"]
    if outcome.out_of_memory:
        return ["the suite used more memory than a sandbox may"]
    if outcome.truncated:
        return ["the suite printed more than is read and was killed"]
    return [] if outcome.exit_code is not None else ["the suite was killed"]


def _last_words(outcome: Outcome) -> str:
    text = (outcome.stderr.strip() or outcome.stdout.strip()).decode("utf-8", "replace")
    return text.splitlines()[-1][:300] if text else ""


def _coverage(runner: Runner, outcome: Outcome, tree: Path) -> tuple[LineCoverage | None, list[str]]:
    content = outcome.files.get(runner.coverage) if runner.coverage else None
    if content is None:
        return None, []
    try:
        found = read_coverage(content)
    except UnreadableReport as error:
        return None, [str(error)]
    return _without_module(found, tree), []


def _without_module(found: LineCoverage, tree: Path) -> LineCoverage:
    """Go names files by module; say them by their path, as everything else does."""
    mod = tree / "go.mod"
    if not mod.is_file() or mod.is_symlink():
        return found
    module = next(
        (line.split()[1] for line in mod.read_text("utf-8", "replace").splitlines() if line.startswith("module ")), ""
    )
    made = LineCoverage()
    for file, lines in found.lines.items():
        made.lines[file.removeprefix(f"{module}/")] = lines
    return made
