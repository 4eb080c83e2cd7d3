"""The templates that come along: those whose steps are installed compile, alike every time; the others say what is missing."""

import json
from pathlib import Path

import pytest

from bridge.problems import BadTemplate
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.templates import Library

FOLDER = Path(__file__).parents[2] / "templates"
CATALOGUE = Catalogue([PACK])
BUILT_IN = {"approval", "template"}
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def missing_steps(name):
    steps = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["steps"]
    return {each["type"] for each in steps} - {spec.name for spec in CATALOGUE} - BUILT_IN


@pytest.fixture
def library():
    return Library(CATALOGUE, [FOLDER])


def test_most_templates_can_be_used_on_this_installation():
    assert {"code_review_pipeline", "flaky_test_hunter", "nightly_quality_report"} <= {
        name for name in NAMES if not missing_steps(name)
    }


@pytest.mark.parametrize("target", ["nodes", "http"])
@pytest.mark.parametrize("name", [name for name in NAMES if not missing_steps(name)])
def test_a_usable_template_compiles_to_the_same_bytes_every_time(library, name, target):
    first = library.compile(name, target=target)
    again = Library(CATALOGUE, [FOLDER]).compile(name, target=target)
    assert json.dumps(first.document) == json.dumps(again.document)
    assert len(first.document["nodes"]) > len(first.steps)


@pytest.mark.parametrize("name", [name for name in NAMES if missing_steps(name)])
def test_a_template_whose_steps_are_not_installed_names_every_one(library, name):
    with pytest.raises(BadTemplate) as caught:
        library.compile(name)
    named = " ".join(issue.message for issue in caught.value.issues)
    assert all(f"'{step}'" in named for step in missing_steps(name))
