"""Runs inside the sandbox, in the tested repository's own pytest: events on standard output, retries, shards.

It is copied into the tree and imports nothing of the bridge. What it prints are claims of the tested code.
"""

import json
import os
import sys
import zlib
from typing import Any

import pytest

_EVENT = "\x1ebridge "
_RETRIES = int(os.environ.get("TEST_RETRIES", "0"))
_SHARD = [int(each) for each in os.environ.get("TEST_SHARD", "1/1").split("/")]
_ONLY = {each for each in os.environ.get("TEST_ONLY", "").split("\n") if each}
_STREAM = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace", buffering=1)


def _tell(**event: Any) -> None:
    _STREAM.write(f"\n{_EVENT}{json.dumps(event)}\n")
    _STREAM.flush()


def _is_worker(config: Any) -> bool:
    return hasattr(config, "workerinput")


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Keep the tests of this shard and of the selected files."""
    index, total = _SHARD
    kept = [
        each
        for each in items
        if zlib.crc32(each.nodeid.encode()) % total == index - 1 and (not _ONLY or each.nodeid.split("::")[0] in _ONLY)
    ]
    items[:] = kept
    if not _is_worker(config):
        _tell(event="collected", count=len(kept))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids: list[str]) -> None:
    """Say how many tests there are when other processes collected them."""
    _tell(event="collected", count=len(ids))


def pytest_runtest_logstart(nodeid: str, location: Any) -> None:  # noqa: ARG001
    """Say what runs now."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _tell(event="started", id=nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: Any, nextitem: Any) -> Any:
    """Run a failed test again, as often as allowed."""
    if not _RETRIES:
        return None
    from _pytest.runner import runtestprotocol

    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for attempt in range(_RETRIES + 1):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failed = any(each.failed for each in reports)
        if not failed or attempt == _RETRIES:
            break
        item._initrequest()  # noqa: SLF001 - pytest has no public way to run a test again
    for each in reports:
        each.user_properties.append(("bridge_retries", attempt))
        item.ihook.pytest_runtest_logreport(report=each)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


_SEEN: dict[str, dict[str, Any]] = {}


def pytest_runtest_logreport(report: Any) -> None:
    """Join setup, call and teardown of a test into one event."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    test = _SEEN.setdefault(report.nodeid, {"status": "passed", "duration": 0.0, "message": "", "trace": ""})
    test["duration"] += report.duration
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        message = str(getattr(crash, "message", "") or report.longreprtext)
        test |= {"status": "failed", "message": message, "trace": report.longreprtext[-20000:]}
        test["line"] = getattr(crash, "lineno", 0)
    elif report.skipped and test["status"] == "passed":
        test["status"] = "skipped"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        test["message"] = str(getattr(report, "wasxfail", "") or reason)
    if report.when == "teardown":
        _finish(report, _SEEN.pop(report.nodeid))


def _finish(report: Any, test: dict[str, Any]) -> None:
    file, *names = report.nodeid.split("::")
    retries = dict(report.user_properties).get("bridge_retries", 0)
    _tell(
        event="test",
        name=names[-1] if names else file,
        suite=".".join([file.removesuffix(".py").replace("/", "."), *names[:-1]]),
        file=file,
        status=test["status"],
        duration=test["duration"],
        message=test["message"],
        trace=test["trace"],
        line=test.get("line") or (report.location[1] or 0) + 1,
        stdout=report.capstdout.splitlines()[-20:],
        retries=retries,
        flaky=bool(retries) and test["status"] == "passed",
    )


def pytest_collectreport(report: Any) -> None:
    """A file that cannot be collected is an error, never silence."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        _tell(event="error", message=f"{report.nodeid or 'collection'}: {report.longreprtext[-1500:]}")


def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    """Say that the suite came to its end: without this event it crashed."""
    if not _is_worker(session.config):
        _tell(event="finished", status=int(exitstatus))
        sys.stdout.flush()
