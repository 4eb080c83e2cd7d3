"""npm packages from a committed lock file, installed once into the cache."""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from bridge.local.node import Node, find_node
from bridge.local.places import HERE, cache, locked
from bridge.problems import Unavailable, UpstreamFailed

N8N = HERE / "n8n"
TOOLCHAIN = HERE / "toolchain"
NATIVE = ("sqlite3", "isolated-vm")
Say = Callable[[str], None]


def silent(_: str) -> None:
    """Say nothing."""


def ensure_n8n(say: Say = silent) -> Path:
    """Return the folder that holds n8n's node_modules; the first time this takes minutes."""
    return ensure_npm(N8N, rebuild=NATIVE, say=say)


def n8n_is_installed() -> bool:
    """Whether n8n stands ready in the cache."""
    try:
        node = find_node()
    except Unavailable:
        return False
    return (_place(N8N, node) / ".complete").is_file()


def ensure_toolchain(say: Say = silent) -> Path:
    """Return the folder that holds n8n's node-package tools."""
    return ensure_npm(TOOLCHAIN, say=say)


def ensure_npm(folder: Path, *, rebuild: Sequence[str] = (), say: Say = silent) -> Path:
    """Install what *folder*'s package.json and package-lock.json pin, once per content, node version and platform.

    No package's install script runs but those of *rebuild*, which compile or fetch native code.
    Returns a folder in the cache with `node_modules` in it; *folder* itself is not written to.
    """
    node = find_node()
    place = _place(folder, node)
    if (place / ".complete").is_file():
        return place
    with locked(f"npm-{folder.name}"):
        if not (place / ".complete").is_file():
            _install(folder, place, node, rebuild, say)
    return place


def _install(folder: Path, place: Path, node: Node, rebuild: Sequence[str], say: Say) -> None:
    say(f"installing {folder.name} from npm (minutes, once; cached in {place})")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(folder / name, place / name)
    run_npm(node, place, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    if rebuild:
        say(f"building native modules of {folder.name}: {', '.join(rebuild)}")
        run_npm(node, place, "rebuild", *rebuild)
    (place / ".complete").write_text(node.version, "utf-8")


def run_npm(node: Node, folder: Path, *arguments: str, timeout: float = 1800) -> str:
    """Run npm in *folder* and return what it printed; a failure carries npm's last words."""
    done = subprocess.run(
        [node.binary, node.npm, *arguments], cwd=folder, env=node.environment(), timeout=timeout, check=False,
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise UpstreamFailed(f"`npm {' '.join(arguments)}` failed in {folder}:\n{done.stdout[-3000:]}")
    return done.stdout


def _place(folder: Path, node: Node) -> Path:
    return cache() / "npm" / f"{folder.name}-{_fingerprint(folder, node)}"


def _fingerprint(folder: Path, node: Node) -> str:
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json"):
        digest.update((folder / name).read_bytes())
    digest.update(f"{node.version.split('.')[0]} {platform.system()} {platform.machine()} {os.name}".encode())
    return digest.hexdigest()[:16]
