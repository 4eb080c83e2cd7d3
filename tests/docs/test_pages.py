"""The written pages: every command can be run, every document read, every link followed."""

import ast
import asyncio
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer

from bridge.cli import build
from bridge.specs import read_folder
from bridge.web.routes import ROUTES

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")]
PAGES += sorted((PROJECT / "docs").glob("*.md"))
PLAIN = {"cp", "mkdir", "tar"}


def blocks(page, language):
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indent) for line in text.splitlines()) for indent, text in found]


def commands():
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in filter(None, block.splitlines()):
                yield pytest.param(line, id=f"{page.name}: {line}")


def parse_bridge(arguments):
    """Parse as the command line would, without running anything."""
    root = typer.main.get_command(build())
    name, command, rest = root.resolve_command(typer.Context(root), arguments)
    command.make_context(name, list(rest))


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_can_be_run(line):
    words = shlex.split(line)
    while re.fullmatch(r"[A-Z_0-9]+=.*", words[0]):
        words = words[1:]
    program, *rest = words
    if program == "./dev":
        known = re.findall(r"^(\w+)\)", (PROJECT / "dev").read_text(), re.MULTILINE)
        assert rest[0] in known
        if rest[0] == "bridge":
            parse_bridge(rest[1:])
    elif program == "bridge":
        parse_bridge(rest)
    elif program == "curl":
        path = re.search(r"http://127\.0\.0\.1:8007(/\S*)", line)[1]
        patterns = [re.sub(r"\{\w+\}", "[^/]+", route.path) for route in ROUTES]
        assert any(re.fullmatch(pattern, path) for pattern in patterns), path
        json.loads(rest[rest.index("-d") + 1])
    elif program == "docker":
        assert rest[0] == "compose"
    else:
        assert program in PLAIN | {"pip", "sudo", "apt-get", "sysctl", "kubectl", "git", "cd"}, (
            f"what does {program} do?"
        )


def test_a_command_that_does_not_exist_would_be_noticed():
    with pytest.raises(Exception, match="No such command"):
        parse_bridge(["upp"])
    with pytest.raises(Exception, match="No such option"):
        parse_bridge(["up", "--no-such-thing"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_document_in_a_page_can_be_read(page):
    for block in blocks(page, "json"):
        json.loads(block)
    for block in blocks(page, "python"):
        ast.parse(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_step_of_the_readme_works(tmp_path, monkeypatch):
    spec_text = next(block for block in blocks(PROJECT / "README.md", "json") if "word_count" in block)
    handler = next(block for block in blocks(PROJECT / "README.md", "python") if "WordCount" in block)
    (tmp_path / "word_count.json").write_text(spec_text)
    (spec,) = read_folder(tmp_path)
    from bridge.codegen import python_models

    scope = {"__name__": "word_count_models"}
    exec(compile(python_models.render(spec, "bridge.generated.models"), "models", "exec"), scope)
    body = handler.replace("from bridge.generated.models.word_count import WordCountInput, WordCountOutput", "")
    exec(compile(body, "handler", "exec"), scope)
    result = asyncio.run(scope["run"](scope["WordCountInput"](text="one two three")))
    assert result.words == 3


def test_the_picture_is_a_real_one():
    assert (PROJECT / "docs/images/canvas.png").read_bytes().startswith(b"\x89PNG")


def test_the_developers_script_explains_each_of_its_commands():
    done = subprocess.run([PROJECT / "dev"], capture_output=True, text=True, check=True)
    known = set(re.findall(r"^(\w+)\)", (PROJECT / "dev").read_text(), re.MULTILINE))
    explained = set(re.findall(r"^ *\./dev (\w+)", done.stdout, re.MULTILINE))
    assert known == explained


def test_the_shell_scripts_are_plain_posix():
    for script in ("dev", "docker/start-n8n.sh"):
        subprocess.run(["/bin/sh", "-n", PROJECT / script], check=True)
