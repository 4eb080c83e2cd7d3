"""test_execution on real suites, in the real sandbox."""

import shutil

import pytest

from bridge.authoring import InvalidInput, SandboxUnavailable
from bridge.doors.sandbox.scripted import ScriptedSandbox


@pytest.fixture
def execute(try_step, doors):
    async def run(repository, **more):
        return await try_step("test_execution", {"repository": repository, "timeout": 60, **more}, **doors)

    return run


def codes(result):
    return {each["code"] for each in result["reasons"] if each["outcome"] != "pass"}


async def test_a_passing_suite_passes_with_all_files(execute, try_step):
    result = await execute("python_passing")
    assert result["verdict"] == "pass"
    assert result["test_success_rate"] == 100
    assert result["summary"]["failed"] == 0 < result["summary"]["passed"]
    assert {"ctrf.json", "junit.xml"} <= {each["name"] for each in result["files"]}
    assert result["commands"][0]["tier"] == "bubblewrap"


async def test_failing_flaky_and_skipped_tests_are_kept_apart(execute):
    result = await execute("python_mixed", retries=2)
    assert result["verdict"] == "fail"
    assert result["summary"]["failed"] >= 1
    assert result["summary"]["flaky"] >= 1
    assert result["summary"]["skipped"] >= 1
    assert result["failure_groups"][0]["tests"]


async def test_zero_tests_are_never_a_pass(execute):
    result = await execute("python_zero")
    assert result["verdict"] == "inconclusive"
    assert "test_success_rate" not in result


async def test_a_crash_is_never_a_pass(execute):
    result = await execute("python_crashing")
    assert result["verdict"] in ("inconclusive", "fail")


async def test_a_hanging_suite_ends_in_time(execute):
    result = await execute("python_hanging", timeout=6)
    assert result["verdict"] in ("inconclusive", "fail")


async def test_missing_coverage_data_is_never_a_pass(execute):
    result = await execute("python_passing", install_dependencies=False, command="true", coverage_threshold=80)
    assert result["verdict"] == "inconclusive"


@pytest.mark.parametrize(
    ("repository", "tool"), [("javascript_node", "node"), ("go_mixed", "go"), ("rust_mixed", "cargo")]
)
async def test_other_languages_have_the_same_shape(execute, repository, tool):
    result = await execute(repository)
    if shutil.which(tool, path="/usr/bin:/bin:/usr/local/bin"):
        assert result["summary"]["passed"] >= 1, result["reasons"]
        assert result["summary"]["failed"] >= 1
        assert result["verdict"] == "fail"
    else:
        assert result["verdict"] == "inconclusive"


async def test_without_a_sandbox_nothing_is_run(try_step, doors):
    sandbox = ScriptedSandbox(foreign=False)
    with pytest.raises(SandboxUnavailable):
        await try_step("test_execution", {"repository": "python_passing"}, **{**doors, "sandbox": sandbox})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"environment": {"LD_PRELOAD": "x"}}, "/environment/LD_PRELOAD"),
        ({"shard_index": 3, "shard_total": 2}, "/shard_index"),
        ({"selection": "impacted"}, "/base"),
    ],
)
async def test_impossible_wishes_are_refused_by_name(execute, given, named):
    with pytest.raises(InvalidInput, match=named):
        await execute("python_passing", **given)
