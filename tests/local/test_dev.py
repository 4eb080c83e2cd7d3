"""`bridge dev` rebuilds for what people write, not for what it writes itself, and only as much as needed."""

import contextlib
from pathlib import Path

import pytest
from rich.console import Console
from watchfiles import Change

from bridge.local import dev, packages
from bridge.problems import Problem

PACKAGE = "n8n-nodes/n8n-nodes-multimodal-bridge"


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("node_specs/gate.json", True),
        ("bridge/steps/gate.py", True),
        (f"{PACKAGE}/transport/runs.ts", True),
        (f"{PACKAGE}/icons/gate.svg", True),
        (f"{PACKAGE}/nodes/Gate/Gate.node.ts", False),
        (f"{PACKAGE}/dist/nodes/Gate.js", False),
        (f"{PACKAGE}/package.json", False),
        (f"{PACKAGE}/README.md", False),
        ("bridge/steps/__pycache__/gate.cpython-311.pyc", False),
    ],
)
def test_only_what_people_write_starts_a_rebuild(tmp_path, path, wanted):
    assert dev.Sources(tmp_path)(Change.modified, str(tmp_path / path)) is wanted


class Standing:
    """Stands for what `bridge up` started, and writes down what is asked of it."""

    def __init__(self, folder):
        self.done = []
        self.console = Console(quiet=True)
        self.server = self
        self.packages = folder

    @contextlib.contextmanager
    def doing(self, what):
        yield

    def say(self, words):
        self.done.append(words)

    def restart_bridge(self):
        self.done.append("bridge")

    def restart_n8n(self):
        self.done.append("n8n")


@pytest.fixture
def standing(tmp_path, monkeypatch):
    standing = Standing(tmp_path)
    monkeypatch.setattr(dev, "_generate", lambda project: standing.done.append("generate"))
    monkeypatch.setattr(packages, "our_package", lambda say: Path("package.tgz"))
    monkeypatch.setattr(packages, "install_package", lambda tarball, where: standing.done.append(f"install {tarball}"))
    return standing


def test_a_changed_spec_goes_all_the_way_to_the_canvas(standing, tmp_path):
    dev.rebuild(tmp_path, standing, [Path("gate.json")])
    assert standing.done == ["generate", "bridge", "install package.tgz", "n8n"]


def test_a_changed_handler_restarts_the_bridge_alone(standing, tmp_path):
    dev.rebuild(tmp_path, standing, [Path("gate.py")])
    assert standing.done == ["generate", "bridge"]


def test_a_broken_spec_is_told_and_nothing_is_restarted(tmp_path):
    (tmp_path / "node_specs").mkdir()
    (tmp_path / "node_specs/x.json").write_text("{")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    standing = Standing(tmp_path)
    with pytest.raises(Problem):
        dev.rebuild(tmp_path, standing, [tmp_path / "node_specs/x.json"])
    assert standing.done == []
