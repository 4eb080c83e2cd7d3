"""Rules about a finished workflow: faults that n8n accepts without a word and that bite at run time.

They look at the document alone, so they judge workflows from elsewhere too.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bridge.compiler.checks.ways import Ways, is_trigger, lines_of

Found = Iterator[tuple[str, str]]
Document = Mapping[str, Any]

TOP_KEYS = frozenset({"name", "nodes", "connections", "settings", "staticData", "pinData", "nodeGroups"})
NODE_KEYS = frozenset(
    {
        "id", "name", "type", "typeVersion", "position", "parameters", "webhookId", "credentials", "disabled", "notes",
        "notesInFlow", "retryOnFail", "maxTries", "waitBetweenTries", "onError", "executeOnce", "alwaysOutputData",
    }
)  # fmt: skip
OPERATIONS = {
    "string": {
        "exists", "notExists", "empty", "notEmpty", "equals", "notEquals", "contains", "notContains", "startsWith",
        "notStartsWith", "endsWith", "notEndsWith", "regex", "notRegex",
    },
    "number": {"exists", "notExists", "empty", "notEmpty", "equals", "notEquals", "gt", "lt", "gte", "lte"},
    "dateTime": {
        "exists", "notExists", "empty", "notEmpty", "equals", "notEquals", "after", "before", "afterOrEquals",
        "beforeOrEquals",
    },
    "boolean": {"exists", "notExists", "empty", "notEmpty", "true", "false", "equals", "notEquals"},
    "array": {
        "exists", "notExists", "empty", "notEmpty", "contains", "notContains", "lengthEquals", "lengthNotEquals",
        "lengthGt", "lengthLt", "lengthGte", "lengthLte",
    },
    "object": {"exists", "notExists", "empty", "notEmpty"},
}  # fmt: skip
PARAMETERS = {
    "n8n-nodes-base.if": {"conditions", "looseTypeValidation", "options"},
    "n8n-nodes-base.switch": {"mode", "rules", "numberOutputs", "output", "looseTypeValidation", "options"},
    "n8n-nodes-base.noOp": set(),
    "n8n-nodes-base.manualTrigger": set(),
    "n8n-nodes-base.stopAndError": {"errorType", "errorMessage", "errorObject"},
    "n8n-nodes-base.stickyNote": {"content", "height", "width", "color"},
    "n8n-nodes-base.webhook": {
        "multipleMethods", "httpMethod", "path", "authentication", "responseMode", "responseCode", "responseData",
        "responseBinaryPropertyName", "options",
    },
    "n8n-nodes-base.set": {
        "mode", "duplicateItem", "duplicateCount", "jsonOutput", "assignments", "includeOtherFields", "include",
        "includeFields", "excludeFields", "options",
    },
    "n8n-nodes-base.httpRequest": {
        "method", "url", "authentication", "nodeCredentialType", "genericAuthType", "provideSslCertificates",
        "sendQuery", "specifyQuery", "queryParameters", "jsonQuery", "sendHeaders", "specifyHeaders",
        "headerParameters", "jsonHeaders", "sendBody", "contentType", "specifyBody", "bodyParameters", "jsonBody",
        "body", "inputDataFieldName", "rawContentType", "options",
    },
    "n8n-nodes-base.wait": {
        "resume", "incomingAuthentication", "dateTime", "amount", "unit", "formTitle", "formDescription",
        "formFields", "responseMode", "httpMethod", "responseCode", "responseData", "responseBinaryPropertyName",
        "limitWaitTime", "limitType", "resumeAmount", "resumeUnit", "maxDateAndTime", "options",
    },
}  # fmt: skip
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
SWITCHED_OFF = {
    "n8n-nodes-base.executeCommand": "Execute Command is off in n8n 2",
    "n8n-nodes-base.localFileTrigger": "Local File Trigger is off in n8n 2",
    "n8n-nodes-base.code": "Code nodes are limited to 60 seconds in n8n 3 and hide what a workflow does",
}


def key_n8n_refuses(document: Document) -> Found:
    """n8n refuses read-only and unknown keys, even when they are empty."""
    for key in document.keys() - TOP_KEYS:
        yield f"/{key}", "n8n does not accept this key when a workflow is created."
    for index, node in enumerate(document["nodes"]):
        for key in node.keys() - NODE_KEYS:
            yield f"/nodes/{index}/{key}", "n8n does not accept this key in a node."
    for key, value in document.get("settings", {}).items():
        if value is None:
            yield f"/settings/{key}", "n8n refuses null here; leave it out."


def execution_order_missing(document: Document) -> Found:
    """Without it n8n runs nodes in the old order."""
    if document.get("settings", {}).get("executionOrder") != "v1":
        yield "/settings/executionOrder", 'must be "v1"; n8n fills nothing in.'


def duplicate_node_name(document: Document) -> Found:
    """Connections are keyed by name, so names are unique."""
    seen: set[str] = set()
    for index, node in enumerate(document["nodes"]):
        if node["name"] in seen:
            yield f"/nodes/{index}/name", f"'{node['name']}' is there twice."
        seen.add(node["name"])


def dangling_connection(document: Document) -> Found:
    """A line leads from a node to a node, by name."""
    names = {node["name"] for node in document["nodes"]}
    for source, _, target in lines_of(document):
        for name in {source, target} - names:
            yield f"/connections/{source}", f"there is no node '{name}'; connections are keyed by node names."


def trigger_missing(document: Document) -> Found:
    """A workflow that only a person can start cannot be published."""
    kinds = [node["type"] for node in document["nodes"]]
    if not any(is_trigger(kind) and kind != "n8n-nodes-base.manualTrigger" for kind in kinds):
        yield "/nodes", "there is no trigger that n8n can publish; a manual trigger is not enough."


def unreachable_node(document: Document) -> Found:
    """A node no trigger leads to never runs."""
    lines = list(lines_of(document))
    reached = {node["name"] for node in document["nodes"] if is_trigger(node["type"])}
    while True:
        more = {target for source, _, target in lines if source in reached} - reached
        if not more:
            break
        reached |= more
    for index, node in enumerate(document["nodes"]):
        if node["name"] not in reached and not node["type"].endswith(".stickyNote"):
            yield f"/nodes/{index}", f"no trigger leads to '{node['name']}'."


def unknown_operator(document: Document) -> Found:
    """An operator n8n does not know raises nothing and takes the false way."""
    for where, value in _objects(document):
        operator = value.get("operator") if "leftValue" in value else None
        if not isinstance(operator, Mapping):
            continue
        known = OPERATIONS.get(str(operator.get("type")), set())
        if operator.get("operation") not in known:
            told = f"{operator.get('type')} has no operation '{operator.get('operation')}'"
            yield f"{where}/operator", f"{told}; n8n would take the false way. There are: {', '.join(sorted(known))}."


def expression_without_equals(document: Document) -> Found:
    """A text with {{ }} and no = at its start is sent as it stands."""
    for where, value in _texts(document):
        if "{{" in value and not value.startswith("=") and not where.endswith(("/content", "/notes")):
            yield where, "has {{ }} but does not start with '=', so n8n would send it literally."


def unknown_parameter(document: Document) -> Found:
    """n8n drops a parameter that its node does not have."""
    for index, node in enumerate(document["nodes"]):
        known = PARAMETERS.get(node["type"])
        for key in node.get("parameters", {}) if known is not None else ():
            if key not in (known or ()):
                yield f"/nodes/{index}/parameters/{key}", f"{node['type']} has no parameter '{key}'."


def environment_access(document: Document) -> Found:
    """$env is denied in expressions since n8n 2."""
    for where, value in _texts(document):
        if value.startswith("=") and re.search(r"\$env\b", QUOTED.sub("", value)):
            yield where, "reads $env, which n8n denies; use a credential or a parameter."


def node_switched_off(document: Document) -> Found:
    """Some nodes are off, or will be useless, in the n8n this is for."""
    for index, node in enumerate(document["nodes"]):
        if node["type"] in SWITCHED_OFF:
            yield f"/nodes/{index}/type", f"{SWITCHED_OFF[node['type']]}; use a step of the bridge."


def joined_without_merge(document: Document) -> Found:
    """Two branches that both run, led into one node, run it twice."""
    types = {node["name"]: node["type"] for node in document["nodes"]}
    ways = Ways(list(lines_of(document)), types)
    for target, kind in types.items():
        clash = None if kind == "n8n-nodes-base.merge" else ways.clash_at(target)
        if clash:
            told = f"'{clash[0]}' and '{clash[1]}' both lead to '{target}', which would run twice; use Merge."
            yield f"/connections/{clash[0]}", told


def json_from_text(document: Document) -> Found:
    """JSON glued together from text breaks at the first quotation mark in a value."""
    for where, value in _texts(document):
        if not where.endswith(("/jsonBody", "/jsonOutput", "/jsonQuery", "/jsonHeaders")):
            continue
        whole = value.startswith("={{") and value.rstrip().endswith("}}") and value.count("{{") == 1
        if value.startswith("=") and not whole:
            yield where, "is JSON made of pieces of text; use one expression over an object."


def respond_missing(document: Document) -> Found:
    """A webhook that leaves the answer to another node needs that node."""
    kinds = {node["type"] for node in document["nodes"]}
    for index, node in enumerate(document["nodes"]):
        answering = node.get("parameters", {}).get("responseMode") == "responseNode"
        if answering and "n8n-nodes-base.respondToWebhook" not in kinds:
            yield f"/nodes/{index}/parameters/responseMode", "needs a Respond to Webhook node; every call would fail."


def webhook_id_missing(document: Document) -> Found:
    """Without an id of its own a webhook's address depends on who saves the workflow."""
    for index, node in enumerate(document["nodes"]):
        hooked = node["type"] == "n8n-nodes-base.webhook" or node["type"].endswith(".bridgeTrigger")
        if hooked and not node.get("webhookId"):
            yield f"/nodes/{index}/webhookId", "is missing; n8n would make up another one each time."


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    for index, node in enumerate(document["nodes"]):
        yield from _texts_in(node.get("parameters", {}), f"/nodes/{index}/parameters")


def _texts_in(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    children = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, each in children:
        yield from _texts_in(each, f"{where}/{key}")


def _objects(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, node in enumerate(document["nodes"]):
        yield from _objects_in(node.get("parameters", {}), f"/nodes/{index}/parameters")


def _objects_in(value: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield where, value
    children = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, each in children:
        yield from _objects_in(each, f"{where}/{key}")


RULES = (
    key_n8n_refuses,
    execution_order_missing,
    duplicate_node_name,
    dangling_connection,
    trigger_missing,
    unreachable_node,
    unknown_operator,
    expression_without_equals,
    unknown_parameter,
    environment_access,
    node_switched_off,
    joined_without_merge,
    json_from_text,
    respond_missing,
    webhook_id_missing,
)
