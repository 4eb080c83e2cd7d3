"""A released spec is a promise: what may change within a version, and what may not."""

import copy
import json
import shutil
from pathlib import Path

import pytest

from bridge.codegen import incompatible, open_project, render_all
from bridge.problems import BadSpec
from bridge.specs import StepSpec

ACME = Path(__file__).parents[1] / "fixtures/acme_pack"
RELEASED = {
    "name": "pick", "version": 1, "title": "Pick", "description": "Pick one of several things by rule.",
    "input": {
        "type": "object", "additionalProperties": False, "required": ["things"],
        "oneOf": [{"title": "Rule", "required": ["rule"]}, {"title": "Number", "required": ["number"]}],
        "properties": {
            "things": {"type": "array", "items": {"type": "string", "maxLength": 10}, "maxItems": 5},
            "rule": {"type": "string", "enum": ["first", "last"]},
            "number": {"type": "integer", "minimum": 0, "maximum": 9},
            "note": {"type": "string", "default": "none"},
        },
    },
    "output": {
        "type": "object", "required": ["thing"],
        "properties": {
            "thing": {"type": "string"}, "how": {"type": "string", "enum": ["rule", "number"]},
            "findings": {"type": "array", "items": {"$ref": "urn:bridge:shapes#Finding"}},
        },
    },
    "examples": [{"title": "One", "input": {"things": ["a"], "rule": "first"}}],
    "presentation": {"icon": "bridge"}, "execution": {"kind": "quick", "timeout": 5},
}  # fmt: skip


def changed(place, value, version=1):
    """The spec with one place set; None removes it."""
    document = copy.deepcopy(RELEASED)
    document["version"] = version
    *way, last = place.split("/")
    at = document
    for step in way:
        at = at[int(step) if isinstance(at, list) else step]
    if value is None:
        del at[int(last) if isinstance(at, list) else last]
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return StepSpec.model_validate(document)


def judged(now, released=None):
    return incompatible([now], {"pick": [StepSpec.model_validate(released or RELEASED)]})


ALLOWED = [
    ("input/properties/extra", {"type": "string"}),
    ("input/properties/rule/enum", ["first", "last", "longest"]),
    ("input/properties/number/maximum", 99),
    ("input/properties/number/minimum", None),
    ("input/properties/number/type", "number"),
    ("input/properties/things/maxItems", None),
    ("input/properties/things/items/maxLength", 100),
    ("input/required", []),
    ("input/additionalProperties", True),
    ("output/properties/extra", {"type": "string"}),
    ("output/required", ["thing", "how"]),
    ("output/properties/how/enum", ["rule"]),
    ("description", "Pick one of several things by rule or by number."),
    ("execution/timeout", 10),
]
FORBIDDEN = [
    ("input/properties/note", None, "removed", "/input/note"),
    ("input/required", ["things", "note"], "required", "/input/note"),
    ("input/properties/rule/enum", ["first"], "enum", "/input/rule"),
    ("input/properties/note/enum", ["none"], "enum", "/input/note"),
    ("input/properties/number/maximum", 8, "maximum", "/input/number"),
    ("input/properties/number/minimum", 1, "minimum", "/input/number"),
    ("input/properties/things/minItems", 1, "minItems", "/input/things"),
    ("input/properties/things/items/maxLength", 9, "maxLength", "/input/things/*"),
    ("input/properties/things/uniqueItems", True, "uniqueItems", "/input/things"),
    ("input/properties/note/pattern", "^a", "pattern", "/input/note"),
    ("input/properties/note/format", "email", "format", "/input/note"),
    ("input/properties/note/default", "other", "default", "/input/note"),
    ("input/properties/number/type", "string", "type", "/input/number"),
    ("input/oneOf/1", None, "oneOf", "/input"),
    ("output/properties/how", None, "removed", "/output/how"),
    ("output/properties/thing/type", "integer", "type", "/output/thing"),
    ("output/properties/findings/items", {"type": "string"}, "type", "/output/findings/*"),
    ("output/properties/how/enum", ["rule", "number", "chance"], "enum", "/output/how"),
    ("output/required", [], "required", "/output/thing"),
]


