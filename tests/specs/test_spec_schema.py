"""The meta-schema for editors agrees with the readers about what a spec is."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bridge.problems import BadSpec
from bridge.specs import read_spec
from bridge.specs.dialect import FORMATS, KEYWORDS
from bridge.specs.model import Condition, Execution, FieldPresentation, Presentation, StepSpec
from bridge.specs.shapes import SHAPES, URN

PROJECT = Path(__file__).parents[2]
META = json.loads((PROJECT / "bridge/specs/spec.schema.json").read_text("utf-8"))
SPECS = [
    *sorted((PROJECT / "node_specs").glob("*.json")), *sorted((PROJECT / "tests/fixtures/odd_specs").glob("*.json")),
    *sorted((PROJECT / "tests/fixtures/acme_pack/node_specs").glob("*.json")),
]  # fmt: skip
GOOD = json.loads((PROJECT / "tests/fixtures/acme_pack/node_specs/word_count.json").read_text("utf-8"))
judge = Draft202012Validator(META)


def test_it_is_a_schema_itself():
    Draft202012Validator.check_schema(META)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_real_spec_fits(path):
    assert [error.message for error in judge.iter_errors(json.loads(path.read_text("utf-8")))] == []


def test_it_names_every_key_keyword_format_and_shape_that_the_readers_know():
    parts = META["$defs"]
    field = parts["presentation"]["properties"]["fields"]["additionalProperties"]
    for model, schema in (
        (StepSpec, META), (Presentation, parts["presentation"]), (Execution, parts["execution"]),
        (Condition, parts["condition"]), (FieldPresentation, field),
    ):  # fmt: skip
        assert set(schema["properties"]) == set(model.model_fields)
        assert set(schema["required"]) == {name for name, each in model.model_fields.items() if each.is_required()}
    assert set(parts["schema"]["else"]["properties"]) == KEYWORDS
    assert set(parts["schema"]["else"]["properties"]["format"]["enum"]) == FORMATS
    assert set(parts["schema"]["then"]["properties"]["$ref"]["enum"]) == {f"{URN}{name}" for name in SHAPES}


WRONG = [
    ("name", "Word Count"),
    ("version", 0),
    ("description", "Too short"),
    ("examples", []),
    ("surprise", 1),
    ("input/properties/text/format", "password"),
    ("input/properties/text/anyOf", []),
    ("input/properties/text/x-hint", "x"),
    ("input/properties/text/type", ["string", "null"]),
    ("input/properties/top/minimum", "0"),
    ("output/oneOf", [{"title": "A", "required": ["words"]}, {"title": "B", "required": ["words"]}]),
    ("output/properties/words/$ref", "urn:bridge:shapes#Nothing"),
    ("presentation/category", "AI"),
    ("presentation/colour", "red"),
    ("execution/kind", "slow"),
    ("execution/timeout", 0),
]


@pytest.mark.parametrize(("place", "value"), WRONG, ids=[place for place, _ in WRONG])
def test_what_the_reader_refuses_the_editor_marks_too(place, value, tmp_path):
    document = copy.deepcopy(GOOD)
    *way, last = place.split("/")
    at = document
    for step in way:
        at = at[step]
    at[last] = value
    path = tmp_path / "word_count.json"
    path.write_text(json.dumps(document))
    with pytest.raises(BadSpec):
        read_spec(path)
    assert list(judge.iter_errors(document))
