"""The OpenAPI document says what the service does."""

import re

import pytest

from bridge.codegen.openapi import document
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.web.routes import ROUTES

SPECS = list(Catalogue([PACK]))
FOUND = document(SPECS)
OPERATIONS = [(path, verb, each) for path, verbs in FOUND["paths"].items() for verb, each in verbs.items()]


def test_every_address_is_described_and_every_description_has_an_address():
    routed = {(route.method, route.path) for route in ROUTES if route.method != "OPTIONS"}
    described = {(verb.upper(), path) for path, verb, _ in OPERATIONS}
    of_steps = {("POST", f"/v1/steps/{spec.name}") for spec in SPECS}
    assert of_steps <= described
    assert described - of_steps == routed - {("POST", "/v1/steps/{step}")}


def test_public_addresses_are_public_in_both():
    access = {(route.method, route.path): route.access for route in ROUTES}
    for path, verb, each in OPERATIONS:
        if (verb.upper(), path) in access:
            assert (each.get("security") == []) == (access[verb.upper(), path] == "public"), path


def test_no_two_operations_share_a_name():
    names = [each["operationId"] for _, _, each in OPERATIONS]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere():
    for target in re.findall(r"'\$ref': '#/([^']+)'", str(FOUND)):
        place = FOUND
        for part in target.split("/"):
            place = place[part]
        assert place


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_step_shows_its_examples(spec):
    body = FOUND["paths"][f"/v1/steps/{spec.name}"]["post"]["requestBody"]["content"]["application/json"]
    assert [each["value"] for each in body["examples"].values()] == [each["input"] for each in spec.examples]
