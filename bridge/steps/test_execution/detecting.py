"""Find out how a repository is tested: its own .bridge/tests.toml, a given command, or its files."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.authoring import Unusable
from bridge.generated.models.test_execution import TestExecutionInput

_LARGEST = 2_000_000


@dataclass(frozen=True)
class Plan:
    """How one kind of tests is run. ``command`` is set when somebody said so; ``paths`` narrow a detected runner."""

    test_type: str
    framework: str
    command: str = ""
    report: str = ""
    coverage: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """A kind of tests that was asked for and that the repository does not have."""

    test_type: str
    why: str


def plan(tree: Path, given: TestExecutionInput) -> list[Plan | Missing]:
    """Plan every kind of tests that was asked for."""
    configured = _configured(tree)
    framework = given.framework if given.framework != "auto" else str(configured.get("framework", "")) or detect(tree)
    return [_plan_one(tree, given, str(each), configured, framework) for each in given.test_types]


def _plan_one(
    tree: Path, given: TestExecutionInput, kind: str, configured: dict[str, Any], framework: str
) -> Plan | Missing:
    if given.command:
        if len(given.test_types) > 1:
            return Missing(kind, "one command cannot stand for several kinds of tests; use .bridge/tests.toml")
        return Plan(kind, "command", given.command, given.report or "", given.coverage_report or "")
    own = configured.get("types", {}).get(kind)
    if isinstance(own, dict) and own.get("command"):
        return Plan(kind, "command", str(own["command"]), str(own.get("report", "")), str(own.get("coverage", "")))
    paths = own.get("paths", []) if isinstance(own, dict) else []
    if not framework:
        return Missing(kind, "no test runner was recognised; give a command, or write .bridge/tests.toml")
    found = tuple(map(str, paths)) or _folders_of(tree, kind)
    if kind != "unit" and not found:
        return Missing(kind, f"there is no folder tests/{kind} and no [types.{kind}] in .bridge/tests.toml")
    return Plan(kind, framework, paths=found)


def _configured(tree: Path) -> dict[str, Any]:
    path = tree / ".bridge/tests.toml"
    if not path.is_file() or path.is_symlink():
        return {}
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"The repository's .bridge/tests.toml cannot be read: {error}.") from error


def _folders_of(tree: Path, kind: str) -> tuple[str, ...]:
    candidates = (f"tests/{kind}", f"test/{kind}", f"{kind}_tests", kind if kind == "e2e" else f"tests/{kind}_tests")
    return tuple(each for each in candidates if (tree / each).is_dir() and not (tree / each).is_symlink())[:1]


def detect(tree: Path) -> str:
    """Name the runner that the repository's files speak of; empty when none does."""
    if (tree / "package.json").is_file():
        return _of_package(tree)
    if (tree / "go.mod").is_file():
        return "go"
    if (tree / "Cargo.toml").is_file():
        return "cargo"
    return _of_python(tree)


def _of_package(tree: Path) -> str:
    try:
        document = json.loads(_text(tree / "package.json"))
        wanted = {**document.get("devDependencies", {}), **document.get("dependencies", {})}
        script = str(document.get("scripts", {}).get("test", ""))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ""
    for name in ("vitest", "jest"):
        if name in wanted or name in script:
            return name
    return "node" if "--test" in script or any(tree.rglob("*.test.*js")) or (tree / "test").is_dir() else ""


def _of_python(tree: Path) -> str:
    files = [each for pattern in ("test_*.py", "*_test.py") for each in tree.rglob(pattern)][:200]
    settings = "".join(_text(tree / name) for name in ("pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini"))
    if "pytest" in settings or (tree / "pytest.ini").is_file() or (tree / "conftest.py").is_file():
        return "pytest"
    texts = [_text(each) for each in files]
    if texts and all("unittest" in each and "pytest" not in each for each in texts):
        return "unittest"
    return "pytest" if files or (tree / "pyproject.toml").is_file() or (tree / "setup.py").is_file() else ""


def _text(path: Path) -> str:
    """Read a file of the tree; links and giants count as empty."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        return ""
    return path.read_text("utf-8", "replace")
