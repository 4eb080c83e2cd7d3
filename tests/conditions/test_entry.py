"""The entry gate's keys."""

import pytest

from bridge.conditions import judge_event


def push(*paths):
    return {"type": "git_push", "files": [{"path": path, "status": "modified"} for path in paths]}


REVIEW = {"file_types": ["py", "js"], "min_changes": 1, "exclude_patterns": ["*.md", "*.txt"]}


@pytest.mark.parametrize(
    ("paths", "verdict", "closed_by"),
    [
        (["src/app.py"], "pass", set()),
        (["README.md", "src/app.py"], "pass", set()),
        (["README.md", "docs/deep/notes.txt"], "fail", {"exclude_patterns", "file_types", "min_changes"}),
        (["image.png"], "fail", {"file_types"}),
        (["APP.PY"], "pass", set()),
        ([], "fail", {"exclude_patterns", "file_types", "min_changes"}),
    ],
)
def test_a_push_is_judged_by_its_files(paths, verdict, closed_by):
    judged = judge_event(REVIEW, push(*paths))
    assert judged.verdict == verdict
    assert {reason.code for reason in judged.reasons if reason.outcome == "fail"} == closed_by


def test_excludes_come_before_the_count():
    judged = judge_event({"min_changes": 2, "exclude_patterns": ["*.md"]}, push("a.py", "b.md"))
    counted = next(reason for reason in judged.reasons if reason.code == "min_changes")
    assert (counted.outcome, counted.expected, counted.actual) == ("fail", "2", "1")


def test_patterns_are_gitignore_rules():
    conditions = {"exclude_patterns": ["docs/", "!docs/api.py", "*.lock"]}
    assert judge_event(conditions, push("docs/a.py")).verdict == "fail"
    assert judge_event(conditions, push("poetry.lock")).verdict == "fail"
    assert judge_event(conditions, push("src/docs.py")).verdict == "pass"


def test_an_event_that_should_list_files_and_does_not_is_no_pass():
    judged = judge_event(REVIEW, {"type": "git_push"})
    assert judged.verdict == "inconclusive"
    assert "does not say which files" in judged.reasons[0].message


@pytest.mark.parametrize("kind", ["manual", "schedule", "alert"])
def test_events_that_never_carry_files_go_through_and_say_so(kind):
    judged = judge_event(REVIEW, {"type": kind})
    assert (judged.verdict, judged.reasons[0].outcome) == ("pass", "skipped")


def test_a_manual_start_that_names_files_is_judged_by_them():
    assert judge_event(REVIEW, {**push("README.md"), "type": "manual"}).verdict == "fail"


def test_without_conditions_everything_passes():
    assert judge_event({}, {"type": "git_push"}).verdict == "pass"
