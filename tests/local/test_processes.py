"""Programs that run beside ours are awaited, explained when they die, and stopped with their children."""

import os
import socket
import sys

import psutil
import pytest

from bridge.local.places import free_port
from bridge.local.processes import Child
from bridge.problems import Unavailable

PARENT = """
import subprocess, sys, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""


def started(tmp_path, source):
    return Child("thing", [sys.executable, "-u", "-c", source], os.environ, tmp_path / "thing.log")


def said(child):
    return bool(child.log.read_text().strip())


def test_stopping_ends_the_children_too_even_of_a_program_that_will_not_listen(tmp_path):
    child = started(tmp_path, PARENT)
    child.await_ready(lambda: said(child), 30)
    grandchild = int(child.tail())
    assert psutil.pid_exists(grandchild)
    child.stop(patience=0.2)
    assert not child.running
    assert not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE


def test_a_program_that_dies_while_starting_is_explained_by_its_own_words(tmp_path):
    child = started(tmp_path, "raise SystemExit('the disk is upside down')")
    with pytest.raises(Unavailable, match="the disk is upside down"):
        child.await_ready(lambda: False, 30)


def test_a_program_that_never_answers_is_stopped(tmp_path):
    child = started(tmp_path, "print('x'); import time; time.sleep(600)")
    with pytest.raises(Unavailable, match="not ready after"):
        child.await_ready(lambda: False, 0.3)
    assert not child.running


def test_a_taken_port_is_not_offered_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port
