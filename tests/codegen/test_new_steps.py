"""`bridge new step`: what it writes works at once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ACME = PROJECT / "tests/fixtures/acme_pack"
THINGS = '''
"""Functions that know nothing of the bridge."""
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal, TypedDict


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Box:
    label: str
    weight: float
    tags: list[str]


class Pair(TypedDict):
    left: int
    right: int


def pack(label: str, count: int = 2, size: Size = Size.SMALL, mode: Literal["air", "sea"] = "sea") -> Box:
    """Pack a number of things into one box.

    Args:
        label: What stands on the box.
        count: How many things go in.
    """
    return Box(label, count * 1.5, [mode, size.name])


async def split(total: int, parts: dict[str, int] | None = None) -> Pair:
    """Split a total into two halves that add up to it."""
    return {"left": total // 2, "right": total - total // 2}


def shout(words: list[str]) -> str:
    """Join words loudly.

    :param words: The words to join.
    :returns: One loud line.
    """
    return " ".join(words).upper()


def hopeless(*args, untyped, thing: complex) -> None: ...
'''


@pytest.fixture
def acme(tmp_path):
    folder = tmp_path / "acme"
    shutil.copytree(ACME, folder)
    (folder / "things.py").write_text(THINGS)
    assert run(folder, "-m", "bridge", "generate", "--project", ".").returncode == 0
    return folder


def run(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{PROJECT}"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


def new(folder, *arguments):
    return run(folder, "-m", "bridge", "new", "step", *arguments)


def passes(folder, name):
    done = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/steps/test_{name}.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert run(folder, "-m", "bridge", "check", "--project", ".").returncode == 0


def calls(folder, name, given):
    script = (
        "import asyncio, json, sys; from importlib import import_module;"
        f"step = import_module('acme_steps.{name}'); hint = step.run.__annotations__['given'];"
        f"print(asyncio.run(step.run(hint.model_validate({given!r}))).model_dump_json(exclude={{'degraded', 'issues'}}))"
    )
    done = run(folder, "-c", script)
    assert done.returncode == 0, done.stderr
    import json

    return json.loads(done.stdout)


def test_a_new_step_is_three_files_that_pass_at_once(acme):
    done = new(acme, "say_hello")
    assert done.returncode == 0, done.stderr
    assert {Path(line.split()[1]).as_posix() for line in done.stdout.splitlines() if line.startswith("wrote")} == {
        "node_specs/say_hello.json", "acme_steps/say_hello.py", "tests/steps/test_say_hello.py",
    }  # fmt: skip
    assert (acme / "n8n-nodes/n8n-nodes-acme/nodes/SayHello/SayHello.node.ts").is_file()
    passes(acme, "say_hello")


@pytest.mark.parametrize(
    ("function", "given", "answer"),
    [
        ("pack", {"label": "x", "count": 4, "size": "large"}, {"label": "x", "weight": 6.0, "tags": ["sea", "LARGE"]}),
        ("split", {"total": 7}, {"left": 3, "right": 4}),
        ("shout", {"words": ["a", "b"]}, {"value": "A B"}),
    ],
)
def test_a_function_becomes_a_step(acme, function, given, answer):
    done = new(acme, f"{function}_it", "--from", f"things:{function}")
    assert done.returncode == 0, done.stderr
    passes(acme, f"{function}_it")
    assert calls(acme, f"{function}_it", given) == answer


def test_the_spec_says_what_the_function_says(acme):
    from bridge.specs import read_spec

    assert new(acme, "pack_it", "--from", "things:pack").returncode == 0
    spec = read_spec(acme / "node_specs/pack_it.json")
    properties = spec.input["properties"]
    assert spec.description == "Pack a number of things into one box."
    assert spec.input["required"] == ["label"]
    assert properties["label"] == {"type": "string", "description": "What stands on the box."}
    assert properties["count"] == {"type": "integer", "default": 2, "description": "How many things go in."}
    assert properties["size"]["enum"] == ["small", "large"]
    assert properties["size"]["default"] == "small"
    assert properties["mode"]["enum"] == ["air", "sea"]


def test_every_reason_why_a_function_cannot_be_a_step_is_told(acme):
    done = new(acme, "no_way", "--from", "things:hopeless")
    assert done.returncode == 1
    assert "args: must be a parameter that can be given by name" in done.stderr
    assert "untyped: has no type hint" in done.stderr
    assert "thing: a spec has no form for complex" in done.stderr
    assert not (acme / "node_specs/no_way.json").exists()


@pytest.mark.parametrize(
    "arguments", [("Bad-Name",), ("word_count",), ("x_y", "--from", "things:nobody"), ("x_y", "--from", "nowhere")]
)
def test_what_cannot_be_made_changes_nothing(acme, arguments):
    before = sorted(acme.rglob("*.json"))
    done = new(acme, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("bridge: ")
    assert sorted(acme.rglob("*.json")) == before
