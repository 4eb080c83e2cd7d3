"""The node package: built in the cache from its sources, packed, and unpacked where n8n loads packages from."""

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

from bridge.local.node import find_node
from bridge.local.npm import Say, ensure_toolchain, run_npm, silent
from bridge.local.places import NODE_PACKAGE, PACKED, cache, locked
from bridge.problems import Unavailable, UpstreamFailed

NOT_SOURCES = frozenset({"node_modules", "dist", ".git"})


def our_package(say: Say = silent) -> Path:
    """Return the tarball of our nodes: built from the checkout, or the one inside an installed wheel."""
    if (NODE_PACKAGE / "package.json").is_file():
        return build_package(NODE_PACKAGE, say)
    packed = sorted(PACKED.glob("*.tgz"))
    if not packed:
        raise Unavailable("This installation has no node package: neither sources nor a packed one. Reinstall it.")
    return packed[-1]


def build_package(sources: Path, say: Say = silent) -> Path:
    """Build the npm package in *sources* and return its tarball; the same sources are built once."""
    place = cache() / "packages" / f"{sources.name}-{_fingerprint(sources)}"
    with locked(f"package-{sources.name}"):
        if not list(place.glob("*.tgz")):
            say(f"building {sources.name}")
            _build(sources, place, say)
    return next(place.glob("*.tgz"))


def _build(sources: Path, place: Path, say: Say) -> None:
    toolchain = ensure_toolchain(say)
    shutil.rmtree(place, ignore_errors=True)
    work = place / "work"
    shutil.copytree(sources, work, ignore=shutil.ignore_patterns(*NOT_SOURCES, "*.tgz"))
    (work / "node_modules").symlink_to(toolchain / "node_modules")
    run_tool(work, "n8n-node", "build")
    run_npm(find_node(), work, "pack", "--ignore-scripts", "--pack-destination", str(place))


def run_tool(package: Path, tool: str, *arguments: str, timeout: float = 600) -> str:
    """Run one of the package's development tools in its folder and return what it printed."""
    node = find_node()
    environment = node.environment()
    environment["PATH"] = f"{package / 'node_modules/.bin'}:{environment['PATH']}"
    done = subprocess.run(
        [package / "node_modules/.bin" / tool, *arguments], cwd=package, env=environment, timeout=timeout, text=True,
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise UpstreamFailed(f"`{tool} {' '.join(arguments)}` failed in {package}:\n{done.stdout[-3000:]}")
    return done.stdout


def install_package(tarball: Path, packages: Path) -> str:
    """Unpack *tarball* where n8n looks for packages, in place of an older one; return the package's name.

    The type names are those of an install from the npm registry, so workflows stay valid; n8n must be restarted.
    """
    with tarfile.open(tarball) as archive:
        described = archive.extractfile("package/package.json")
        if described is None:
            raise Unavailable(f"{tarball} holds no package.json.")
        name = str(json.load(described)["name"])
        fresh = packages.parent / f".{name.replace('/', '-')}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        archive.extractall(fresh, filter="data")
    target = packages / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    (fresh / "package").rename(target)
    shutil.rmtree(fresh)
    return name


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and not NOT_SOURCES & set(inner.parts) and path.suffix != ".tgz":
            digest.update(f"{inner}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
