"""The engine process: reads tasks from its standard input, one at a time, and answers on its standard output.

It holds no secrets, gets no network address of ours and may be killed at any moment.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from importlib import import_module
from typing import IO

from bridge.doors.analysers.limits import ENGINES, MAX_FINDINGS, MAX_SEGMENTS, MAX_TEXT
from bridge.doors.analysers.tasks import Found, Task, pack, unpack_task
from bridge.problems import Issue

ADDRESS_SPACE = 12_000_000_000
"""Bytes of address space: a last net, wide because neural engines reserve much and use little."""
FILE_SIZE = 512_000_000


def main() -> None:
    """Serve tasks until the other side goes away."""
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, 0)
    os.dup2(silent, 1)
    _confine()
    while (size := tasks.read(4)) and len(size) == 4:
        raw = tasks.read(int.from_bytes(size, "big"))
        _answer(answers, perform(unpack_task(raw)))


def _answer(answers: IO[bytes], raw: bytes) -> None:
    answers.write(len(raw).to_bytes(4, "big") + raw)
    answers.flush()


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    sys.setrecursionlimit(3000)
    if sys.platform == "linux":
        # The process must not outlive the service, even if it is stuck in an engine (PR_SET_PDEATHSIG = 1).
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def perform(task: Task) -> bytes:
    """Run one engine; whatever it raises becomes an answer, panics of foreign code included."""
    found = Found()
    try:
        module, _, function = ENGINES[task.engine].target.partition(":")
        getattr(import_module(f"bridge.doors.analysers.{module}"), function)(task, found)
    except ModuleNotFoundError as error:
        return pack({"missing": error.name or str(error)})
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of an engine written in Rust is no Exception
        found.issues.append(issue_of(error, task))
    trim(found, task.uri)
    return pack(found)


def issue_of(error: BaseException, task: Task) -> Issue:
    """Say what an engine stumbled over, without paths of this machine."""
    said = str(error).replace(task.path, task.uri).replace(task.scratch, "").strip().splitlines()
    words = f"{type(error).__name__}: {said[0][:300]}" if said else type(error).__name__
    code = "out_of_memory" if isinstance(error, MemoryError) else "unreadable"
    return Issue(code, task.uri, f"The {task.engine} engine could not read all of it ({words}).")


def trim(found: Found, uri: str) -> None:
    """Cut what is too much for one document, and say so."""
    if len(found.segments) > MAX_SEGMENTS:
        found.issues.append(
            Issue("cut", uri, f"Only the first {MAX_SEGMENTS} of {len(found.segments)} pieces are kept.")
        )
        del found.segments[MAX_SEGMENTS:]
    left = MAX_TEXT
    for number, each in enumerate(found.segments):
        left -= len(each.text)
        if left < 0:
            found.issues.append(Issue("cut", uri, f"Only the first {MAX_TEXT} characters are kept."))
            del found.segments[number:]
            break
    if len(found.findings) > MAX_FINDINGS:
        found.issues.append(Issue("cut", uri, f"Only {MAX_FINDINGS} of {len(found.findings)} findings are kept."))
        del found.findings[MAX_FINDINGS:]


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
