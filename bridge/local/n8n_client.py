"""n8n as a script sees it: create and publish a workflow, call its webhook, wait for the execution."""

import secrets
import time
from collections.abc import Mapping
from typing import Any, Self

import httpx

from bridge.problems import DeadlineExceeded, UpstreamFailed

ENDED = frozenset({"success", "error", "canceled", "crashed"})
CREATABLE = ("name", "nodes", "connections", "settings", "staticData", "pinData")


class N8nClient:
    """The public API and the webhooks of one n8n; every call blocks until it is answered."""

    def __init__(self, url: str, api_key: str) -> None:
        """Reach the n8n at *url* with *api_key*."""
        self.url = url.rstrip("/")
        headers = {"X-N8N-API-KEY": api_key}
        self._api = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60, trust_env=False)
        self._hooks = httpx.Client(timeout=600, trust_env=False)

    def __enter__(self) -> Self:
        """Use it in a with statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._hooks.close()

    def api(self, method: str, path: str, **request: Any) -> Any:
        """Call the public API; *path* begins after /api/v1."""
        answer = self._api.request(method, path, **request)
        if not answer.is_success:
            raise UpstreamFailed(f"n8n: {method} {path} answered {answer.status_code}: {answer.text[:1000]}")
        return answer.json() if answer.content else None

    def create(self, workflow: Mapping[str, Any]) -> str:
        """Create a workflow and return its id; keys that n8n only reads are left out."""
        body = {key: workflow[key] for key in CREATABLE if key in workflow}
        body.setdefault("settings", {"executionOrder": "v1"})
        return str(self.api("POST", "/workflows", json=body)["id"])

    def publish(self, workflow_id: str) -> None:
        """Publish a workflow and wait until its triggers are really registered."""
        self.api("POST", f"/workflows/{workflow_id}/activate")
        self._until(workflow_id, lambda found: bool(found["active"]) and found["triggerCount"] > 0, "published")

    def remove(self, workflow_id: str) -> None:
        """Unpublish and delete a workflow."""
        self.api("POST", f"/workflows/{workflow_id}/deactivate")
        self._until(workflow_id, lambda found: not found["active"], "unpublished")
        deadline = time.monotonic() + 15
        while self._api.delete(f"/workflows/{workflow_id}").status_code == 409 and time.monotonic() < deadline:
            time.sleep(0.1)

    def _until(self, workflow_id: str, holds: Any, word: str, timeout: float = 30) -> None:
        deadline = time.monotonic() + timeout
        while not holds(self.api("GET", f"/workflows/{workflow_id}")):
            if time.monotonic() > deadline:
                raise DeadlineExceeded(f"n8n did not report workflow {workflow_id} as {word} within {timeout:.0f} s.")
            time.sleep(0.05)

    def call(self, path: str, method: str = "POST", **request: Any) -> httpx.Response:
        """Call a published webhook by its path; a 404 just after publishing is tried again for some seconds."""
        deadline = time.monotonic() + 10
        while True:
            answer = self._hooks.request(method, f"{self.url}/webhook/{path}", **request)
            if answer.status_code != 404 or "not registered" not in answer.text or time.monotonic() > deadline:
                return answer
            time.sleep(0.1)

    def execution(self, execution_id: str) -> dict[str, Any]:
        """One execution with its data."""
        found: dict[str, Any] = self.api("GET", f"/executions/{execution_id}", params={"includeData": "true"})
        return found

    def executions(self, workflow_id: str, **query: str) -> list[dict[str, Any]]:
        """The executions of a workflow, newest first. n8n leaves running ones out unless status=running is asked."""
        listed = self.api("GET", "/executions", params={"workflowId": workflow_id, **query})
        return list(listed["data"])

    def await_execution(self, workflow_id: str, timeout: float = 60) -> dict[str, Any]:
        """Wait until the newest execution of a workflow has ended and return it with its data."""
        deadline = time.monotonic() + timeout
        while True:
            found = self.executions(workflow_id, limit="1")
            if found and found[0]["status"] in ENDED:
                return self.execution(str(found[0]["id"]))
            if time.monotonic() > deadline:
                raise DeadlineExceeded(f"No execution of workflow {workflow_id} ended within {timeout:.0f} s.")
            time.sleep(0.1)


def unique_path(word: str = "test") -> str:
    """Return a webhook path nobody else uses; two workflows with one path silently kill each other."""
    return f"{word}-{secrets.token_hex(8)}"
