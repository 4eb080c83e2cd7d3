"""Read hand-written specs, collecting every issue before refusing."""

import json
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from pydantic import ValidationError

from bridge.problems import BadSpec, Issue
from bridge.specs.dialect import inlined, unsupported
from bridge.specs.model import StepSpec


def read_folder(folder: Path) -> list[StepSpec]:
    """Read every ``<step>.json`` in *folder*, sorted by name; raise BadSpec with all issues of all files."""
    specs: list[StepSpec] = []
    issues: list[Issue] = []
    for path in sorted(folder.glob("*.json")):
        try:
            specs.append(read_spec(path))
        except BadSpec as problem:
            issues += problem.issues
    if issues:
        raise BadSpec(f"{len(issues)} issue(s) in {folder}; each names its file and place.", issues=issues)
    return specs


def read_released(folder: Path) -> dict[str, list[StepSpec]]:
    """Read the released versions ``<step>.v<N>.json`` in *folder*, by step and oldest first."""
    specs: dict[str, list[StepSpec]] = {}
    issues: list[Issue] = []
    for path in sorted(folder.glob("*.json")):
        try:
            spec = read_spec(path)
        except BadSpec as problem:
            issues += problem.issues
            continue
        if path.name != f"{spec.name}.v{spec.version}.json":
            issues.append(Issue("name", path.name, f"holds {spec.name} v{spec.version}, so it must be named so"))
        specs.setdefault(spec.name, []).append(spec)
    if issues:
        raise BadSpec(f"{len(issues)} issue(s) in {folder}; each names its file and place.", issues=issues)
    return {name: sorted(each, key=lambda spec: spec.version) for name, each in specs.items()}


def read_spec(path: Traversable) -> StepSpec:
    """Read one hand-written spec, refusing what the generators cannot honour."""
    try:
        raw = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise BadSpec(f"{path.name} is not JSON.", issues=[Issue("json", path.name, str(error))]) from error
    try:
        spec = StepSpec.model_validate(raw)
    except ValidationError as error:
        found = [
            Issue(each["type"], f"{path.name}#/{'/'.join(map(str, each['loc']))}", each["msg"])
            for each in error.errors(include_url=False)
        ]
        raise BadSpec(f"{path.name} is not a step spec.", issues=found) from error
    issues = [Issue(each.code, f"{path.name}#{each.where}", each.message) for each in faults(spec, path.name)]
    if issues:
        raise BadSpec(f"{path.name} has {len(issues)} issue(s).", issues=issues)
    return spec


def faults(spec: StepSpec, file_name: str) -> Iterator[Issue]:
    """Yield what is wrong with a spec whose outer shape is right."""
    if file_name.partition(".")[0] != spec.name:
        yield Issue("name", "/name", f"must be the file's name, '{file_name.partition('.')[0]}'")
    for part, schema in (("input", spec.input), ("output", spec.output)):
        if schema.get("type") != "object" or "properties" not in schema:
            yield Issue("type", f"/{part}", "must be an object with properties")
            return
    yield from unsupported(spec.input, "/input", root_input=True)
    yield from unsupported(spec.output, "/output")
    yield from _missing_descriptions(spec.input, "/input")
    yield from _presentation_faults(spec)
    yield from _example_faults(spec)


def _missing_descriptions(schema: dict[str, Any], where: str) -> Iterator[Issue]:
    for name, each in schema["properties"].items():
        if not each.get("description") and "$ref" not in each:
            yield Issue("description", f"{where}/properties/{name}", "say in one sentence what this field is for")


def _presentation_faults(spec: StepSpec) -> Iterator[Issue]:
    known = spec.input["properties"].keys()
    groups = {"top": spec.presentation.top, "order": spec.presentation.order, "fields": spec.presentation.fields}
    for group, names in groups.items():
        for name in names:
            if name not in known:
                yield Issue("field", f"/presentation/{group}/{name}", "is not a field of the input")
    for name in spec.execution.defaults_from:
        if name not in known:
            yield Issue("field", f"/execution/defaults_from/{name}", "is not a field of the input")


def _example_faults(spec: StepSpec) -> Iterator[Issue]:
    validator = Draft202012Validator(inlined(spec.input))
    for index, example in enumerate(spec.examples):
        if not {"title", "input"} <= example.keys() <= {"title", "input", "output"}:
            yield Issue("example", f"/examples/{index}", "an example is {title, input, output?}")
            continue
        for error in validator.iter_errors(example["input"]):
            yield Issue("example", f"/examples/{index}/input{error.json_path[1:]}", error.message)
