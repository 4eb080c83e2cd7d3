"""What a machine lacks is named with its cure, and a test run without it says so."""

import subprocess
import sys
from pathlib import Path

from bridge.local import doctor, parts

PROJECT = Path(__file__).parents[2]
SAMPLE = """
import pytest

def test_plain():
    assert True

@pytest.mark.proxy
def test_with_a_proxy():
    assert True

@pytest.mark.bench
def test_a_benchmark():
    assert True
"""
PLUGIN = """
from bridge.local import parts
absent = [part for part in parts.PARTS if part.marker == "proxy"][0]
rest = tuple(part for part in parts.PARTS if part is not absent)
parts.PARTS = (*rest, parts.Part("haproxy", "tests", "a proxy", ("haproxy",), lambda: {found!r}, "proxy"))
"""


def run_pytest(folder, found, *arguments):
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "machine.py").write_text(PLUGIN.format(found=found))
    command = [sys.executable, "-m", "pytest", "-c", PROJECT / "pyproject.toml", "--rootdir", folder, "-q"]
    path = f"{folder}:{PROJECT}"
    return subprocess.run(
        [*command, "-p", "machine", "-p", "tests.partial", *arguments, "test_sample.py"],
        cwd=folder, env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_with_everything_there_all_tests_run_but_the_benchmarks(tmp_path):
    done = run_pytest(tmp_path, "/usr/sbin/haproxy", "--partial")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed, 1 deselected" in done.stdout


def test_without_a_part_the_rest_runs_and_the_gap_is_told_by_words_and_exit_code(tmp_path):
    done = run_pytest(tmp_path, "", "--partial")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "1 passed, 2 deselected" in done.stdout
    assert "1 test(s): haproxy is missing (apt-get install haproxy)" in done.stdout


def test_without_being_told_to_be_partial_nothing_is_left_out(tmp_path):
    done = run_pytest(tmp_path, "")
    assert done.returncode == 0
    assert "2 passed, 1 deselected" in done.stdout


def test_benchmarks_run_when_they_are_asked_for(tmp_path):
    done = run_pytest(tmp_path, "x", "-m", "bench")
    assert "1 passed, 2 deselected" in done.stdout


def test_what_is_missing_becomes_a_list_of_debian_packages(monkeypatch):
    there = parts.Part("a", "steps", "x", ("pkg-a",), lambda: "/bin/a")
    gone = parts.Part("b", "tests", "y", ("pkg-b", "pkg-c"), lambda: "")
    monkeypatch.setattr(parts, "PARTS", (there, gone))
    assert parts.debian_packages() == ["pkg-b", "pkg-c"]
    assert parts.debian_packages("steps") == []


def test_the_doctor_names_a_cure_for_everything_that_is_not_good(monkeypatch):
    gone = parts.Part("git", "up", "reads repositories", ("git",), lambda: "")
    monkeypatch.setattr(doctor, "PARTS", (gone,))
    remarks = {each.name: each for each in doctor.examine()}
    assert remarks["git (reads repositories)"].grade == "bad"
    assert remarks["git (reads repositories)"].cure == "apt-get install git"
    assert all(each.cure for each in remarks.values() if each.grade != "good")


def test_an_owner_who_is_set_is_not_mentioned(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.bridge]\nauthor = "A"\nemail = "a@b.org"\n')
    assert not [each for each in doctor.examine(tmp_path) if "owner" in each.name]
    (tmp_path / "pyproject.toml").write_text('[tool.bridge]\nemail = "a@b.invalid"\n')
    assert [each for each in doctor.examine(tmp_path) if "owner" in each.name]
