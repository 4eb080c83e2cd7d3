"""Input fields as n8n node properties; the table is in docs/reference/node-fields.md of the project."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.codegen.n8n_nodes import wording
from bridge.specs import FieldPresentation, NodeField, StepSpec, camel, fields_of, selector_of
from bridge.specs.parameters import EXTRA, OPTIONS, SENSITIVE, WAIT, column_name

Property = dict[str, Any]
ORDER = (
    "displayName", "name", "type", "noDataExpression", "typeOptions", "required", "displayOptions", "placeholder",
    "options", "modes", "default", "hint", "description",
)  # fmt: skip
PLACEHOLDERS = {
    "path": "e.g. src/app.py", "uri": "e.g. https://example.com/file.pdf", "glob": "e.g. **/*.py",
    "cel": "e.g. result.success", "email": "name@email.com", "result": "e.g. node:Multimodal Analysis",
    "secret": "e.g. DEPLOY_KEY",
}  # fmt: skip
FORMAT_HINTS = {
    "result": "An earlier result: node:Name Of The Node, or run:ID",
    "secret": "The name of a secret the bridge knows, never its value",
    "binary": "The name of the input field with the file, or file:ID of a file the bridge made",
}
# Values whose option name n8n's linter prescribes.
PRESCRIBED_CHOICES = {"getAll": "Get Many", "upsert": "Create or Update"}
WAYS_TO_WAIT = (
    ("Keep Checking", "poll", "Stay active until the run ends. Canceling the execution cancels the run."),
    ("No", "none", "Return the run ID right away. A Collect Runs node gets the result later."),
    ("Pause Execution", "park", "Sleep until the bridge calls back. One item; a failed run gives error and details."),
)


def properties_of(spec: StepSpec) -> list[Property]:
    """Every property of the node of *spec*: top level first, then the collection of options."""
    top = [*_selector(spec)]
    options = _run_options(spec)
    for each in fields_of(spec):
        look = spec.presentation.fields.get(each.wire, FieldPresentation())
        made = property_of(each, look)
        (options if each.in_options else top).append(made)
    if spec.execution.kind == "long":
        top.append(_wait())
    options.sort(key=lambda each: str(each["displayName"]).lower())
    collection = {
        "displayName": "Additional Options", "name": OPTIONS, "type": "collection", "placeholder": "Add Option",
        "default": {}, "options": options,
    }  # fmt: skip
    return [*top, collection]


def property_of(of: NodeField, look: FieldPresentation) -> Property:
    """One field as a property."""
    schema = of.schema
    label = wording.title(look.label or schema.get("title") or _label(of))
    made: Property = {"displayName": label, "name": of.param, **_typed(of, schema, look, label)}
    if of.required:
        made["required"] = True
    if of.when:
        # Fields of the collection look at top-level parameters with a path from the root.
        made["displayOptions"] = {
            "show": {f"/{name}" if of.in_options else name: list(values) for name, values in of.when.items()}
        }
    told = wording.sentence(schema.get("description", ""), boolean=made["type"] == "boolean")
    if told and re.sub(r"\bthe\b\s*", "", told, flags=re.IGNORECASE).strip().lower() != label.lower() != told.lower():
        made["description"] = told
    hint = look.hint or FORMAT_HINTS.get(schema.get("format", ""))
    if hint:
        made["hint"] = wording.plain(hint)[:120].rstrip()
    if made["type"] == "string" and "placeholder" not in made:
        made |= _placeholder(schema)
    return {key: made[key] for key in ORDER if key in made}


def _label(of: NodeField) -> str:
    words = of.wire.replace("_", " ")
    if of.kind == "binary":
        return "Input Data Field Name" if of.wire == "file" else f"{words} Input Data Field Name"
    return f"{words} Name" if of.schema.get("format") == "secret" and not words.endswith("name") else words


def _typed(of: NodeField, schema: Mapping[str, Any], look: FieldPresentation, label: str) -> Property:
    """Type, default and what belongs to the type."""
    if of.kind == "locator":
        return _locator(of, label)
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        options = _choices(values, look.options or {})
        return {"type": "options", "options": options, "default": schema.get("default", options[0]["value"])}
    kind = schema["type"]
    if kind == "string":
        return _string(of, schema, look)
    if kind == "boolean":
        return {"type": "boolean", "default": schema.get("default", False)}
    if kind in ("integer", "number"):
        return _number(schema)
    if kind == "array":
        return _array(of, schema, look, label)
    return {"type": "json", "default": _json(schema.get("default", {}))}


def _string(of: NodeField, schema: Mapping[str, Any], look: FieldPresentation) -> Property:
    form = schema.get("format")
    default = schema.get("default", "data" if of.kind == "binary" else "")
    if form in ("date-time", "date"):
        return {
            "type": "dateTime",
            **({"typeOptions": {"dateOnly": True}} if form == "date" else {}),
            "default": default,
        }
    if "color" in of.param.lower() or "colour" in of.param.lower():
        return {"type": "color", "default": default}
    options: dict[str, Any] = {}
    if form != "secret" and SENSITIVE.search(of.param):
        options["password"] = True
    elif form == "text" or look.rows:
        options["rows"] = look.rows or 4
    return {"type": "string", **({"typeOptions": options} if options else {}), "default": default}


def _number(schema: Mapping[str, Any]) -> Property:
    options: dict[str, Any] = {}
    if "minimum" in schema:
        options["minValue"] = schema["minimum"]
    if "maximum" in schema:
        options["maxValue"] = schema["maximum"]
    options["numberPrecision"] = 0 if schema["type"] == "integer" else 4
    return {"type": "number", "typeOptions": options, "default": schema.get("default", schema.get("minimum", 0))}


def _array(of: NodeField, schema: Mapping[str, Any], look: FieldPresentation, label: str) -> Property:
    items, default = schema["items"], schema.get("default", [])
    if of.kind == "json":
        return {"type": "json", "default": _json(default)}
    if "enum" in items:
        return {"type": "multiOptions", "options": _choices(items["enum"], look.options or {}), "default": default}
    singular = label.removesuffix("s") if label.endswith("s") and not label.endswith("ss") else label
    if of.kind == "value":
        return {
            "type": "string",
            "typeOptions": {"multipleValues": True, "multipleValueButtonText": f"Add {singular}"},
            "default": default,
        }
    columns = _columns(items) if of.kind == "rows" else [_column("value", {"title": "Value", **items})]
    return {
        "type": "fixedCollection",
        "typeOptions": {"multipleValues": True},
        "placeholder": f"Add {singular}",
        "options": [{"displayName": label, "name": "values", "values": columns}],
        "default": {},
    }


def _columns(items: Mapping[str, Any]) -> list[Property]:
    columns = [_column(name, each) for name, each in items["properties"].items()]
    return sorted(columns, key=lambda each: str(each["displayName"]).lower())


def _column(name: str, schema: dict[str, Any]) -> Property:
    made = property_of(NodeField(name, column_name(name), "value", schema), FieldPresentation())
    if made["type"] == "options" and "default" not in schema:
        # Without a default of its own an untouched cell means "not given".
        made["options"] = [{"name": "(Not Set)", "value": ""}, *made["options"]]
        made["default"] = ""
    return made


def _locator(of: NodeField, label: str) -> Property:
    by_list = {
        "displayName": "From List", "name": "list", "type": "list",
        "typeOptions": {"searchListMethod": search_method(of), "searchable": True},
    }  # fmt: skip
    by_id = {"displayName": "By ID", "name": "id", "type": "string", "placeholder": f"e.g. {label.lower()}"}
    return {
        "type": "resourceLocator",
        "default": {"mode": "list", "value": of.schema.get("default", "")},
        "modes": [by_list, by_id],
    }


def search_method(of: NodeField) -> str:
    """The name of the method that lists what *of* may be."""
    return camel(f"search_{of.wire}")


def _choices(values: Sequence[Any], labels: Mapping[str, str]) -> list[Property]:
    """Options sorted by name, each name and value once."""
    made: list[Property] = []
    for value in values:
        written = json.dumps(value) if not isinstance(value, str) else value
        name = PRESCRIBED_CHOICES.get(written) or wording.title(labels.get(written, written)).replace("*", "[All]")
        while any(each["name"] == name for each in made):
            name += " (2)"
        made.append({"name": name, "value": value})
    return sorted(made, key=lambda each: str(each["name"]).lower())


def _placeholder(schema: Mapping[str, Any]) -> Property:
    form = schema.get("format", "")
    if form == "email":
        return {"placeholder": PLACEHOLDERS["email"]}
    examples = [each for each in schema.get("examples", []) if isinstance(each, str) and each.strip()]
    if examples:
        return {"placeholder": f"e.g. {wording.plain(examples[0])[:80].rstrip()}"}
    return {"placeholder": PLACEHOLDERS[form]} if form in PLACEHOLDERS else {}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _selector(spec: StepSpec) -> list[Property]:
    selector = selector_of(spec)
    if selector is None:
        return []
    options = [{"name": wording.title(title), "value": value} for value, (title, _) in selector.choices.items()]
    return [
        {
            "displayName": wording.title(selector.label), "name": selector.param, "type": "options",
            "noDataExpression": True, "required": True,
            "options": sorted(options, key=lambda each: each["name"].lower()),
            "default": next(iter(selector.choices)),
        }
    ]  # fmt: skip


def _wait() -> Property:
    return {
        "displayName": "Wait for Result", "name": WAIT, "type": "options", "noDataExpression": True, "required": True,
        "options": [{"name": name, "value": value, "description": told} for name, value, told in WAYS_TO_WAIT],
        "default": "poll",
    }  # fmt: skip


def _run_options(spec: StepSpec) -> list[Property]:
    files = {
        "displayName": "Download Files", "name": "downloadFiles", "type": "boolean", "default": True,
        "description": "Whether to return the files of the result as binary data",
    }  # fmt: skip
    extra = {
        "displayName": "Extra Input (JSON)", "name": EXTRA, "type": "json", "default": "{}",
        "description": "An object of input fields that win over the fields above",
    }  # fmt: skip
    width = {
        "displayName": "Max Concurrency", "name": "maxConcurrency", "type": "number",
        "typeOptions": {"minValue": 1, "maxValue": 50, "numberPrecision": 0}, "default": 5,
        "description": "How many items to process at the same time",
    }  # fmt: skip
    limit = {
        "displayName": "Max Wait (Seconds)", "name": "maxWait", "type": "number",
        "typeOptions": {"minValue": 1, "numberPrecision": 0}, "default": spec.execution.timeout,
        "description": "How long the run may take before it is ended",
    }  # fmt: skip
    return [files, extra, width, limit]
