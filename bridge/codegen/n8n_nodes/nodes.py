"""One node per step: its TypeScript, codex file and output schemas."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.codegen.n8n_nodes import wording
from bridge.codegen.n8n_nodes.literals import Code, typescript
from bridge.codegen.n8n_nodes.package import NodePackage, template
from bridge.codegen.n8n_nodes.properties import Property, properties_of, search_method
from bridge.specs import NodeField, StepSpec, fields_of, inlined
from bridge.specs.parameters import OPTIONS, column_name

MAIN = [Code("NodeConnectionTypes.Main")]
PARK_TYPES = "\n\tIWebhookFunctions,\n\tIWebhookResponseData,"


def node(versions: Sequence[StepSpec], package: NodePackage) -> str:
    """The node of a step; *versions* are all its released versions and the current one, oldest first."""
    spec = versions[-1]
    long = any(each.execution.kind == "long" for each in versions)
    searched = [
        (field, spec.presentation.fields[field.wire].search) for field in fields_of(spec) if field.kind == "locator"
    ]
    text = template(
        "step.ts",
        step=spec.name,
        definition=typescript(_definition(versions, package)),
        description=typescript(_description(versions, package, parks=long), 1),
        methods=_methods(searched, package) + (template("parking.ts") if long else ""),
        parkImport="import { resume } from '../../transport/parking';\n" if long else "",
        searchImport="import { searchList } from '../../transport/requests';\n" if searched else "",
        extraTypes=("\n\tILoadOptionsFunctions," if searched else ""),
    )
    text = text.replace("@@class@@", spec.stem)
    return text.replace("\tINodeTypeDescription,\n}", f"\tINodeTypeDescription,{PARK_TYPES}\n}}", 1) if long else text


def codex(name: str, category: str, alias: Sequence[str], version: int, package: NodePackage) -> str:
    """The codex file: where the node stands in the panel and which words find it."""
    document = {
        "node": f"{package.name}.{name}",
        "nodeVersion": f"{version}.0",
        "codexVersion": "1.0",
        "categories": [category],
        **({"alias": list(alias)} if alias else {}),
        "resources": {
            "credentialDocumentation": [{"url": f"{package.repository}?tab=readme-ov-file#credentials"}],
            "primaryDocumentation": [{"url": f"{package.repository}?tab=readme-ov-file"}],
        },
    }
    return json.dumps(document, indent="\t", ensure_ascii=False) + "\n"


def result_schema(spec: StepSpec) -> str:
    """The schema of the node's items, for fields that can be dragged before the first run."""
    return json.dumps(inlined(spec.result_schema()), indent="\t", ensure_ascii=False) + "\n"


def merged_properties(versions: Sequence[StepSpec]) -> list[Property]:
    """The properties of all versions; one that differs between them is shown for its versions only."""
    by_version = {spec.version: properties_of(spec) for spec in versions}
    if len(by_version) == 1:
        return next(iter(by_version.values()))
    merged: list[tuple[Property, list[int]]] = []
    for version in sorted(by_version, reverse=True):
        for made in by_version[version]:
            same = next((seen for each, seen in merged if each == made), None)
            if same is None:
                merged.append((made, [version]))
            else:
                same.append(version)
    options = [each for each in merged if each[0]["type"] == "collection"]
    others = [each for each in merged if each[0]["type"] != "collection"]
    return [_for_versions(made, seen, len(by_version)) for made, seen in [*others, *options]]


def _for_versions(made: Property, seen: Sequence[int], all_versions: int) -> Property:
    if len(seen) == all_versions:
        return made
    shown = made.get("displayOptions", {}).get("show", {})
    limited = {**made, "displayOptions": {"show": {"@version": sorted(seen), **shown}}}
    return {key: limited[key] for key in [*made, "displayOptions"] if key in limited}


def _description(versions: Sequence[StepSpec], package: NodePackage, *, parks: bool) -> dict[str, Any]:
    spec = versions[-1]
    numbers = [each.version for each in versions]
    label = wording.title(spec.title)
    return {
        "displayName": label,
        "name": spec.camel,
        "icon": package.icon(spec.presentation.icon),
        "group": [spec.presentation.group],
        "version": numbers if len(numbers) > 1 else numbers[0],
        **({"defaultVersion": numbers[-1]} if len(numbers) > 1 else {}),
        "subtitle": _subtitle(spec),
        "description": wording.sentence(spec.description),
        "defaults": {"name": label},
        "usableAsTool": True,
        "inputs": MAIN,
        "outputs": MAIN,
        "credentials": [{"name": package.credential, "required": True}],
        **(_parking(label) if parks else {}),
        "properties": merged_properties(versions),
    }


def _subtitle(spec: StepSpec) -> str:
    chosen = next((each for each in fields_of(spec) if each.wire == spec.presentation.subtitle), None)
    otherwise = wording.title(spec.presentation.category)
    if chosen is None:
        return otherwise
    if chosen.in_options:
        return f'={{{{$parameter["{OPTIONS}"]["{chosen.param}"] || "{otherwise}"}}}}'
    return f'={{{{$parameter["{chosen.param}"]}}}}'


def _parking(label: str) -> dict[str, Any]:
    hook = {
        "name": "default", "httpMethod": "POST", "responseMode": "onReceived", "path": "", "restartWebhook": True,
    }  # fmt: skip
    return {"waitingNodeTooltip": f"Waiting for the run of {label} to end", "webhooks": [hook]}


def _definition(versions: Sequence[StepSpec], package: NodePackage) -> dict[str, Any]:
    spec = versions[-1]
    return {
        "name": spec.name,
        "credential": package.credential,
        "long": spec.execution.kind == "long",
        "timeout": spec.execution.timeout,
        "fields": Versions({each.version: [_wire(field) for field in fields_of(each)] for each in versions}).code(),
    }


class Versions:
    """Fields by version; the keys are numbers, which JSON objects do not have."""

    def __init__(self, fields: Mapping[int, list[dict[str, Any]]]) -> None:
        self.fields = fields

    def code(self) -> Code:
        """The TypeScript object with numeric keys."""
        inner = "".join(f"\t\t{version}: {typescript(fields, 2)},\n" for version, fields in self.fields.items())
        return Code(f"{{\n{inner}\t}}")


def _wire(field: NodeField) -> dict[str, Any]:
    columns: dict[str, str] = {}
    if field.kind == "rows":
        columns = {column_name(name): name for name in field.schema["items"]["properties"]}
    return {
        "param": field.param,
        "wire": field.wire,
        "kind": field.kind,
        **({"inOptions": True} if field.in_options else {}),
        **({"required": True} if field.required else {}),
        **({"when": {name: list(values) for name, values in field.when.items()}} if field.when else {}),
        **({"columns": columns} if columns else {}),
    }


def _methods(searched: Sequence[tuple[NodeField, str | None]], package: NodePackage) -> str:
    if not searched:
        return ""
    methods = [
        f"\t\t\tasync {search_method(field)}(\n\t\t\t\tthis: ILoadOptionsFunctions,\n\t\t\t\tfilter?: string,\n"
        f"\t\t\t\tpaginationToken?: string,\n\t\t\t) {{\n"
        f"\t\t\t\tconst url = {typescript(url)};\n"
        f"\t\t\t\treturn await searchList.call(this, '{package.credential}', url, filter, paginationToken);\n"
        "\t\t\t},\n"
        for field, url in searched
    ]
    return "\n\tmethods = {\n\t\tlistSearch: {\n" + "".join(methods) + "\t\t},\n\t};\n"
