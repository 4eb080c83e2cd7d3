"""A small catalogue of its own, so that the compiler's tests do not change with the product's steps."""

import json
from pathlib import Path

import pytest

from bridge.specs import Catalogue, Pack
from bridge.steps import PACK

FIXTURES = Path(__file__).parent / "specs"


class FixtureFile:
    """A catalogue file made from the gate's real spec and this folder's specs."""

    def read_text(self, encoding):
        del encoding
        gate = next(each for each in json.loads(PACK.catalogue.read_text("utf-8"))["steps"] if each["name"] == "gate")
        return json.dumps(
            {"steps": [gate, *(json.loads(path.read_text("utf-8")) for path in sorted(FIXTURES.glob("*.json")))]}
        )


@pytest.fixture(scope="session")
def catalogue():
    return Catalogue([Pack("fixtures", "none", "none", FixtureFile(), "n8n-nodes-multimodal-bridge")])


@pytest.fixture
def raw():
    """A sound template that a test spoils in one place."""
    return {
        "name": "Sound",
        "description": "A template without a fault.",
        "triggers": ["git_push"],
        "steps": [
            {"id": "analyze", "name": "Analyze", "type": "analyze", "config": {"text": "x"}},
            {"id": "test", "name": "Test", "type": "check", "config": {"repository": "r"}},
            {"id": "tell", "name": "Tell", "type": "tell", "config": {"text": "${{ steps.analyze.summary }}"}},
        ],
    }
