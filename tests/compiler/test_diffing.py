"""What changes between two workflows, in words."""

import copy

import pytest

from bridge.compiler import compile_template, differences, normal_form, read_template


@pytest.fixture
def document(raw, catalogue):
    return compile_template("key", read_template(raw), catalogue).document


def told(before, after):
    return [str(change) for change in differences(before, after)]


def test_the_same_workflow_has_no_differences(document):
    assert told(document, copy.deepcopy(document)) == []


def test_positions_and_what_only_the_server_knows_are_no_change(document):
    exported = copy.deepcopy(document) | {
        "id": "w1",
        "versionId": "v",
        "active": True,
        "updatedAt": "now",
        "meta": None,
    }
    exported["nodes"][2]["position"] = [1, 1]
    exported["settings"]["binaryMode"] = "separate"
    assert told(document, exported) in ([], ['+ setting binaryMode = "separate"'])
    assert normal_form(document) == normal_form(exported)


def test_a_changed_parameter_is_told_with_both_values(document, raw, catalogue):
    changed = compile_template("key", read_template(raw), catalogue, config={"mode": "deep"}).document
    assert told(document, changed) == ["+ node 'Analyze', mode = \"deep\""]
    assert told(changed, document) == ["- node 'Analyze', mode = \"deep\""]


def test_a_renamed_node_is_told_once(document):
    renamed = copy.deepcopy(document)
    next(node for node in renamed["nodes"] if node["name"] == "Tell")["name"] = "Say"
    for output in renamed["connections"]["Test"]["main"]:
        for end in output:
            end["node"] = "Say"
    assert told(document, renamed) == ["~ node 'Tell': Tell -> Say"]


def test_an_added_step_is_told_with_its_lines(document, raw, catalogue):
    raw["steps"].append({"id": "more", "name": "More", "type": "tell", "config": {"text": "y"}})
    longer = compile_template("key", read_template(raw), catalogue).document
    lines = told(document, longer)
    assert "+ node 'More' (n8n-nodes-multimodal-bridge.tell)" in lines
    assert "+ line from 'Tell' (output 0) to 'More'" in lines
