"""Read what runners print while they run: our pytest events, `go test -json`, `cargo test` and TAP.

The same readers feed the progress while a suite runs and the results when it ended, also when it was killed.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bridge.testresults.model import Test, TestResults, TestStatus, merged

EVENT = "\x1ebridge "
"""Every line our own runner plugin prints starts like this; nothing else does by accident."""

_STATUSES: dict[str, TestStatus] = {
    "pass": "passed", "fail": "failed", "skip": "skipped", "passed": "passed", "failed": "failed", "skipped": "skipped",
    "ok": "passed", "FAILED": "failed", "ignored": "skipped",
}  # fmt: skip
_CARGO = re.compile(r"test (?P<name>\S.*?) (?:- .*?)?\.\.\. (?P<status>ok|FAILED|ignored)")
_CARGO_FILE = re.compile(r"\s+Running (?:unittests )?(?P<file>\S+) \(")
_CARGO_PANIC = re.compile(
    r"thread '(?P<name>[^']+)'.* panicked at (?:'(?P<old>.*)', )?(?P<file>[\w./-]+):(?P<line>\d+)"
)
_TAP = re.compile(
    r"(?P<not>not )?ok\b(?: +\d+)?(?: +-)? *(?P<name>[^#]*)(?:# *(?P<directive>SKIP|TODO)\b.*)?", re.IGNORECASE
)
_TAP_MS = re.compile(r"duration_ms: *(?P<ms>[\d.]+)")
_GO_PLACE = re.compile(r"^\s+(?P<file>[\w./-]+_test\.go):(?P<line>\d+): (?P<message>.*)")


@dataclass
class Stream:
    """Collects tests from lines as they come; ``collected`` is how many there will be, once known."""

    tests: list[Test] = field(default_factory=list)
    collected: int = 0
    current: str = ""
    finished: bool = False
    crashes: list[str] = field(default_factory=list)
    _rest: bytes = b""
    state: dict[str, list[str]] = field(default_factory=dict)
    file: str = ""

    def feed(self, piece: bytes, read: "Callable[[Stream, str], None]") -> None:
        """Take a piece of output; only whole lines are read."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[-1_000_000:]
        for line in lines:
            try:
                read(self, line.decode("utf-8", "replace").rstrip("\r"))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # a line that only looks like ours: the tested code may print whatever it likes

    def results(self, tool: str) -> TestResults:
        """Return what is known so far."""
        return TestResults(tool, merged(self.tests))


def read_pytest(stream: Stream, line: str) -> None:
    """Read one line of our pytest plugin."""
    start = line.find(EVENT)
    if start < 0:
        return
    event = json.loads(line[start + len(EVENT) :])
    kind = event["event"]
    if kind == "collected":
        stream.collected = int(event["count"])
    elif kind == "started":
        stream.current = str(event["id"])
    elif kind == "finished":
        stream.finished = True
    elif kind == "error":
        stream.crashes.append(str(event["message"])[:2000])
    elif kind == "test":
        stream.tests.append(
            Test(
                str(event["name"]), _STATUSES.get(str(event["status"]), "other"), float(event["duration"]),
                str(event["suite"]), str(event["file"]), int(event["line"]), str(event["message"]), str(event["trace"]),
                tuple(map(str, event["stdout"])), int(event["retries"]), bool(event["flaky"]),
            )
        )  # fmt: skip


def read_go(stream: Stream, line: str) -> None:
    """Read one line of `go test -json`."""
    if not line.startswith("{"):
        return
    event = json.loads(line)
    package, name, action = str(event.get("Package", "")), str(event.get("Test", "")), event.get("Action")
    key = f"{package} {name}"
    if action == "output":
        stream.state.setdefault(key, []).append(str(event.get("Output", "")))
    elif action == "run":
        stream.current = key
    elif action in ("pass", "fail", "skip") and name:
        said = stream.state.pop(key, [])
        stream.tests.append(_go_test(package, name, _STATUSES[action], float(event.get("Elapsed", 0)), said))
    elif action == "fail":
        _go_package_failed(stream, package, stream.state.pop(key, []))


