"""Input and output of `test_execution`, generated from node_specs/test_execution.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Coverage, Reason, Verdict

__all__ = ["TestExecutionInput", "TestExecutionOutput", "Any", "Field", "Literal", "StepModel"]


class TestExecutionInput(StepModel):
    repository: str = Field(min_length=1, description='Path below a configured root, or https address of the git repository')
    ref: str | None = Field(default=None, description='Branch, tag or commit to test; without one, the default branch')
    base: str | None = Field(default=None, description='Revision to compare with, for patch coverage and impacted tests')
    test_types: list[Literal['unit', 'integration', 'e2e']] = Field(default_factory=lambda: ['unit'], min_length=1, description='Kinds of tests to run; .bridge/tests.toml may give each its command')
    framework: Literal['auto', 'pytest', 'unittest', 'vitest', 'jest', 'node', 'go', 'cargo'] = Field(default='auto', description="Test runner; auto looks at the repository's files")
    command: str | None = Field(default=None, description='Command to run instead of the detected one; it must write the report')
    report: str | None = Field(default=None, description='Report the command writes: JUnit XML, CTRF, SARIF or Jest JSON; without one its output is read as TAP')
    coverage_report: str | None = Field(default=None, description='Coverage file the command writes: Cobertura, lcov, coverage.py JSON or Go cover profile')
    coverage_threshold: float | None = Field(default=None, ge=0, le=100, description='Least coverage of all lines, in percent')
    patch_coverage_threshold: float | None = Field(default=None, ge=0, le=100, description='Least coverage of the lines changed since the base, in percent')
    parallel_execution: bool = Field(default=False, description='Whether to use several processes where the runner can')
    selection: Literal['all', 'impacted'] = Field(default='all', description='All tests, or those that the changes since the base can affect, each with its reason')
    retries: int = Field(default=0, ge=0, le=5, description='How often a failed test is tried again; one that passes then is flaky')
    shard_index: int = Field(default=1, ge=1, le=100, description='Which part to run, from 1')
    shard_total: int = Field(default=1, ge=1, le=100, description='Into how many parts the tests are divided')
    timeout: float = Field(default=600, ge=1, le=3600, description='Longest time for each kind of tests, in seconds')
    environment: dict[str, str] | None = Field(default=None, description='Environment variables for the tests; no secrets, the tests can read and print them')
    install_dependencies: bool = Field(default=True, description='Whether to fetch the dependencies from the package registries first, in a sandbox of their own')


class TestExecutionOutput(StepResult):
    verdict: Verdict = Field()
    reasons: list[Reason] = Field(description='Why, clause by clause')
    ctrf: dict[str, Any] = Field(description='All tests in the Common Test Report Format')
    summary: dict[str, Any] = Field(description='Counts: tests, passed, failed, skipped, pending, other, flaky')
    test_success_rate: float | None = Field(default=None, description='Percent of executed tests that passed; absent when none was executed')
    coverage: Coverage | None = Field(default=None)
    failure_groups: list[dict[str, Any]] | None = Field(default=None, description='Failures with one cause together: cause, file, line, tests')
    slowest: list[dict[str, Any]] | None = Field(default=None, description='The slowest tests with their seconds')
    selected: list[dict[str, Any]] | None = Field(default=None, description='With impacted selection: each test file, whether it ran, and why')
    commands: list[dict[str, Any]] | None = Field(default=None, description='What was run: test type, framework, command, seconds, exit code')
    commit: str | None = Field(default=None, description='The commit that was tested')
    text: str | None = Field(default=None, description='The outcome in one sentence')
