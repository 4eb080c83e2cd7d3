"""The workflow `bridge up` brings along: two files in, a report out; imported once, run as the self-check."""

import json
import shlex
from pathlib import Path
from typing import Any

from bridge.local.n8n_client import N8nClient, unique_path
from bridge.local.places import HERE
from bridge.local.provisioning import CREDENTIAL_NAME, CREDENTIAL_TYPE
from bridge.local.state import State
from bridge.problems import UpstreamFailed

SAMPLES = HERE / "samples"
SOURCE = SAMPLES / "orders.py"
SCREENSHOT = SAMPLES / "screenshot.png"
OUR_TYPES = "n8n-nodes-multimodal-bridge."


def workflow(path: str, credential_id: str) -> dict[str, Any]:
    """The workflow with a webhook path of its own and the bridge credential in place."""
    document: dict[str, Any] = json.loads((SAMPLES / "first_report.json").read_text("utf-8"))
    for node in document["nodes"]:
        if node["type"].startswith(OUR_TYPES):
            node["credentials"] = {CREDENTIAL_TYPE: {"id": credential_id, "name": CREDENTIAL_NAME}}
        if "webhookId" in node:
            node["parameters"]["path"] = path
            node["webhookId"] = path
    return document


def ensure_workflow(client: N8nClient, remembered: State) -> None:
    """Import and publish the workflow, unless it is still there from an earlier start."""
    if remembered.workflow_id and _is_there(client, remembered.workflow_id):
        return
    remembered.webhook_path = unique_path("first-report")
    remembered.workflow_id = client.create(workflow(remembered.webhook_path, remembered.credential_id))
    client.publish(remembered.workflow_id)


def _is_there(client: N8nClient, workflow_id: str) -> bool:
    try:
        return bool(client.api("GET", f"/workflows/{workflow_id}")["active"])
    except UpstreamFailed:
        return False


def run(client: N8nClient, remembered: State) -> str:
    """Send a real source file and a real screenshot through the workflow; return the report it wrote."""
    with SOURCE.open("rb") as source, SCREENSHOT.open("rb") as screenshot:
        answer = client.call(remembered.webhook_path, files={"source": source, "screenshot": screenshot})
    ended = client.await_execution(remembered.workflow_id)
    if ended["status"] != "success" or not answer.is_success or not answer.text.strip():
        raise UpstreamFailed(
            f"The workflow 'First report' ended as {ended['status']}: {why(ended) or answer.text[:500]}"
        )
    return answer.text


def why(execution: dict[str, Any]) -> str:
    """What n8n says went wrong in an execution, in one line."""
    error = execution.get("data", {}).get("resultData", {}).get("error", {})
    node = error.get("node", {}).get("name", "")
    return " ".join(filter(None, [f"node '{node}':" if node else "", error.get("message"), error.get("description")]))


def curl(n8n_url: str, remembered: State, folder: Path = SAMPLES) -> str:
    """The shell line that runs the workflow with the sample files."""
    files = (f"source=@{folder / SOURCE.name}", f"screenshot=@{folder / SCREENSHOT.name}")
    return shlex.join(
        ["curl", *(part for each in files for part in ("-F", each)), f"{n8n_url}/webhook/{remembered.webhook_path}"]
    )
