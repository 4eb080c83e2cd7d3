"""`bridge templates`, `compile`, `diff` and `export`."""

import json

import pytest
from typer.testing import CliRunner

from bridge.cli import build
from bridge.problems import InvalidInput

STEPS = [{"id": "look", "name": "Look", "type": "multimodal_analysis", "config": {"text": "x"}}]


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"name": "Mine", "triggers": ["manual"], "steps": STEPS}), "utf-8")
    return path


@pytest.fixture
def bridge():
    def run(*arguments):
        return CliRunner().invoke(build(), [str(each) for each in arguments])

    return run


def test_templates_are_listed(bridge):
    assert "code_review_pipeline" in bridge("templates").output


def test_a_template_file_is_compiled_with_values(bridge, template, tmp_path):
    out = tmp_path / "out.json"
    assert bridge("compile", template, "--set", "look.analysis_type=security", "--out", out).exit_code == 0
    nodes = {node["name"]: node for node in json.loads(out.read_text("utf-8"))["nodes"]}
    assert nodes["Look"]["parameters"]["analysisType"] == "security"


def test_diff_tells_what_deploying_would_change(bridge, template, tmp_path):
    out = tmp_path / "out.json"
    bridge("compile", template, "--out", out)
    same = bridge("diff", template, out)
    assert (same.exit_code, same.output) == (0, "Nothing would change.\n")
    changed = bridge("diff", template, out, "--set", "text=y")
    assert changed.exit_code == 1
    assert '~ node \'Look\', text: "x" -> "y"' in changed.output


def test_export_leaves_the_noise_out_and_names_faults(bridge, template, tmp_path):
    out = tmp_path / "out.json"
    bridge("compile", template, "--out", out)
    raw = json.loads(out.read_text("utf-8")) | {"id": "w1", "versionId": "v", "active": True}
    raw["nodes"][3]["parameters"]["note"] = "={{ $env.HOME }}"
    out.write_text(json.dumps([raw]), "utf-8")
    told = bridge("export", out)
    assert "versionId" not in told.output
    assert "environment_access" in told.output


def test_what_is_no_workflow_is_refused_in_words(bridge, template):
    told = bridge("diff", template, template)
    assert isinstance(told.exception, InvalidInput)
