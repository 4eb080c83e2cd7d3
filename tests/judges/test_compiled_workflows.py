"""Compiled workflows before judges that know n8n and not us; each judge also refuses what is bad."""

import copy

import pytest

from bridge.compiler import TARGETS, Binding, Credential, compile_template, read_template
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.templates import Library, builtin_folder
from tests.judges.showcase import with_approval

PREFIX = "n8n-nodes-multimodal-bridge."
BINDING = Binding("http://127.0.0.1:8007", Credential("c1", "Bridge"), path_secret="secret")
pytestmark = pytest.mark.live


@pytest.fixture(scope="session")
def workflows():
    """Every template of ours and the showcase, in both targets, by name."""
    catalogue = Catalogue([PACK])
    library = Library(catalogue, [builtin_folder()])
    templates = {"showcase": read_template(with_approval()), **dict(library.usable())}
    return {
        f"{name} ({target})": compile_template(name, template, catalogue, target=target, binding=BINDING).document
        for name, template in templates.items()
        for target in TARGETS
    }


@pytest.fixture
def showcase(workflows):
    return copy.deepcopy(workflows["showcase (nodes)"])


def change(workflow, name, **values):
    next(node for node in workflow["nodes"] if node["name"] == name).update(values)
    return workflow


def test_n8ns_own_schema_accepts_every_workflow(workflows, api_schema):
    faults = {name: [error.message for error in api_schema.iter_errors(each)] for name, each in workflows.items()}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    "bad",
    [{"tags": ["multimodal"]}, {"settings": {"errorWorkflow": None}}, {"nodes": None}],
    ids=["tags as texts", "null in settings", "no nodes"],
)
def test_n8ns_own_schema_refuses_what_is_bad(showcase, api_schema, bad):
    assert not api_schema.is_valid({**showcase, **bad})


def test_the_validator_finds_no_error_in_any_workflow(workflows, validator):
    faults = {name: validator(each) for name, each in workflows.items()}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("node", "values", "told"),
    [
        ("Conditions Met?", {"type": "n8n-nodes-base.iff"}, "Unknown node type"),
        ("Conditions Met?", {"typeVersion": 99}, "exceeds maximum"),
        ("Look Left", {"parameters": {"waitMode": "sometimes", "source": "text", "text": "x"}}, "Invalid value"),
        ("Look Left", {"parameters": {"waitMode": "poll", "source": "text", "text": "={{ $json.a }"}}, "bracket"),
    ],
)
def test_the_validator_refuses_what_is_bad(showcase, validator, node, values, told):
    assert any(told in error for error in validator(change(showcase, node, **values)))


def test_the_validator_refuses_a_line_to_nowhere(showcase, validator):
    showcase["connections"]["Entry Gate"]["main"][0][0]["node"] = "Ghost"
    assert any("Ghost" in error for error in validator(showcase))


def unknown_parameters(node, description):
    """Parameters of *node* that its description does not have, those of its collections included."""
    known = {each["name"]: each for each in description["properties"]}
    found = [name for name in node["parameters"] if name not in known]
    for name, value in node["parameters"].items():
        each = known.get(name, {})
        if each.get("type") == "collection":
            options = {option["name"] for option in each["options"]}
            found += [f"{name}.{key}" for key in value if key not in options]
    return found


def test_every_parameter_we_emit_is_one_of_the_built_node(workflows, descriptions):
    judged = 0
    for name, workflow in workflows.items():
        for node in workflow["nodes"]:
            if node["type"].startswith(PREFIX):
                judged += 1
                assert unknown_parameters(node, descriptions[node["type"].removeprefix(PREFIX)]) == [], name
    assert judged > 5


def test_a_parameter_the_node_does_not_have_would_be_found(showcase, descriptions):
    gate = next(node for node in showcase["nodes"] if node["name"] == "Entry Gate")
    gate["parameters"]["additionalOptions"]["nonsense"] = 1
    assert unknown_parameters(gate, descriptions["gate"]) == ["additionalOptions.nonsense"]
