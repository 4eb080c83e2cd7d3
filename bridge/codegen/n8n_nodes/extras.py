"""The two nodes that belong to no step: Bridge Trigger and Collect Runs."""

from typing import Any

from bridge.codegen.n8n_nodes.literals import Code, typescript
from bridge.codegen.n8n_nodes.package import NodePackage, template

MAIN = [Code("NodeConnectionTypes.Main")]
EVENTS = {
    "alert": ("Alert", "A monitoring system reports an alert"),
    "api_change": ("API Change", "An API description changes"),
    "git_push": ("Git Push", "Commits arrive in a repository"),
    "manual": ("Manual Start", "Someone starts the workflow through the bridge"),
    "pull_request": ("Pull Request", "A pull or merge request is opened or changed"),
    "release_tag": ("Release Tag", "A release or a version tag is made"),
    "schedule": ("Schedule", "A time given as a cron expression comes"),
    "schema_change": ("Schema Change", "A database schema changes"),
}


def trigger(package: NodePackage) -> str:
    """The Bridge Trigger node."""
    return template("trigger.ts", description=typescript(_trigger(package), 1))


def collect(package: NodePackage) -> str:
    """The Collect Runs node."""
    return template("collect.ts", description=typescript(_collect(package), 1))


def _trigger(package: NodePackage) -> dict[str, Any]:
    events = [{"name": name, "value": value, "description": told} for value, (name, told) in EVENTS.items()]
    return {
        "displayName": "Bridge Trigger",
        "name": "bridgeTrigger",
        "icon": package.icon("trigger"),
        "group": ["trigger"],
        "version": 1,
        "subtitle": '={{$parameter["events"].join(", ")}}',
        "description": "Starts the workflow on events that the bridge watches",
        "defaults": {"name": "Bridge Trigger"},
        "inputs": [],
        "outputs": MAIN,
        "credentials": [{"name": package.credential, "required": True}],
        "webhooks": [{"name": "default", "httpMethod": "POST", "responseMode": "onReceived", "path": "webhook"}],
        "properties": [
            {
                "displayName": "Trigger On",
                "name": "events",
                "type": "multiOptions",
                "required": True,
                "options": sorted(events, key=lambda each: each["name"].lower()),
                "default": ["manual"],
            },
            {
                "displayName": "Additional Options",
                "name": "additionalOptions",
                "type": "collection",
                "placeholder": "Add Option",
                "default": {},
                "options": _trigger_options(),
            },
        ],
    }


def _trigger_options() -> list[dict[str, Any]]:
    several = {"type": "string", "typeOptions": {"multipleValues": True}, "default": []}
    return [
        {
            "displayName": "Branches", "name": "branches", **several,
            "description": "Only these branches, as glob patterns such as release/*",
        },
        {
            "displayName": "Cron", "name": "cron", "type": "string", "default": "",
            "placeholder": "e.g. 0 3 * * *", "description": "When the schedule starts the workflow, in five fields",
        },
        {
            "displayName": "Extra Config (JSON)", "name": "extraConfig", "type": "json", "default": "{}",
            "description": "Any further setting of the chosen events",
        },
        {
            "displayName": "Repository", "name": "repository", "type": "string", "default": "",
            "placeholder": "e.g. https://git.example.com/team/project.git",
            "description": "Only events of this repository",
        },
    ]  # fmt: skip


def _collect(package: NodePackage) -> dict[str, Any]:
    return {
        "displayName": "Collect Runs",
        "name": "collectRuns",
        "icon": package.icon("collect"),
        "group": ["transform"],
        "version": 1,
        "subtitle": "Wait for runs",
        "description": "Wait for runs that were started without waiting and return their results in the same order",
        "defaults": {"name": "Collect Runs"},
        "usableAsTool": True,
        "inputs": MAIN,
        "outputs": MAIN,
        "credentials": [{"name": package.credential, "required": True}],
        "properties": _collect_properties(),
    }


def _collect_properties() -> list[dict[str, Any]]:
    return [
        {
            "displayName": "Run IDs",
            "name": "runIds",
            "type": "string",
            "required": True,
            "default": "={{ $json.run_id }}",
            "hint": "One ID, several with commas between them, or an expression that gives a list",
            "description": "The runs to wait for, such as the run_id of nodes that do not wait",
        },
        {
            "displayName": "Additional Options",
            "name": "additionalOptions",
            "type": "collection",
            "placeholder": "Add Option",
            "default": {},
            "options": [
                {
                    "displayName": "Download Files", "name": "downloadFiles", "type": "boolean", "default": True,
                    "description": "Whether to return the files of the results as binary data",
                },
                {
                    "displayName": "Max Wait (Seconds)", "name": "maxWait", "type": "number",
                    "typeOptions": {"minValue": 1, "numberPrecision": 0}, "default": 3600,
                    "description": "How long all runs together may take; what has not ended then is canceled",
                },
            ],
        },
    ]  # fmt: skip