@pytest.mark.parametrize(("place", "value"), ALLOWED, ids=[place for place, _ in ALLOWED])
def test_this_may_change_within_a_version(place, value):
    assert judged(changed(place, value)) == []


@pytest.mark.parametrize(
    ("place", "value", "code", "where"), FORBIDDEN, ids=[f"{each[0]} {each[2]}" for each in FORBIDDEN]
)
def test_this_needs_a_new_version(place, value, code, where):
    assert (code, f"pick{where}") in [(each.code, each.where) for each in judged(changed(place, value))]
    assert judged(changed(place, value, version=2)) == []


def test_a_closed_input_may_not_be_closed_later():
    opened = copy.deepcopy(RELEASED)
    opened["input"]["additionalProperties"] = True
    assert [each.code for each in judged(StepSpec.model_validate(RELEASED), opened)] == ["additionalProperties"]


def test_a_released_step_may_not_vanish_and_versions_may_not_go_back():
    assert [each.code for each in incompatible([], {"pick": [StepSpec.model_validate(RELEASED)]})] == ["removed"]
    lowered = incompatible(
        [StepSpec.model_validate(RELEASED)], {"pick": [StepSpec.model_validate({**RELEASED, "version": 2})]}
    )
    assert [each.code for each in lowered] == ["version"]


def test_a_version_between_must_be_kept():
    third = StepSpec.model_validate({**RELEASED, "version": 3})
    assert [each.message for each in judged(third)] == ["node_specs/released/pick.v2.json is missing"]


@pytest.fixture
def two_versions(tmp_path):
    """Acme's word count, released as version 1 and now version 2 with another input."""
    folder = tmp_path / "acme"
    shutil.copytree(ACME, folder)
    path = folder / "node_specs/word_count.json"
    first = json.loads(path.read_text())
    (folder / "node_specs/released").mkdir()
    (folder / "node_specs/released/word_count.v1.json").write_text(json.dumps(first))
    second = copy.deepcopy(first)
    second["version"] = 2
    second["input"]["properties"]["top"]["maximum"] = 10
    second["input"]["properties"]["text"]["title"] = "Words"
    path.write_text(json.dumps(second))
    return folder


def test_both_versions_of_a_node_are_in_one_file_and_have_their_own_schema(two_versions):
    project = open_project(two_versions)
    files = {path.name: text for path, text in render_all(project.specs, project.layout).items()}
    node = files["WordCount.node.ts"]
    assert "version: [1, 2]," in node
    assert "defaultVersion: 2," in node
    assert node.count("name: 'text'") == 2
    assert node.count("name: 'additionalOptions'") == 2
    assert "'@version': [1]" in node
    assert "'@version': [2]" in node
    assert {"v1.0.0.json", "v2.0.0.json"} <= files.keys()
    catalogue = json.loads(files["catalogue.json"])
    assert [(each["name"], each["version"]) for each in catalogue["released"]] == [("word_count", 1)]


def test_a_node_with_two_versions_builds_and_lints(two_versions, tmp_path):
    from bridge.codegen import write
    from tests.nodes.conftest import Workshop

    project = open_project(two_versions)
    write(render_all(project.specs, project.layout), project.layout.owned)
    workshop = Workshop(project.layout.nodes, tmp_path / "package")
    done = workshop.build()
    assert done.code == 0, done.said
    done = workshop.lint()
    assert (done.code, done.findings) == (0, []), done.said


def test_a_released_file_must_hold_what_its_name_says(two_versions):
    folder = two_versions / "node_specs/released"
    (folder / "word_count.v1.json").rename(folder / "word_count.v7.json")
    with pytest.raises(BadSpec, match="issue"):
        open_project(two_versions)
