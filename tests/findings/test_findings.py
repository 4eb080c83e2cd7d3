"""Findings keep their name when code moves, and leave as valid SARIF."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from bridge.documents import Place, shape_of
from bridge.findings import Finding, Fix, finding_from, fingerprint, sarif, worst_first

SCHEMA = json.loads((Path(__file__).parents[1] / "fixtures" / "sarif-2.1.0.json").read_text("utf-8"))
EVAL = Finding(
    "ruff/S307", "high", 0.8, "Use of eval", Place("src/a b.py", 3, 3, 1, 9, "load"), fingerprint("ruff/S307", "eval(x)", "load"),
    "It runs any code.", ("CWE-95",), Fix("Parse the value instead.", "--- a\n+++ b\n"),
)  # fmt: skip
NOTE = Finding("lizard/complexity", "info", 0.5, "Complex", Place(start_line=1), fingerprint("lizard/complexity", "f"))


def test_a_fingerprint_survives_spacing_and_quotes():
    assert fingerprint("r", "eval( x,\n  'a' )", "f") == fingerprint("r", 'eval(x, "a")', "f")


@pytest.mark.parametrize(
    "other", [("q", "eval(x)", "f", 0), ("r", "eval(y)", "f", 0), ("r", "eval(x)", "g", 0), ("r", "eval(x)", "f", 1)]
)
def test_a_fingerprint_tells_rule_code_symbol_and_repetition_apart(other):
    assert fingerprint(*other) != fingerprint("r", "eval(x)", "f", 0)


@pytest.mark.parametrize("findings", [[], [EVAL], [EVAL, NOTE, EVAL]])
def test_sarif_is_valid_by_its_schema(findings):
    assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(sarif(findings))] == []


def test_the_schema_check_refuses_what_is_not_sarif():
    broken = sarif([EVAL])
    broken["runs"][0]["results"][0]["level"] = "terrible"
    assert list(Draft4Validator(SCHEMA).iter_errors(broken))


def test_sarif_has_one_run_per_tool_with_places_a_host_can_show():
    log = sarif([EVAL, NOTE])
    assert [run["tool"]["driver"]["name"] for run in log["runs"]] == ["lizard", "ruff"]
    result = log["runs"][1]["results"][0]
    assert result["level"] == "error"
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "src/a%20b.py"},
        "region": {"startLine": 3, "endLine": 3, "startColumn": 1, "endColumn": 9},
    }
    assert result["partialFingerprints"]["bridge/v1"] == EVAL.fingerprint


def test_findings_survive_the_way_through_json():
    assert finding_from(json.loads(json.dumps(shape_of(EVAL)))) == EVAL


def test_the_worst_comes_first():
    assert worst_first([NOTE, EVAL]) == [EVAL, NOTE]
