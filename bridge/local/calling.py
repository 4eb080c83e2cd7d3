"""A bridge as the shell sees it: run a step, follow its run, fetch its files; over HTTP, as any other client."""

import contextlib
import json
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from bridge.local import state
from bridge.problems import InvalidInput, Issue, NotFound, Unavailable, UpstreamFailed
from bridge.settings import Settings

ENDED = frozenset({"completed", "failed", "canceled"})
Told = Callable[[float, str], None]


@dataclass(frozen=True)
class Address:
    """Where a bridge is, and the key to use there."""

    url: str
    key: str


def find_bridge(url: str = "", key: str = "") -> Address:
    """The bridge that was named, or the one that `bridge up` started from this folder."""
    file = Settings().state / "local/state.json"
    known = state.load(file) if file.is_file() else None
    if not url and known is None:
        raise NotFound("No bridge is known here: start one with `bridge up`, or give --url and --key.")
    return Address(
        url or f"http://127.0.0.1:{known.bridge_port if known else 0}", key or (known.bridge_key if known else "")
    )


class BridgeClient:
    """One bridge; a problem it answers is raised with its own words."""

    def __init__(self, address: Address) -> None:
        """Reach the bridge at *address*."""
        headers = {"Authorization": f"Bearer {address.key}"} if address.key else {}
        self._url = address.url
        self._http = httpx.Client(base_url=address.url, headers=headers, timeout=httpx.Timeout(60), trust_env=False)

    def __enter__(self) -> Self:
        """Use it in a with statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._http.close()

    def deploy(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Plan a deployment, or apply it when ``apply`` is in *given*."""
        return self._asked("POST", "/workflows/deploy", json=dict(given), timeout=180)

    def start(self, step: str, given: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
        """Start a step and return its run, without waiting for the end."""
        with contextlib.ExitStack() as stack:
            headers = {"Prefer": "respond-async"}
            if not files:
                return self._asked("POST", f"/v1/steps/{step}", json=dict(given), headers=headers)
            parts: list[tuple[str, Any]] = [("input", (None, json.dumps(dict(given)), "application/json"))]
            for name, path in files.items():
                kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                parts.append((name, (path.name, stack.enter_context(path.open("rb")), kind)))
            return self._asked("POST", f"/v1/steps/{step}", files=parts, headers=headers)

    def follow(self, run_id: str, told: Told) -> dict[str, Any]:
        """Tell every change of a run until it has ended; return the ended run with its result."""
        for event in self._events(run_id):
            progress = event.get("progress", {})
            told(float(progress.get("fraction", 0)), str(progress.get("message") or event["status"]))
            if event["status"] in ENDED:
                break
        return self.run(run_id)

    def run(self, run_id: str) -> dict[str, Any]:
        """The run as it stands."""
        return self._asked("GET", f"/v1/runs/{run_id}")

    def download(self, file: Mapping[str, Any], folder: Path) -> Path:
        """Fetch one file of a result into *folder*."""
        target = folder / Path(str(file["name"])).name
        with self._http.stream("GET", f"/v1/files/{file['file_id']}") as answer, target.open("wb") as out:
            if not answer.is_success:
                answer.read()
                raise _problem(answer)
            for chunk in answer.iter_bytes():
                out.write(chunk)
        return target

    def _events(self, run_id: str) -> Iterator[dict[str, Any]]:
        try:
            with self._http.stream("GET", f"/v1/runs/{run_id}/events", timeout=None) as answer:
                yield from _read_events(answer)
        except httpx.HTTPError as error:
            raise Unavailable(f"The bridge at {self._url} stopped answering: {error}") from error

    def _asked(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise Unavailable(f"The bridge at {self._url} cannot be reached: {error}") from error
        if not answer.is_success:
            raise _problem(answer)
        content: dict[str, Any] = answer.json()
        return content


def _read_events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    if not answer.is_success:
        answer.read()
        raise _problem(answer)
    for line in answer.iter_lines():
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))


def _problem(answer: httpx.Response) -> UpstreamFailed:
    """What the bridge answered, in its own words."""
    try:
        told = answer.json()
    except ValueError:
        return UpstreamFailed(f"The bridge answered {answer.status_code}: {answer.text[:500]}")
    issues = [Issue(each["code"], each["where"], each["message"]) for each in told.get("issues", [])]
    return UpstreamFailed(str(told.get("detail") or told), issues=issues)


def read_input(given: str) -> dict[str, Any]:
    """The input from the command line: JSON itself, or @FILE that holds it."""
    try:
        text = Path(given[1:]).read_text("utf-8") if given.startswith("@") else given
        content = json.loads(text)
    except OSError as error:
        raise InvalidInput(f"The input file cannot be read: {error}") from error
    except ValueError as error:
        raise InvalidInput(f"--input is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise InvalidInput("--input must be a JSON object.")
    return content


def read_pairs(pairs: list[str]) -> dict[str, Any]:
    """KEY=VALUE from the command line; a value that is JSON is taken as such, everything else as text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, mark, value = pair.partition("=")
        if not mark or not key:
            raise InvalidInput(f"'{pair}' is not KEY=VALUE.")
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found


def read_files(given: list[str], only: str) -> dict[str, Path]:
    """FILE or FIELD=FILE from the command line; *only* is the field a bare FILE belongs to."""
    found: dict[str, Path] = {}
    for each in given:
        name, mark, path = each.partition("=")
        field, file = (name, Path(path)) if mark and not Path(each).exists() else (only, Path(each))
        if not file.is_file():
            raise InvalidInput(f"There is no file {file}.")
        found[field] = file
    return found


def file_field(step: str) -> str:
    """The input field of *step* that takes a file, as far as this installation knows the step."""
    from bridge.specs import Catalogue
    from bridge.steps import PACK

    try:
        properties = Catalogue.installed(PACK)[step].input["properties"]
    except NotFound:
        return "file"
    return next((name for name, schema in properties.items() if schema.get("format") == "binary"), "file")
