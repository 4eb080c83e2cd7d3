"""The templates that come with the bridge."""

import json
from pathlib import Path

import pytest

from bridge.compiler import parse_template
from bridge.templates import builtin_folder

FILES = sorted(builtin_folder().glob("*.json"))
BRIEF = {
    "code_review_pipeline": ["multimodal_analysis", "test_execution", "report_generation", "notification"],
    "documentation_update": ["change_detection", "impact_analysis", "documentation_update", "consistency_check"],
    "deployment_pipeline": ["health_check", "test_execution", "deployment", "validation", "deployment"],
}


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_template_can_be_read(path):
    assert parse_template(path.read_text("utf-8"), path.name).steps


@pytest.mark.parametrize("name", BRIEF)
def test_the_first_three_templates_have_their_steps_in_order(name):
    raw = json.loads(Path(builtin_folder() / f"{name}.json").read_text("utf-8"))
    assert [step["type"] for step in raw["steps"]] == BRIEF[name]
    assert set(raw) == {"name", "description", "triggers", "steps", "conditions"}
