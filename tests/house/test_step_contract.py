"""What every installed step owes, whoever wrote it."""

import inspect
from importlib import import_module
from typing import get_type_hints

import pytest
from jsonschema import Draft202012Validator

from bridge.specs import Catalogue, inlined
from bridge.steps import PACK

CATALOGUE = Catalogue([PACK])
each_step = pytest.mark.parametrize("spec", list(CATALOGUE), ids=lambda spec: spec.name)


@each_step
def test_schemas_are_schemas(spec):
    Draft202012Validator.check_schema(inlined(spec.input))
    Draft202012Validator.check_schema(inlined(spec.result_schema()))


@each_step
def test_the_handler_speaks_its_own_models(spec):
    run = import_module(f"{PACK.handlers}.{spec.name}").run
    assert inspect.iscoroutinefunction(run)
    hints = get_type_hints(run)
    first, *others = inspect.signature(run).parameters.values()
    assert hints[first.name].__name__ == f"{spec.stem}Input"
    assert hints["return"].__name__ == f"{spec.stem}Output"
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in others)