def _go_test(package: str, name: str, status: TestStatus, seconds: float, said: list[str]) -> Test:
    place = next((found for line in said if (found := _GO_PLACE.match(line))), None)
    if status != "failed":
        return Test(name, status, seconds, package)
    trace = "".join(said)
    message = place["message"] if place else trace.strip()[:500]
    return Test(
        name,
        status,
        seconds,
        package,
        place["file"] if place else "",
        int(place["line"]) if place else 0,
        message,
        trace,
    )


def _go_package_failed(stream: Stream, package: str, said: list[str]) -> None:
    """A package that failed without a failed test did not build, or crashed."""
    if not any(each.suite == package and each.status == "failed" for each in stream.tests):
        stream.crashes.append(f"{package}: {''.join(said).strip()[:500] or 'did not build'}")


def read_cargo(stream: Stream, line: str) -> None:
    """Read one line of `cargo test`."""
    if running := _CARGO_FILE.match(line):
        stream.file = running["file"]
    elif found := _CARGO.fullmatch(line.strip()):
        stream.tests.append(Test(found["name"], _STATUSES[found["status"]], 0.0, stream.file, stream.file))
    elif panic := _CARGO_PANIC.match(line.strip()):
        stream.state[panic["name"]] = [panic["file"], panic["line"], panic["old"] or ""]
        stream.current = panic["name"]
    elif stream.current in stream.state and not stream.state[stream.current][2] and line.strip():
        stream.state[stream.current][2] = line.strip()
    if line.startswith("error: could not compile"):
        stream.crashes.append(line.strip())


def cargo_results(stream: Stream) -> TestResults:
    """Return cargo's results with the places its panics named."""
    from dataclasses import replace

    made = []
    for each in stream.tests:
        file, line, message = stream.state.get(each.name, ["", "0", ""])
        failed = each.status == "failed"
        made.append(replace(each, file=file or each.file, line=int(line), message=message) if failed else each)
    return TestResults("cargo", merged(made))


def read_tap(stream: Stream, line: str) -> None:
    """Read one line of TAP; a subtest's own lines are indented, and its parents are not counted."""
    stripped = line.strip()
    if stripped.startswith("# Subtest:"):
        stream.state.setdefault("open", []).append(stripped.removeprefix("# Subtest:").strip())
        stream.current = stripped.removeprefix("# Subtest:").strip()
    elif found := _TAP.fullmatch(stripped):
        _tap_result(stream, found, (len(line) - len(line.lstrip())) // 4)
    elif timed := _TAP_MS.match(stripped):
        _time_last(stream, float(timed["ms"]))
    elif stripped.startswith("error:") and stream.tests and stream.tests[-1].status == "failed":
        from dataclasses import replace

        stream.tests[-1] = replace(stream.tests[-1], message=stripped.removeprefix("error:").strip(" '|->"))
    elif re.fullmatch(r"1\.\.\d+", stripped) and line == stripped:
        stream.finished = True


def _tap_result(stream: Stream, found: "re.Match[str]", depth: int) -> None:
    """Keep a leaf: a line that follows deeper lines closes their suite and is none."""
    deeper = stream.state.get("depth", ["0"])[0]
    stream.state["depth"] = [str(depth)]
    name = found["name"].strip()
    if int(deeper) > depth:
        return
    directive = (found["directive"] or "").upper()
    status: TestStatus = "skipped" if directive else "failed" if found["not"] else "passed"
    stream.tests.append(Test(name, status))


def _time_last(stream: Stream, milliseconds: float) -> None:
    from dataclasses import replace

    if stream.tests and not stream.tests[-1].duration:
        stream.tests[-1] = replace(stream.tests[-1], duration=milliseconds / 1000)


READERS: dict[str, Callable[[Stream, str], None]] = {
    "pytest": read_pytest,
    "go": read_go,
    "cargo": read_cargo,
    "tap": read_tap,
}


def read_all(kind: str, content: bytes) -> Stream:
    """Read a whole output at once."""
    stream = Stream()
    stream.feed(content + b"\n", READERS[kind])
    return stream


def lines_of(tests: tuple[Test, ...]) -> Iterator[str]:
    """Yield one line per test, for people."""
    for each in tests:
        yield f"{each.status:8} {each.key}"
