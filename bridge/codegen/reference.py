"""A reference page per step, and a list of all of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge.codegen.files import Files
from bridge.specs import StepSpec, inlined

NOTICE = "<!-- Written by `bridge generate`; edited by nobody. -->"


def render(specs: Sequence[StepSpec], folder: Path) -> Files:
    """Render the pages of *specs* into *folder*."""
    files: Files = {folder / f"{spec.name}.md": "\n".join(_page(spec)) + "\n" for spec in specs}
    files[folder / "README.md"] = "\n".join(_index(specs)) + "\n"
    return files


def _index(specs: Sequence[StepSpec]) -> Iterator[str]:
    yield from [NOTICE, "", "# Steps", "", "| Step | What it does | Kind |", "|---|---|---|"]
    for spec in specs:
        yield f"| [{spec.title}]({spec.name}.md) | {_cell(spec.description)} | {spec.execution.kind} |"


def _page(spec: StepSpec) -> Iterator[str]:
    yield from [NOTICE, "", f"# {spec.title}", "", spec.description, ""]
    yield from _facts(spec)
    yield from ["", "## Input", ""]
    yield from _alternatives(spec)
    yield from _table(spec.input)
    yield from ["", "## Result", "", "Beside the envelope (`success`, `run_id`, `degraded`, `issues`, `files`):", ""]
    yield from _table(spec.output)
    if spec.conditions:
        yield from ["", "## Conditions", "", "| Key | Type | Meaning |", "|---|---|---|"]
        for key, condition in sorted(spec.conditions.items()):
            yield f"| `{key}` | {condition.type} | {_cell(condition.description or f'`{condition.cel}`')} |"
    yield from ["", "## Examples"]
    for example in spec.examples:
        yield from ["", f"### {example.get('title', 'Example')}", "", "```bash"]
        yield f'curl -s -X POST "$BRIDGE/v1/steps/{spec.name}" -H "Authorization: Bearer $KEY" \\'
        yield f"  -H 'Content-Type: application/json' -d '{_shell(example['input'])}'"
        yield "```"


def _facts(spec: StepSpec) -> Iterator[str]:
    run = spec.execution
    yield f"- `POST /v1/steps/{spec.name}`, version {spec.version}"
    yield f"- {run.kind}, ends after {run.timeout} s at the latest; side effects: {run.side_effects}"
    yield f"- {'the same input may be run again safely' if run.idempotent else 'a repeated call repeats its effect'}"
    if spec.judges:
        yield "- judges: the result has `verdict` and `reasons`; no data is never a pass"
    for name, source in sorted(run.defaults_from.items()):
        yield f"- in a template, `{name}` comes from `{source}` when it is not given"


def _alternatives(spec: StepSpec) -> Iterator[str]:
    chosen = [
        f"{each['title']} ({', '.join(f'`{name}`' for name in each['required'])})"
        for each in spec.input.get("oneOf", [])
    ]
    if chosen:
        yield from [f"Exactly one of: {', '.join(chosen)}.", ""]


def _table(schema: Mapping[str, Any]) -> Iterator[str]:
    properties = schema.get("properties", {})
    if not properties:
        yield "Nothing."
        return
    required = set(schema.get("required", []))
    yield from ["| Field | Type | Required | Default | Meaning |", "|---|---|---|---|---|"]
    for name, each in properties.items():
        default = f"`{json.dumps(each['default'], ensure_ascii=False)}`" if "default" in each else ""
        needed = "yes" if name in required else ""
        yield f"| `{name}` | {_kind(each)} | {needed} | {default} | {_cell(_meaning(each))} |"


def _meaning(schema: Mapping[str, Any]) -> str:
    return str(inlined(dict(schema)).get("description", ""))


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f"[{str(schema['$ref']).rpartition('#')[2]}](../shapes.md)"
    if "enum" in schema:
        return " \\| ".join(f"`{each}`" for each in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    form = f" ({schema['format']})" if "format" in schema else ""
    low, high = schema.get("minimum"), schema.get("maximum")
    limits = (
        f" {'' if low is None else low}..{'' if high is None else high}" if low is not None or high is not None else ""
    )
    return f"{schema['type']}{form}{limits}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _shell(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("'", "'\\''")
