"""The promise of the README: one command brings everything up and runs a workflow to success; ^C stops it all."""

import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

PROJECT = Path(__file__).parents[2]
pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


class Up:
    """A running `bridge up`, as a person at a terminal has it."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.log = folder / "up.log"
        environment = {**os.environ, "BRIDGE_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(PROJECT)}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bridge", "up", *arguments], cwd=folder, env=environment, stdout=out, stderr=out
            )

    @property
    def said(self):
        return self.log.read_text("utf-8")

    def until(self, words, timeout=400):
        deadline = time.monotonic() + timeout
        while words not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.2)

    def interrupt(self):
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(90)
        return code, [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_one_command_runs_a_workflow_to_success_and_stops_without_a_trace(tmp_path):
    up = Up(tmp_path)
    try:
        up.until("stops everything")
        line = shlex.split(re.search(r"^\s*(curl .*)$", up.said, re.MULTILINE)[1])
        report = subprocess.run([*line, "-s"], capture_output=True, text=True, timeout=200, check=True).stdout
        second = Up(tmp_path)
        assert second.process.wait(60) == 1
        state_file = tmp_path / "data/local/state.json"
        state = json.loads(state_file.read_text())
    finally:
        code, left = up.interrupt()
    assert report.startswith("#")
    assert "eval" in report
    assert "already running" in up.said
    assert stat.S_IMODE(state_file.stat().st_mode) == 0o600
    assert code == 0
    assert not left
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{state['n8n_port']}/healthz", trust_env=False)
    logs = "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "data/local").rglob("*.log"))
    assert state["node_key"] not in logs
    assert state["n8n_api_key"] not in logs


def test_an_n8n_that_is_there_already_is_used(live_n8n, tmp_path):
    up = Up(tmp_path, "--n8n-url", live_n8n.url, "--api-key", live_n8n.api_key, "--once")
    assert up.process.wait(200) == 0, up.said
    state = json.loads((tmp_path / "data/local/state.json").read_text())
    assert live_n8n.client.await_execution(state["workflow_id"])["status"] == "success"
    live_n8n.client.remove(state["workflow_id"])
    live_n8n.client.api("DELETE", f"/credentials/{state['credential_id']}")


def test_without_n8n_the_bridge_runs_alone(tmp_path):
    up = Up(tmp_path, "--no-n8n")
    try:
        up.until("stops everything", 60)
        url = re.search(r"http://127\.0\.0\.1:\d+", up.said)[0]
        assert httpx.get(f"{url}/livez", trust_env=False).status_code == 200
        assert "n8n answers" not in up.said
    finally:
        code, left = up.interrupt()
    assert (code, left) == (0, [])
