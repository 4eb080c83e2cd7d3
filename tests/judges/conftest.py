"""Judges that know n8n and not us: n8n's own API schema, and n8n-mcp's offline validator with our nodes added."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from bridge.local.node import find_node
from bridge.local.npm import ensure_n8n, ensure_npm
from bridge.local.packages import our_package

HERE = Path(__file__).parent
DESCRIBE = """
const { readdirSync } = require('fs');
const found = readdirSync(process.argv[1]).map((name) => {
	const loaded = require(`${process.argv[1]}/${name}/${name}.node.js`);
	return new loaded[name]().description;
});
console.log(JSON.stringify(found));
"""


@pytest.fixture(scope="session")
def descriptions(tmp_path_factory):
    """What our built nodes say about themselves, by node name: read from the package as n8n loads it."""
    folder = tmp_path_factory.mktemp("package")
    with tarfile.open(our_package()) as packed:
        packed.extractall(folder, filter="data")
    node = find_node()
    environment = {**node.environment(), "NODE_PATH": str(ensure_n8n() / "node_modules")}
    done = subprocess.run(
        [node.binary, "-e", DESCRIBE, str(folder / "package/dist/nodes")],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {each["name"]: each for each in json.loads(done.stdout)}


@pytest.fixture(scope="session")
def api_schema():
    """n8n's own schema of the body of POST /workflows."""
    path = ensure_n8n() / "node_modules/n8n/dist/public-api/v1/openapi.yml"
    whole = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    body = whole["paths"]["/workflows"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return Draft202012Validator(_nullable({**body, "components": whole["components"]}))


def _nullable(value):
    """OpenAPI 3.0 says `nullable`, JSON Schema says a list of types."""
    if isinstance(value, list):
        return [_nullable(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: _nullable(each) for key, each in value.items()}
    if made.pop("nullable", False) and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


class Validator:
    """n8n-mcp as a child process that answers one workflow at a time."""

    def __init__(self, package: Path, database: Path) -> None:
        environment = {
            **os.environ, "MCP_MODE": "stdio", "N8N_MCP_TELEMETRY_DISABLED": "true", "DISABLE_CONSOLE_OUTPUT": "true",
            "LOG_LEVEL": "error", "NODE_DB_PATH": str(database),
        }  # fmt: skip
        self.child = subprocess.Popen(
            [find_node().binary, package / "dist/mcp/stdio-wrapper.js"], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.asked = 0
        started = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "judge", "version": "1"}}
        self._ask("initialize", started)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def __call__(self, workflow):
        """The errors in *workflow*, each as one line."""
        options = {
            "profile": "runtime",
            "validateNodes": True,
            "validateConnections": True,
            "validateExpressions": True,
        }
        given = {"name": "validate_workflow", "arguments": {"workflow": workflow, "options": options}}
        verdict = json.loads(self._ask("tools/call", given)["content"][0]["text"])
        return [f"{each.get('node') or each.get('nodeName')}: {each['message']}" for each in verdict.get("errors", [])]

    def _ask(self, method, params):
        self.asked += 1
        self._send({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params})
        while line := self.child.stdout.readline():
            with contextlib.suppress(ValueError):
                answer = json.loads(line)
                if answer.get("id") == self.asked:
                    return answer["result"]
        raise AssertionError("The validator ended without an answer.")

    def _send(self, message):
        self.child.stdin.write(json.dumps(message) + "\n")
        self.child.stdin.flush()

    def close(self):
        self.child.stdin.close()
        self.child.terminate()
        self.child.wait(10)
        self.child.stdout.close()


@pytest.fixture(scope="session")
def validator(descriptions, tmp_path_factory):
    """n8n-mcp's validator on a copy of its database that also holds our nodes."""
    package = ensure_npm(HERE / "npm") / "node_modules/n8n-mcp"
    database = tmp_path_factory.mktemp("judge") / "nodes.db"
    shutil.copy(package / "data/nodes.db", database)
    with contextlib.closing(sqlite3.connect(database)) as nodes:
        nodes.executemany(
            "INSERT INTO nodes (node_type, package_name, display_name, description, category, development_style,"
            " is_trigger, is_webhook, version, properties_schema, operations, credentials_required, outputs,"
            " is_community) VALUES (?, 'n8n-nodes-multimodal-bridge', ?, ?, 'transform', 'programmatic', ?, ?, ?, ?,"
            " '[]', '[]', '[\"main\"]', 1)",
            [_row(each) for each in descriptions.values()],
        )
        nodes.commit()
    judge = Validator(package, database)
    yield judge
    judge.close()


def _row(description):
    trigger = "trigger" in description["group"]
    version = description["version"]
    newest = version if isinstance(version, (int, float)) else max(version)
    return (
        f"n8n-nodes-multimodal-bridge.{description['name']}", description["displayName"], description["description"],
        trigger, trigger, str(newest), json.dumps(description["properties"]),
    )  # fmt: skip
