"""Prepare dependencies in a sandbox of their own, whose only way out leads to the package registries."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.authoring import Job, Limits, Sandbox, Unusable

DEPENDENCIES = "/opt/dependencies"
_UV = "/opt/uv"
_MADE = ".bridge-made"
_RUNNER = ("pytest>=8", "pytest-cov>=5", "pytest-xdist>=3.6")
_REQUIREMENTS = (
    "requirements.txt", "requirements-dev.txt", "requirements-test.txt", "dev-requirements.txt",
    "test-requirements.txt", "requirements/test.txt", "requirements/dev.txt",
)  # fmt: skip
_GROUPS = ("test", "tests", "testing", "dev")
_LIMITS = Limits(timeout=600, memory=2_000_000_000, disk=3_000_000_000, file=1_000_000_000, processes=256)

_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_TRUST = {
    "SSL_CERT_FILE": _CERTIFICATES,
    "UV_SYSTEM_CERTS": "true",
    "NODE_EXTRA_CA_CERTS": _CERTIFICATES,
    "CARGO_HTTP_CAINFO": _CERTIFICATES,
}
"""Trust what the machine trusts: an operator's own authority may stand between it and the registries."""


@dataclass(frozen=True)
class Dependencies:
    """What is mounted for a suite, and whether it was there already."""

    mounts: Mapping[Path, str]
    cached: bool


async def prepare(tree: Path, framework: str, sandbox: Sandbox) -> Dependencies | None:
    """Install what the repository asks for, once per set of lock files; None when it asks for nothing."""
    job, key = _job(tree, framework)
    if job is None:
        return None
    made = await sandbox.prepared(f"{framework} {key}", job, _MADE)
    return Dependencies({made.path: DEPENDENCIES}, made.cached)


def _job(tree: Path, framework: str) -> tuple[Job | None, str]:
    if framework in ("pytest", "unittest"):
        return _python(tree)
    if framework in ("vitest", "jest", "node"):
        return _javascript(tree)
    if framework == "go":
        return _locked(
            tree,
            ("go.sum", "go.mod"),
            "GOFLAGS=-mod=mod GOMODCACHE=$PWD/.bridge-made/mod GOCACHE=/tmp/c go mod download",
        )
    if framework == "cargo" and "registry+" in _text(tree / "Cargo.lock"):
        return _locked(tree, ("Cargo.lock", "Cargo.toml"), "CARGO_HOME=$PWD/.bridge-made cargo fetch --locked")
    return None, ""


def _python(tree: Path) -> tuple[Job, str]:
    wanted = [*_RUNNER, *_declared(tree)]
    given = {name: text for name in _REQUIREMENTS if (text := _text(tree / name))}
    lock = _text(tree / "uv.lock")
    files = " ".join(f"-r {name}" for name in given)
    exported = "export --frozen --no-emit-project --all-groups --all-extras --quiet -o .bridge-requirements.txt"
    script = [f"mkdir -p {_MADE}"]
    if lock:
        script.append(f"{_UV} {exported} && locked='-r .bridge-requirements.txt'")
    script.append(
        f"{_UV} pip install --quiet --no-cache --link-mode=copy --python /usr/bin/python3 "
        f'--target {_MADE} $locked {files} "$@"'
    )
    key = _hash(*wanted, *given.values(), lock)
    argv = ("/bin/sh", "-ec", "; ".join(script), "sh", *wanted)
    return Job(argv, tree=tree, env=_TRUST, limits=_LIMITS, mounts={_uv(): _UV}, network="registries"), key


def _javascript(tree: Path) -> tuple[Job | None, str]:
    package = _text(tree / "package.json")
    lock = _text(tree / "package-lock.json")
    if not lock and not re.search(r'"(devD|d)ependencies"\s*:\s*{\s*"', package):
        return None, ""
    how = "ci" if lock else "install --no-package-lock"
    script = (
        f"npm {how} --ignore-scripts --no-audit --no-fund --loglevel=error; mkdir -p {_MADE}; mv node_modules {_MADE}/"
    )
    return _shell(tree, script), _hash(package, lock)


def _locked(tree: Path, names: tuple[str, ...], script: str) -> tuple[Job | None, str]:
    texts = [_text(tree / name) for name in names]
    if not texts[0].strip():
        return None, ""
    return _shell(tree, f"mkdir -p {_MADE}; {script}"), _hash(*texts)


def _shell(tree: Path, script: str) -> Job:
    return Job(("/bin/sh", "-ec", script), tree=tree, env=_TRUST, limits=_LIMITS, network="registries")


def _declared(tree: Path) -> list[str]:
    """Return what pyproject.toml asks for: the project's own needs and those of its test groups."""
    try:
        document = tomllib.loads(_text(tree / "pyproject.toml"))
        project: dict[str, Any] = document.get("project", {})
        extras, groups = project.get("optional-dependencies", {}), document.get("dependency-groups", {})
        listed = [*project.get("dependencies", [])]
        for name in _GROUPS:
            listed += [*extras.get(name, []), *(each for each in groups.get(name, []) if isinstance(each, str))]
    except (tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
        raise Unusable(f"The repository's pyproject.toml cannot be read: {type(error).__name__}.") from error
    own = re.split(r"[\[<>=!~; ]", str(project.get("name", "")))[0]
    return [each for each in listed if isinstance(each, str) and not each.startswith("-") and not _names(each, own)]


def _names(requirement: str, project: str) -> bool:
    """Whether a requirement is the project itself, as in `shop[dev]`."""
    return bool(project) and re.split(r"[\[<>=!~; ]", requirement)[0].lower() == project.lower()


def _uv() -> Path:
    import uv

    return Path(uv.find_uv_bin())


def _hash(*texts: str) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def _text(path: Path) -> str:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 20_000_000:
        return ""
    return path.read_text("utf-8", "replace")
