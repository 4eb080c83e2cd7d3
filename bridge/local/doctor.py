"""`bridge doctor`: what this machine has, what it lacks, and the line that cures it."""

import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.local import npm, places
from bridge.local.node import CURE, MAJOR, find_node
from bridge.local.parts import PARTS
from bridge.problems import Problem

Grade = Literal["good", "optional", "bad"]
NEEDED_DISK = 6_000_000_000
PLACEHOLDER = ".invalid"


@dataclass(frozen=True)
class Remark:
    """One line of the doctor's: what, how it stands, and the cure where there is one to give."""

    name: str
    grade: Grade
    found: str
    cure: str = ""


def examine(project: Path = places.PROJECT) -> list[Remark]:
    """Look at everything; nothing is changed and nothing is downloaded."""
    return [*_runtime(), *_machine(), *_sandbox(), *_ports(), *_owner(project / "pyproject.toml")]


def _runtime() -> Iterator[Remark]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Remark("Python", "good" if good else "bad", version, "" if good else "Python 3.11 or later is needed.")
    try:
        yield Remark(f"Node.js {MAJOR}", "good", find_node().version)
    except Problem:
        yield Remark(f"Node.js {MAJOR}", "bad", "missing", CURE)
        return
    installed = npm.n8n_is_installed()
    yield Remark(
        "n8n", "good" if installed else "optional", "in the cache" if installed else "not installed yet",
        "" if installed else "bridge up installs it; the first time takes some minutes",
    )  # fmt: skip


def _machine() -> Iterator[Remark]:
    for part in PARTS:
        found = part.found()
        absent: Grade = "bad" if part.use == "up" else "optional"
        name = f"{part.name} ({part.purpose})"
        yield Remark(name, "good" if found else absent, found or "missing", "" if found else part.cure)
    free = shutil.disk_usage(places.cache()).free
    enough = free > NEEDED_DISK or npm.n8n_is_installed()
    cure = (
        "" if enough else f"Free some space or set BRIDGE_CACHE_DIR; n8n and its tools need {NEEDED_DISK // 10**9} GB."
    )
    yield Remark("disk for the cache", "good" if enough else "bad", f"{free // 10**9} GB free", cure)


def _sandbox() -> Iterator[Remark]:
    """Try the sandbox: bubblewrap being installed does not mean that the kernel lets it work."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return
    command = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--", "true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    if tried.returncode == 0:
        yield Remark("sandbox self-test", "good", "a program ran without network and write access")
        return
    said = (tried.stderr.strip().splitlines() or ["no words"])[-1]
    yield Remark(
        "sandbox self-test", "optional", said,
        "The kernel forbids it (docs/install.md says how to allow it); steps that run foreign code answer 503.",
    )  # fmt: skip


def _ports() -> Iterator[Remark]:
    for name, port in (("bridge's port", 8007), ("n8n's port", 5678)):
        with socket.socket() as probe:
            taken = probe.connect_ex(("127.0.0.1", port)) == 0
        cure = "bridge up takes another one and prints it" if taken else ""
        yield Remark(f"{name} {port}", "optional" if taken else "good", "taken" if taken else "free", cure)


def _owner(pyproject: Path) -> Iterator[Remark]:
    """The npm package carries an owner; until one is set, it cannot be published."""
    if not pyproject.is_file():
        return
    named = tomllib.loads(pyproject.read_text("utf-8")).get("tool", {}).get("bridge", {})
    if any(PLACEHOLDER in str(value) for value in named.values()):
        yield Remark(
            "owner of the npm package", "optional", "a placeholder",
            "Set author, email and repository under [tool.bridge] in pyproject.toml before publishing.",
        )  # fmt: skip
