"""The rules of the house that no linter knows."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROOT = PROJECT / "bridge"
FILES = sorted(path for path in ROOT.rglob("*.py") if "generated" not in path.parts)
NAMELESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "base",
    "core",
    "shared",
    "lib",
}
LONGEST_FUNCTION = 40
DEEPEST_NESTING = 3
NESTS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def each_file(function):
    return pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))(function)


@each_file
def test_a_file_fits_in_one_head(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


@each_file
def test_every_room_and_file_says_what_lives_there(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@each_file
def test_no_file_has_a_name_that_says_nothing(path):
    assert not NAMELESS & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}


@each_file
def test_functions_are_short_and_flat(path):
    tree = ast.parse(path.read_text("utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = function.end_lineno - function.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{function.name} has {length} lines"
            assert depth_of(function) <= DEEPEST_NESTING, f"{function.name} nests too deep"


def depth_of(node, depth=0):
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        elif_branch = isinstance(node, ast.If) and isinstance(child, ast.If) and [child] == node.orelse
        deepest = max(deepest, depth_of(child, depth + (isinstance(child, NESTS) and not elif_branch)))
    return deepest
