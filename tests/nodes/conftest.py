"""Node packages built, linted and scanned with n8n's own tools, in copies outside the checkout."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.local.node import find_node
from bridge.local.npm import ensure_toolchain
from bridge.local.places import NODE_PACKAGE

FINDING = re.compile(r"^\s+\d+:\d+\s+(error|warning)\s+.*?(\S+)\s*$", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Done:
    """How a tool ended and what it said."""

    code: int
    said: str

    @property
    def findings(self) -> list[tuple[str, str]]:
        """Every finding of the linter as (severity, rule)."""
        return [(severity, rule.rpartition("/")[2]) for severity, rule in FINDING.findall(self.said)]

    @property
    def rules(self) -> set[str]:
        return {rule for _, rule in self.findings}


class Workshop:
    """A folder with a copy of a node package and the tools beside it."""

    def __init__(self, sources: Path, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(sources, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "*.tgz"))
        (folder / "node_modules").symlink_to(ensure_toolchain() / "node_modules")

    def tool(self, *command: str) -> Done:
        """Run one of the tools, or `node`, in the package's folder."""
        node = find_node()
        program = node.binary if command[0] == "node" else self.folder / "node_modules/.bin" / command[0]
        environment = {**node.environment(), "NO_COLOR": "1"}
        done = subprocess.run(
            [program, *command[1:]], cwd=self.folder, env=environment, text=True, check=False, timeout=280,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return Done(done.returncode, COLOUR.sub("", done.stdout))

    def build(self) -> Done:
        return self.tool("n8n-node", "build")

    def lint(self) -> Done:
        return self.tool("n8n-node", "lint")

    def scan(self, folder: Path, kind: str) -> Done:
        """n8n's analysis of published packages, of the `source` or of what is in the `tarball`."""
        script = self.folder / "scan.mjs"
        shutil.copy(Path(__file__).with_name("scan.mjs"), script)
        try:
            return self.tool("node", str(script), str(folder), kind)
        finally:
            script.unlink()

    def edit(self, name: str, old: str, new: str) -> None:
        """Change one place of one file; the place must be there."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Our own package, built."""
    workshop = Workshop(NODE_PACKAGE, tmp_path_factory.mktemp("nodes") / "package")
    done = workshop.build()
    assert done.code == 0, done.said
    return workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A copy of our own package that a test may break."""
    return Workshop(NODE_PACKAGE, tmp_path / "package")
