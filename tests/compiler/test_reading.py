"""Templates from text: whatever comes in, a template or a problem comes out."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import bridge.compiler
from bridge.compiler import Template, parse_template
from bridge.problems import BadTemplate

SCHEMA = Path(bridge.compiler.__file__).with_name("template.schema.json")


def test_the_schema_for_editors_is_that_of_the_model(request):
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:bridge:template"}
    text = json.dumps({**head, **Template.model_json_schema(by_alias=True)}, indent=2) + "\n"
    if request.config.getoption("--regenerate"):
        SCHEMA.write_text(text, "utf-8")
    assert SCHEMA.read_text("utf-8") == text


def test_the_schema_knows_good_from_bad(raw):
    judge = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert judge.is_valid(raw)
    assert not judge.is_valid({**raw, "steps": []})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"name": 1}',
        "[" * 100_000,
        '{"a":' * 50_000,
        "x" * 2_000_000,
        '{"name": "\\ud800"}',
        "NaN",
    ],
    ids=["nothing", "null", "list", "empty", "number", "deep", "deeper", "large", "surrogate", "nan"],
)
def test_rubbish_is_refused_in_words(text):
    with pytest.raises(BadTemplate):
        parse_template(text)


@pytest.mark.parametrize("config", [{"a": "${{" * 5000}, {"a": "}}" * 5000}, {"a": [[[["${{ event.x }}"]]]]}])
def test_odd_values_do_not_slow_or_break_reading(raw, config):
    raw["steps"][0]["config"] = config
    assert parse_template(json.dumps(raw)).steps[0].config == config
