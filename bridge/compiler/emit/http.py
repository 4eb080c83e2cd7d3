"""The target `http`: n8n's own HTTP Request nodes, for an n8n without our package.

A long step is started without waiting, asked for with one long poll after another, and its result is laid out by
a node that has the step's name; so references and results read the same in both targets.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bridge.compiler import naming
from bridge.compiler.binding import Binding
from bridge.compiler.emit import expressions
from bridge.compiler.emit.canvas import Canvas, Node
from bridge.compiler.emit.flow import Code, Ink
from bridge.compiler.emit.nodes import behaviour
from bridge.compiler.plan import Plan, PlannedStep
from bridge.specs import StepSpec

POLL_SECONDS = 240
CREDENTIAL = "httpHeaderAuth"


class HttpTarget:
    """Draws with HTTP Request nodes."""

    event = "$json.body ?? $json"

    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self.base = binding.base_url.rstrip("/")

    def trigger(self, canvas: Canvas, plan: Plan) -> None:
        """See `Drawing.trigger`."""
        path = self.binding.webhook_path(plan.key)
        parameters = {"httpMethod": "POST", "path": path, "responseMode": "onReceived", "options": {}}
        settings = {"webhookId": self.binding.webhook_id(plan.key)}
        canvas.start(Node(naming.BY_BRIDGE, "n8n-nodes-base.webhook", 2.1, parameters, settings=settings))

    def call(self, canvas: Canvas, spec: StepSpec, name: str, given: Mapping[str, Any], ink: Ink) -> None:
        """See `Drawing.call`."""
        canvas.go_on(self._post(spec, name, filed_as=name, body=_body(given, ink), headers={}))

    def step(self, canvas: Canvas, step: PlannedStep, ink: Ink) -> None:
        """See `Drawing.step`."""
        if step.spec is not None and not step.is_long:
            headers = {"X-Bridge-Timeout": str(step.timeout)} if step.timeout else {}
            body = _body(step.given, ink)
            canvas.go_on(
                self._post(
                    step.spec, step.name, filed_as=step.name, body=body, headers=headers, settings=behaviour(step)
                )
            )
            canvas.steps[step.id] = step.name
            return
        self._start(canvas, step, ink, "Start" if step.wait != "none" else "")
        if step.wait != "none":
            self._await(canvas, step)

    def together(self, canvas: Canvas, steps: tuple[PlannedStep, ...], ink: Ink, name: str) -> None:
        """See `Drawing.together`: all are started, then each is waited for in turn."""
        del name
        for step in steps:
            self._start(canvas, step, ink, "Start")
        for step in steps:
            self._await(canvas, step)

    def _start(self, canvas: Canvas, step: PlannedStep, ink: Ink, word: str) -> None:
        if step.spec is None:
            raise TypeError(step.id)
        headers = {"Prefer": "respond-async"}
        if step.timeout:
            headers["X-Bridge-Timeout"] = str(step.timeout)
        if step.wait == "park":
            headers["X-Callback-Url"] = "={{ $execution.resumeUrl }}"
        name = f"{word}: {step.name}" if word else step.name
        settings = behaviour(step) if step.wait == "none" else _tries(step)
        body = _body(step.given, ink)
        canvas.go_on(self._post(step.spec, name, filed_as=step.name, body=body, headers=headers, settings=settings))
        canvas.steps[step.id] = step.name

    def _await(self, canvas: Canvas, step: PlannedStep) -> None:
        """Draw what waits for a started run: asked for until it has ended, then its result or its failure."""
        start, wait, status = f"Start: {step.name}", f"Wait: {step.name}", f"Ended? {step.name}"
        if step.wait == "park":
            parked = {"resume": "webhook", "httpMethod": "POST", "options": {}}
            canvas.go_on(Node(f"Pause: {step.name}", "n8n-nodes-base.wait", 1.1, parked))
        canvas.go_on(self._poll(wait, start))
        canvas.go_on(_switch(status))
        canvas.loop(status, 2, wait)
        if step.on_error == "continue":
            canvas.ends.append((status, 1))
        else:
            canvas.side(status, 1, _failing(step))
        result = '={{ $json.result ?? { "error": $json.error?.message ?? $json.status, "details": $json.error } }}'
        parameters = {"mode": "raw", "jsonOutput": result, "includeOtherFields": False, "options": {}}
        canvas.go_on(Node(step.name, "n8n-nodes-base.set", 3.4, parameters))

    def _poll(self, name: str, start: str) -> Node:
        url = f"={self.base}/v1/runs/{{{{ $({expressions.quoted(start)}).first().json.id }}}}"
        headers = {"Prefer": f"wait={POLL_SECONDS}", "X-Bridge-Cancel": "disconnect"}
        parameters = {"method": "GET", "url": url, **self._authentication(), **_headers(headers)}
        parameters["options"] = {"timeout": (POLL_SECONDS + 50) * 1000}
        settings = {"retryOnFail": True, "maxTries": 5, "waitBetweenTries": 2000, **self._credentials()}
        return Node(name, "n8n-nodes-base.httpRequest", 4.3, parameters, settings=settings)

    def _post(
        self,
        spec: StepSpec,
        name: str,
        *,
        filed_as: str,
        body: str,
        headers: Mapping[str, str],
        settings: Mapping[str, Any] | None = None,
    ) -> Node:
        node = quote(filed_as, safe="")
        sent = {
            "X-N8N-Execution-Id": "={{ $execution.id }}",
            "X-N8N-Workflow-Id": "={{ $workflow.id }}",
            "X-N8N-Node": node,
            "X-N8N-Run-Index": "={{ $runIndex }}",
            "X-N8N-Item-Index": "={{ $itemIndex }}",
            "Idempotency-Key": f"={{{{ $execution.id }}}}-{node}-{{{{ $runIndex }}}}-{{{{ $itemIndex }}}}",
            "X-Bridge-Step-Version": str(spec.version),
            **headers,
        }
        parameters = {
            "method": "POST",
            "url": f"{self.base}/v1/steps/{spec.name}",
            **self._authentication(),
            **_headers(sent),
            "sendBody": True,
            "contentType": "json",
            "specifyBody": "json",
            "jsonBody": body,
            "options": {"timeout": min(spec.execution.timeout + 30, 3600) * 1000},
        }
        merged = {**(settings or {}), **self._credentials()}
        return Node(name, "n8n-nodes-base.httpRequest", 4.3, parameters, settings=merged)

    def _authentication(self) -> dict[str, Any]:
        return {"authentication": "genericCredentialType", "genericAuthType": CREDENTIAL}

    def _credentials(self) -> dict[str, Any]:
        held = self.binding.credential
        return {"credentials": {CREDENTIAL: {"id": held.id, "name": held.name}}} if held else {}


def _tries(step: PlannedStep) -> dict[str, Any]:
    """Retries of the call that starts a run; the run itself is not started twice, its key is the same."""
    return {key: value for key, value in behaviour(step).items() if key != "onError"}


def _headers(headers: Mapping[str, str]) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in headers.items()]
    return {"sendHeaders": True, "specifyHeaders": "keypair", "headerParameters": {"parameters": pairs}}


def _body(given: Mapping[str, Any], ink: Ink) -> str:
    """The body as one expression over an object, so that no text in it can break the JSON."""
    parts = []
    for key, value in given.items():
        code = value.text if isinstance(value, Code) else expressions.javascript(value, ink.read)
        parts.append(f"{expressions.quoted(key)}: {code}")
    return expressions.wrapped(f"JSON.stringify({{ {', '.join(parts)} }})")


def _switch(name: str) -> Node:
    """Completed, failed or canceled, still running: one output each."""
    rules = [_rule("completed", ["completed"]), _rule("failed", ["failed", "canceled"])]
    parameters = {
        "mode": "rules",
        "rules": {"values": rules},
        "options": {"fallbackOutput": "extra", "renameFallbackOutput": "Still Running"},
    }
    return Node(name, "n8n-nodes-base.switch", 3.2, parameters)


def _rule(label: str, statuses: list[str]) -> dict[str, Any]:
    conditions = [
        {
            "id": f"{label}-{status}",
            "leftValue": "={{ $json.status }}",
            "rightValue": status,
            "operator": {"type": "string", "operation": "equals"},
        }
        for status in statuses
    ]
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2}
    return {
        "conditions": {"options": options, "conditions": conditions, "combinator": "or"},
        "renameOutput": True,
        "outputKey": label.capitalize(),
    }


def _failing(step: PlannedStep) -> Node:
    message = '={{ $json.error?.message ?? $json.error?.detail ?? "The run was " + $json.status + "." }}'
    parameters = {"errorType": "errorMessage", "errorMessage": message}
    return Node(f"Failed: {step.name}", "n8n-nodes-base.stopAndError", 1, parameters)
