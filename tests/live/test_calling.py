"""`bridge run` and `bridge watch` against a real bridge."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.live


@pytest.fixture
def bridge(live_bridge, tmp_path):
    environment = {
        **os.environ, "PYTHONPATH": str(PROJECT), "BRIDGE_URL": live_bridge.url, "BRIDGE_KEY": live_bridge.use_key,
    }  # fmt: skip

    def call(*arguments, **more):
        command = [sys.executable, "-m", "bridge", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env={**environment, **more}, capture_output=True, text=True, timeout=120, check=False
        )

    return call


def test_a_step_runs_on_a_file_and_prints_its_result(bridge, tmp_path):
    (tmp_path / "flaw.py").write_text("eval(input())\n")
    done = bridge("run", "multimodal_analysis", "--file", "flaw.py", "analysis_type=security")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["success"] is True
    assert result["analysis"]["findings"]


def test_a_run_can_be_watched_and_its_files_saved(bridge, live_bridge, tmp_path):
    given = {"format": "html", "items": [{"title": "Tests", "verdict": "pass"}]}
    headers = {"Prefer": "respond-async"}
    started = live_bridge.user.post("/v1/steps/report_generation", json=given, headers=headers).json()
    done = bridge("watch", started["id"], "--save", "out")
    assert done.returncode == 0, done.stderr
    (file,) = json.loads(done.stdout)["files"]
    assert (tmp_path / "out" / file["name"]).stat().st_size == file["size"]


def test_a_wrong_field_is_told_by_name_without_a_traceback(bridge):
    done = bridge("run", "multimodal_analysis", "text=x", "analysis_type=thorough")
    assert done.returncode == 1
    assert "analysis_type" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_run_ends_with_its_reason_and_exit_code_1(bridge):
    done = bridge("run", "multimodal_analysis", "file_path=no/such/file.py")
    assert done.returncode == 1
    assert "no/such/file.py" in done.stderr


def test_an_unknown_step_is_told_with_the_nearest_name(bridge):
    done = bridge("run", "multimodal_analyses", "text=x")
    assert done.returncode == 1
    assert "multimodal_analysis" in done.stderr


def test_a_wrong_key_and_a_silent_address_are_told(bridge):
    assert "key" in bridge("run", "multimodal_analysis", "text=x", BRIDGE_KEY="wrong").stderr.lower()
    assert "cannot be reached" in bridge("run", "multimodal_analysis", "text=x", BRIDGE_URL="http://127.0.0.1:9").stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--file", "nowhere.txt"], "There is no file nowhere.txt."),
        (["--input", "{"], "--input is not JSON"),
        (["--input", "[]"], "must be a JSON object"),
        (["--input", "@nowhere.json"], "cannot be read"),
        (["just-a-word"], "'just-a-word' is not KEY=VALUE."),
    ],
)
def test_mistakes_on_the_command_line_are_told_before_anything_is_sent(bridge, arguments, told):
    done = bridge("run", "multimodal_analysis", *arguments, BRIDGE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert told in done.stderr
