"""A new step: its spec, its handler and a test that passes at once."""

import json
from pathlib import Path
from typing import Any

from bridge.codegen.from_function import Described, describe
from bridge.codegen.projects import BUILTIN, Project
from bridge.problems import BadSpec, Conflict, Issue
from bridge.specs import StepSpec

CALLS = {
    "value": "{stem}Output(value=answer)",
    "mapping": "{stem}Output.model_validate(answer)",
    "dataclass": "{stem}Output.model_validate(asdict(answer))",
    "model": "{stem}Output.model_validate(answer.model_dump())",
}


def new_step(project: Project, name: str, reference: str = "") -> list[Path]:
    """Write the three files of a new step called *name*, after the function *reference* if one is given."""
    described = describe(reference) if reference else None
    spec = _checked(_from_function(name, described) if described else _plain(name))
    handlers = project.layout.package.removesuffix(".generated")
    folder = project.layout.generated.parent
    if project.layout.pack == BUILTIN:
        handlers, folder = f"{handlers}.steps", folder / "steps"
    models = f"{project.layout.package}.models.{name}"
    files = {
        project.folder / f"node_specs/{name}.json": json.dumps(spec, indent=2, ensure_ascii=False) + "\n",
        folder / f"{name}.py": _wrapper(name, models, described) if described else _handler(name, models),
        project.folder / f"tests/steps/test_{name}.py": _test(name, f"{handlers}.{name}", models, described),
    }
    there = [path for path in files if path.exists()]
    if there:
        raise Conflict(f"{', '.join(map(str, there))} exists already; nothing was written. Choose another name.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(files)


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    try:
        StepSpec.model_validate(document)
    except ValueError as error:
        issue = Issue("name", "/name", "a name is lower-case words joined by _, such as word_count")
        raise BadSpec(f"'{document['name']}' cannot be a step's name.", issues=[issue]) from error
    return document


def _title(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split("_"))


def _stem(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def _plain(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "version": 1,
        "title": _title(name),
        "description": f"{_title(name)}: say here what it does, for a person and for a model choosing tools.",
        "input": {
            "type": "object",
            "additionalProperties": False,
            "required": ["text"],
            "properties": {"text": {"type": "string", "format": "text", "description": "The text to work on"}},
        },
        "output": {
            "type": "object",
            "required": ["characters"],
            "properties": {"characters": {"type": "integer", "description": "How many characters the text has"}},
        },
        "examples": [{"title": "A greeting", "input": {"text": "hello"}}],
        "presentation": {"icon": "bridge"},
        "execution": {"kind": "quick", "timeout": 30},
    }


def _from_function(name: str, described: Described) -> dict[str, Any]:
    return {
        **_plain(name),
        "description": described.description,
        "input": described.input,
        "output": described.output,
        "examples": [{"title": "An example", "input": described.example}],
        "execution": {"kind": "long", "timeout": 300},
    }


def _handler(name: str, models: str) -> str:
    stem = _stem(name)
    return f'''"""{_title(name)}."""

from {models} import {stem}Input, {stem}Output


async def run(given: {stem}Input) -> {stem}Output:
    """Count the characters of a text, until this does something better."""
    return {stem}Output(characters=len(given.text))
'''


def _wrapper(name: str, models: str, described: Described) -> str:
    stem, function = _stem(name), described.function
    imports = ["import asyncio"] if not described.is_async else []
    imports += ["from dataclasses import asdict"] if described.answers == "dataclass" else []
    head = "".join(f"{each}\n" for each in imports) + ("\n" if imports else "")
    # Validation turns JSON's strings into the enumerations, paths and dates that the function's hints ask for.
    call = "await checked(**named)" if described.is_async else "await asyncio.to_thread(checked, **named)"
    return f'''"""{_title(name)}: `{function}` of `{described.module}` as a step."""

{head}from pydantic import validate_call

from {described.module} import {function}
from {models} import {stem}Input, {stem}Output

checked = validate_call({function})


async def run(given: {stem}Input) -> {stem}Output:
    """Call the function with the input's fields, apart from the event loop."""
    named = {{name: getattr(given, name) for name in given.model_fields_set}}
    answer = {call}
    return {CALLS[described.answers].format(stem=stem)}
'''


def _test(name: str, handler: str, models: str, described: Described | None) -> str:
    stem = _stem(name)
    head = f'"""{_title(name)} does what its spec says."""\n\n'
    if described is None:
        return f"""{head}import asyncio

from {handler} import run
from {models} import {stem}Input


def test_it_counts_characters():
    result = asyncio.run(run({stem}Input(text="hello")))
    assert result.characters == 5
"""
    return f"""{head}import inspect

from {handler} import run
from {models} import {stem}Input


def test_the_example_is_a_valid_input():
    given = {stem}Input.model_validate({described.example!r})
    assert given.model_fields_set == {set(described.example) or "set()"}
    assert inspect.iscoroutinefunction(run)
"""
