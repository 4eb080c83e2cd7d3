"""Old workflows keep running: a released version of a step is taken and answered as it was promised."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from bridge.authoring import RunContext, StepModel, StepResult
from bridge.problems import InvalidInput, StepBrokeContract
from bridge.runs import Made, Surroundings, asked_version, perform
from bridge.runs.binding import bind_one
from bridge.specs import StepSpec


def spec(version, input_name, output_name):
    return StepSpec.model_validate(
        {
            "name": "greet", "version": version, "title": "Greet", "description": "Greet somebody by their name.",
            "input": {
                "type": "object", "additionalProperties": False, "required": [input_name],
                "properties": {input_name: {"type": "string"}},
            },
            "output": {
                "type": "object", "additionalProperties": False, "required": [output_name],
                "properties": {output_name: {"type": "string"}},
            },
            "examples": [{"title": "One", "input": {input_name: "Ada"}}],
            "presentation": {"icon": "bridge"}, "execution": {"kind": "quick", "timeout": 5},
        }
    )  # fmt: skip


FIRST, SECOND, THIRD = spec(1, "name", "text"), spec(2, "person", "text"), spec(3, "person", "greeting")


class GreetInput(StepModel):
    person: str


class GreetOutput(StepResult):
    greeting: str


@pytest.fixture
def handlers():
    async def run(given: GreetInput) -> GreetOutput:
        return GreetOutput(greeting=f"Hello {given.person}")

    module = ModuleType("handlers_under_test.greet")
    module.run = run
    module.from_v1 = lambda given: {"person": given["name"]}
    module.to_v2 = lambda result: {"text": result["greeting"]}
    package = ModuleType("handlers_under_test")
    package.__path__ = []
    sys.modules |= {"handlers_under_test": package, "handlers_under_test.greet": module}
    yield module
    del sys.modules["handlers_under_test"], sys.modules["handlers_under_test.greet"]


def asked_for(version):
    context = RunContext("r", "greet", version, "test", datetime.now(UTC) + timedelta(minutes=1))
    return Surroundings(None, None, None, context, Made())


def greet(handlers):
    return bind_one(THIRD, "handlers_under_test", {}, (FIRST, SECOND))


@pytest.mark.parametrize(
    ("version", "given", "key"), [(1, {"name": "Ada"}, "text"), (2, {"person": "Ada"}, "text"), (3, {"person": "Ada"}, "greeting")]
)  # fmt: skip
async def test_every_version_is_answered_in_its_own_words(handlers, version, given, key):
    result = await perform(greet(handlers), given, asked_for(version))
    assert result[key] == "Hello Ada"
    assert not {"text", "greeting"} - {key} & result.keys()


async def test_an_old_input_is_judged_by_the_old_schema(handlers):
    with pytest.raises(InvalidInput) as caught:
        await perform(greet(handlers), {"person": "Ada"}, asked_for(1))
    assert {each.code for each in caught.value.issues} == {"required", "additionalProperties"}


async def test_an_old_result_is_judged_by_the_old_schema(handlers):
    del handlers.to_v2
    with pytest.raises(StepBrokeContract, match="version 2"):
        await perform(greet(handlers), {"person": "Ada"}, asked_for(2))


def test_the_header_chooses_the_version_and_its_absence_the_current_one(handlers):
    step = greet(handlers)
    assert asked_version(step.spec, step.earlier, None) == 3
    assert asked_version(step.spec, step.earlier, "1") == 1


@pytest.mark.parametrize("header", ["4", "0", "", "1.5", "-1", "x" * 5000, "٣"])
def test_an_unknown_version_names_those_that_are_served(handlers, header):
    step = greet(handlers)
    with pytest.raises(InvalidInput, match="in version 1, 2, 3"):
        asked_version(step.spec, step.earlier, header)


async def test_a_step_without_earlier_versions_is_not_touched(handlers):
    alone = replace(greet(handlers), earlier={})
    assert (await perform(alone, {"person": "Ada"}, asked_for(3)))["greeting"] == "Hello Ada"
