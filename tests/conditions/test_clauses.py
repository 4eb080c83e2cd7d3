"""CEL clauses and their reasons."""

import pytest

from bridge.conditions import Clause, fault_in, judge_clauses, variables_of

RESULT = {
    "test_success_rate": 71.5,
    "tests": {"run": 7},
    "changes": [{"kind": "api"}, {"kind": "docs"}],
    "impact": "medium",
}


def judge(cel, value=None, **variables):
    return judge_clauses([Clause("clause", cel, value)], {"result": RESULT, **variables})


@pytest.mark.parametrize(
    ("cel", "value", "verdict"),
    [
        ("result.tests.run > 0 && result.test_success_rate >= value", 70, "pass"),
        ("result.tests.run > 0 && result.test_success_rate >= value", 100, "fail"),
        ("result.changes.exists(change, change.kind in value)", ["api", "schema"], "pass"),
        ("result.changes.exists(change, change.kind in value)", ["model"], "fail"),
        ("['low','medium','high'].filter(level, level == value).size() == 1", "medium", "pass"),
        ("result.missing > 1", None, "inconclusive"),
        ("nowhere.at.all", None, "inconclusive"),
        ("result.tests.run", None, "inconclusive"),
        ("result.impact > 3", None, "inconclusive"),
        ("has(result.missing)", None, "fail"),
        ("result.tests.run >", None, "fail"),
    ],
)
def test_a_clause_is_judged_and_never_raises(cel, value, verdict):
    judged = judge(cel, value)
    assert judged.verdict == verdict
    assert judged.reasons[0].message


def test_a_reason_shows_what_was_expected_and_what_was_found():
    reason = judge("result.tests.run > 0 && result.test_success_rate >= value", 80).reasons[0]
    assert reason.expected == "80"
    assert reason.actual == "result.tests.run = 7; result.test_success_rate = 71.5"


def test_one_failure_outweighs_one_clause_without_data():
    clauses = [Clause("a", "result.missing > 1"), Clause("b", "1 == 2"), Clause("c", "1 == 1")]
    assert judge_clauses(clauses, {"result": RESULT}).verdict == "fail"
    assert judge_clauses([clauses[0], clauses[2]], {"result": RESULT}).verdict == "inconclusive"
    assert judge_clauses([clauses[2]], {"result": RESULT}).verdict == "pass"


@pytest.mark.parametrize(
    "cel",
    [
        "result.changes.all(a, result.changes.all(b, a == b))",
        "result.changes.map(a, result.changes . filter(b, true)).size() > 0",
        "1 == " + "1" * 1000,
        "a &&",
    ],
)
def test_an_expression_that_cannot_be_trusted_is_refused_before_it_meets_data(cel):
    assert fault_in(cel)
    assert judge(cel).verdict == "fail"


@pytest.mark.parametrize(
    "cel",
    ["result.a.exists(x, x > 1) && result.b.exists(y, y > 2)", "size(result.changes) > 0", "'.all(.all(' == value"],
)
def test_harmless_expressions_are_let_through(cel):
    assert fault_in(cel) is None


def test_only_our_variables_are_named_and_not_inside_texts():
    assert variables_of("result.steps > 1 && steps.a.ok && 'event' == value") == {"result", "steps", "value"}
