"""Choose the tests that a change can affect, and say of each test file why it runs or does not."""

import ast
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bridge.authoring import Diff

_EVERYTHING = ("conftest.py", "pyproject.toml", "setup.cfg", "pytest.ini", "tox.ini", "setup.py")
_MOST_FILES = 20_000


@dataclass(frozen=True)
class Selected:
    """One test file: whether it runs, and why."""

    file: str
    runs: bool
    reason: str


def select(tree: Path, diff: Diff, framework: str) -> list[Selected] | None:
    """Return every test file with its reason; None when this runner's tests cannot be told apart safely."""
    if framework not in ("pytest", "unittest"):
        return None
    modules = {path: _imports(tree / path) for path in _python_files(tree)}
    tests = [path for path in modules if _is_test(path)]
    changed = {each.path for each in diff.files} | {each.old_path for each in diff.files if each.old_path}
    settings = sorted(
        path for path in changed if path.rsplit("/", 1)[-1] in _EVERYTHING or path.startswith("requirements")
    )
    if settings:
        return [Selected(test, True, f"{settings[0]} changed, which every test depends on") for test in tests]
    users = _users(modules)
    why: dict[str, str] = {}
    for path in sorted(changed):
        _spread(path, users, why)
    others = sorted(path for path in changed if not path.endswith(".py") and not path.endswith((".md", ".rst", ".txt")))
    if others:
        return [
            Selected(test, True, why.get(test, f"{others[0]} changed, and who reads it is not known")) for test in tests
        ]
    return [Selected(test, test in why, why.get(test, "nothing it imports changed")) for test in tests]


def _spread(path: str, users: dict[str, set[str]], why: dict[str, str]) -> None:
    why.setdefault(path, f"{path} changed")
    waiting = [path]
    while waiting:
        here = waiting.pop()
        for user in sorted(users.get(here, ())):
            if user not in why:
                why[user] = (
                    f"imports {here}" + ("" if here == path else f", which leads to {path}") + f"; {path} changed"
                )
                waiting.append(user)


def _users(modules: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return who imports each file, a module being known by every tail of its path."""
    names: dict[str, set[str]] = defaultdict(set)
    for path in modules:
        dotted = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        parts = dotted.split(".")
        for start in range(len(parts)):
            names[".".join(parts[start:])].add(path)
    users: dict[str, set[str]] = defaultdict(set)
    for path, imported in modules.items():
        for name in imported:
            for target in names.get(name, ()):
                users[target].add(path)
    return users


def _imports(path: Path) -> set[str]:
    if path.is_symlink() or path.stat().st_size > 2_000_000:
        return set()
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found |= {module, *(f"{module}.{each.name}".strip(".") for each in node.names)}
    return found - {""}


def _python_files(tree: Path) -> list[str]:
    found = (each for each in tree.rglob("*.py") if each.is_file() and not each.is_symlink())
    paths = sorted(str(each.relative_to(tree)) for each in found)
    return [path for path in paths if not path.startswith((".bridge", "node_modules/", ".venv/"))][:_MOST_FILES]


def _is_test(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.startswith("test_") or name.endswith("_test.py")
