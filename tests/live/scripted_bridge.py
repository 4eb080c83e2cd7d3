"""A bridge whose every answer a test decides: runs that wait for a word, callbacks at will, files of any size.

It speaks the same contract as the real one, in a thread of its own. What the text of an input says, happens:
``boom`` is refused, ``slow`` becomes a run that ends when the test calls `end`, everything else is answered.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Coroutine
from typing import Any, Self

import httpx
from aiohttp import BodyPartReader, web

PATTERN = bytes(range(256)) * 256
ENDED = ("completed", "failed", "canceled")


def pattern_digest(size: int) -> str:
    digest = hashlib.sha256()
    for start in range(0, size, len(PATTERN)):
        digest.update(PATTERN[: size - start])
    return digest.hexdigest()


class ScriptedBridge:
    """Use as a context manager; `url` is its address."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.runs: dict[str, dict[str, Any]] = {}
        self.callbacks: dict[str, str] = {}
        self.hooks: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, tuple[int, str]] = {}
        self.sunk: list[tuple[int, str]] = []
        self.canceled_at: dict[str, float] = {}
        self.polled: set[str] = set()
        self.model_turns: list[dict[str, Any]] = []
        self.url = ""
        self._changed: dict[str, asyncio.Event] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = self._do(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _start(self) -> str:
        app = web.Application(client_max_size=20 * 2**20)
        app.add_routes(
            [
                web.get("/v1/steps", self._catalogue), web.post("/v1/steps/{step}", self._step),
                web.put("/v1/blobs", self._blob), web.get("/v1/files/{id}", self._file),
                web.get("/v1/runs/{id}", self._run), web.post("/v1/runs/{id}/cancel", self._cancel),
                web.post("/v1/runs/{id}/claim", self._claim), web.post("/v1/webhooks", self._register),
                web.get("/v1/webhooks/{id}", self._registration), web.delete("/v1/webhooks/{id}", self._unregister),
                web.put("/sink", self._sink), web.post("/model/v1/chat/completions", self._model),
            ]
        )  # fmt: skip
        self._runner = web.AppRunner(app, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    # What a test says.

    def until(self, holds: Any, what: str, timeout: float = 60) -> Any:
        """Wait until *holds* gives something true; *what* names it when it never does."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if found := holds():
                return found
            threading.Event().wait(0.05)
        raise AssertionError(f"This did not happen in {timeout} s: {what}. Calls: {self.calls[-5:]}")

    def end(self, run_id: str, status: str = "completed", **more: Any) -> None:
        """End a run, so that whoever waits for it is answered."""
        self._do(self._end(run_id, status, more))

    def call_back(self, run_id: str) -> int:
        """Call n8n's resume URL for a run once and return the status."""
        run = self.runs[run_id]
        body = {"type": f"run.{run['status']}", "data": {"run_id": run_id, "status": run["status"]}}
        return httpx.post(self.callbacks[run_id], json=body, timeout=30, trust_env=False).status_code

    def deliver(self, hook_id: str, body: dict[str, Any], secret: str = "") -> httpx.Response:
        """Send a signed event to a registered webhook."""
        hook = self.hooks[hook_id]
        raw = json.dumps(body).encode()
        message, moment = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
        key = base64.b64decode((secret or hook["secret"]).removeprefix("whsec_"))
        made = hmac.new(key, f"{message}.{moment}.".encode() + raw, "sha256").digest()
        headers = {
            "Content-Type": "application/json", "webhook-id": message, "webhook-timestamp": moment,
            "webhook-signature": f"v1,{base64.b64encode(made).decode()}",
        }  # fmt: skip
        return httpx.post(hook["url"], content=raw, headers=headers, timeout=30, trust_env=False)

    # What n8n asks.

    async def _catalogue(self, request: web.Request) -> web.Response:
        return web.json_response({"items": []})

    async def _step(self, request: web.Request) -> web.Response:
        given, parts = await self._given(request)
        call = {"step": request.match_info["step"], "input": given, "parts": parts, "headers": dict(request.headers)}
        self.calls.append(call)
        text = given.get("text", "")
        if text == "boom":
            issue = {"code": "bad", "where": "/text", "message": "must not be boom"}
            return problem(422, "The text 'boom' cannot be analyzed. Send another one.", issues=[issue])
        known = next(iter([*parts.values(), *([self.blobs[given["file"]]] if "file" in given else [])]), (0, ""))
        result = {"success": True, "run_id": str(uuid.uuid4()), "echo": text, "size": known[0], "sha256": known[1]}
        if text.startswith("make:"):
            size = text.removeprefix("make:")
            result["files"] = [
                {"file_id": f"pattern-{size}", "name": "made.bin", "media_type": "application/x-made", "url": "/"}
            ]
        if not text.startswith("slow"):
            return web.json_response(result)
        run = {
            "id": result["run_id"], "step": call["step"], "status": "running", "n8n": {"node": _name(request)}, "echo": text,
        }  # fmt: skip
        self.runs[run["id"]] = run
        self._changed[run["id"]] = asyncio.Event()
        if "X-Callback-Url" in request.headers:
            self.callbacks[run["id"]] = request.headers["X-Callback-Url"]
        return web.json_response(run, status=202)

    async def _given(self, request: web.Request) -> tuple[dict[str, Any], dict[str, tuple[int, str]]]:
        if not request.content_type.startswith("multipart/"):
            return await request.json(), {}
        given: dict[str, Any] = {}
        parts: dict[str, tuple[int, str]] = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            if part.name == "input":
                given = json.loads(content)
            else:
                parts[str(part.name)] = (len(content), hashlib.sha256(content).hexdigest())
        return given, parts

    async def _blob(self, request: web.Request) -> web.Response:
        size, digest = await _measured(request)
        reference = f"blob:sha256:{digest}"
        self.blobs[reference] = (size, digest)
        return web.json_response({"blob": reference}, status=201)

    async def _sink(self, request: web.Request) -> web.Response:
        self.sunk.append(await _measured(request))
        return web.json_response({})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        size = int(request.match_info["id"].removeprefix("pattern-"))
        response = web.StreamResponse(headers={"Content-Length": str(size), "Content-Type": "application/x-made"})
        await response.prepare(request)
        for start in range(0, size, len(PATTERN)):
            await response.write(PATTERN[: size - start])
        await response.write_eof()
        return response

    async def _run(self, request: web.Request) -> web.Response:
        run = self.runs.get(request.match_info["id"])
        if run is None:
            return problem(404, "There is no such run.")
        wait = request.headers.get("Prefer", "").removeprefix("wait=")
        if run["status"] not in ENDED and wait:
            self.polled.add(run["id"])
            try:
                await asyncio.wait_for(self._changed[run["id"]].wait(), float(wait))
            except TimeoutError:
                pass
            except asyncio.CancelledError:
                # The connection dropped while it was waited on, which is how n8n cancels.
                self.canceled_at[run["id"]] = time.monotonic()
                raise
        return web.json_response(run)

    async def _cancel(self, request: web.Request) -> web.Response:
        await self._end(request.match_info["id"], "canceled", {})
        return web.json_response({}, status=202)

    async def _claim(self, request: web.Request) -> web.Response:
        run = self.runs[request.match_info["id"]]
        if run.get("claimed"):
            return problem(409, "The result was handed out before.")
        run["claimed"] = True
        return web.json_response(run)

    async def _end(self, run_id: str, status: str, more: dict[str, Any]) -> None:
        run = self.runs[run_id]
        result = {"success": True, "run_id": run_id, "echo": run["echo"]}
        run |= {"status": status, **({"result": result} if status == "completed" else {}), **more}
        self._changed[run_id].set()

    async def _register(self, request: web.Request) -> web.Response:
        hook = {**await request.json(), "id": str(uuid.uuid4())}
        self.hooks[hook["id"]] = hook
        return web.json_response({"id": hook["id"]}, status=201)

    async def _registration(self, request: web.Request) -> web.Response:
        hook = self.hooks.get(request.match_info["id"])
        return web.json_response(hook) if hook else problem(404, "There is no such webhook.")

    async def _unregister(self, request: web.Request) -> web.Response:
        return web.Response(status=204 if self.hooks.pop(request.match_info["id"], None) else 404)

    async def _model(self, request: web.Request) -> web.StreamResponse:
        """A model that calls the first tool it is offered, and then repeats what the tool answered."""
        asked = await request.json()
        self.model_turns.append(asked)
        last = asked["messages"][-1]
        if last["role"] == "tool":
            message = {"role": "assistant", "content": f"The tool said: {last['content']}"}
            return web.json_response(_completion(message, "stop"))
        tool = asked["tools"][0]["function"]["name"]
        call = {
            "id": "call_1",
            "type": "function",
            "function": {"name": tool, "arguments": '{"text": "from the model"}'},
        }
        return web.json_response(
            _completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")
        )


def _completion(message: dict[str, Any], reason: str) -> dict[str, Any]:
    return {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }  # fmt: skip


async def _measured(request: web.Request) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    async for chunk in request.content.iter_chunked(2**20):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _name(request: web.Request) -> str:
    from urllib.parse import unquote

    return unquote(request.headers.get("X-N8N-Node", ""))


def problem(status: int, detail: str, **more: Any) -> web.Response:
    body = {"title": "Unusable", "status": status, "detail": detail, "message": detail, "code": "unusable", **more}
    return web.json_response(body, status=status, content_type="application/problem+json")
