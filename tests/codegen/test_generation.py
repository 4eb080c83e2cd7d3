"""Generated files: the same specs give the same bytes, and every difference on the disk is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.codegen import open_project, render_all, stale, write
from bridge.problems import BadSetting, NotFound

PROJECT = Path(__file__).parents[2]
ACME = PROJECT / "tests/fixtures/acme_pack"


@pytest.fixture
def acme(tmp_path):
    shutil.copytree(ACME, tmp_path / "acme")
    return tmp_path / "acme"


def render(folder):
    project = open_project(folder)
    return render_all(project.specs, project.layout), project.layout.owned


def bridge(*arguments, seed="0"):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": seed}
    return subprocess.run(
        [sys.executable, "-m", "bridge", *arguments], capture_output=True, text=True, check=False, env=environment
    )


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_our_own_generated_files_are_up_to_date():
    files, owned = render(PROJECT)
    assert stale(files, owned) == []


def test_two_generations_give_the_same_bytes(tmp_path):
    for name, seed in (("one", "1"), ("two", "2")):
        shutil.copytree(ACME, tmp_path / name)
        done = bridge("generate", "--project", str(tmp_path / name), seed=seed)
        assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_our_own_package_is_rendered_alike_in_two_processes():
    script = (
        "import hashlib, sys; from pathlib import Path; from bridge.codegen import open_project, render_all;"
        "p = open_project(Path(sys.argv[1])); files = render_all(p.specs, p.layout);"
        "print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())"
    )
    digests = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script, PROJECT], capture_output=True, text=True, check=True, env=environment
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_check_finds_an_edited_a_missing_and_an_orphaned_file(acme):
    files, owned = render(acme)
    write(files, owned)
    assert bridge("check", "--project", str(acme)).returncode == 0
    nodes = acme / "n8n-nodes/n8n-nodes-acme/nodes"
    with (nodes / "WordCount/WordCount.node.ts").open("a") as node:
        node.write("// edited\n")
    (nodes / "WordCount/WordCount.node.json").unlink()
    (nodes / "Old").mkdir()
    (nodes / "Old/Old.node.ts").write_text("export {};\n")
    done = bridge("check", "--project", str(acme))
    assert done.returncode == 1
    found = {line.split()[0]: Path(line.split()[1]).name for line in done.stderr.splitlines() if "/" in line}
    assert found == {"edited": "WordCount.node.ts", "missing": "WordCount.node.json", "orphaned": "Old.node.ts"}
    assert "Run `bridge generate`" in done.stderr
    assert bridge("generate", "--project", str(acme)).returncode == 0
    assert bridge("check", "--project", str(acme)).returncode == 0
    assert not (nodes / "Old/Old.node.ts").exists()


@pytest.mark.parametrize(
    "place", ["acme_steps/generated", "n8n-nodes/n8n-nodes-acme/transport", "docs/reference/steps"]
)
def test_every_generated_folder_is_watched(acme, place):
    files, owned = render(acme)
    write(files, owned)
    (acme / place / "stray.txt").write_text("x")
    assert [(each.kind, each.path.name) for each in stale(files, owned)] == [("orphaned", "stray.txt")]


def test_hand_written_files_are_left_alone():
    files, owned = render(PROJECT)
    nodes = PROJECT / "n8n-nodes/n8n-nodes-multimodal-bridge"
    for written in ("transport/steps.ts", "icons/bridge.svg", "test/step.test.mjs", "eslint.config.mjs"):
        path = nodes / written
        assert path.is_file()
        assert path not in files
        assert not any(path.is_relative_to(folder) for folder in owned)


def test_every_step_has_a_node_an_output_schema_and_a_page():
    project = open_project(PROJECT)
    files = render_all(project.specs, project.layout)
    for spec in project.specs:
        nodes = project.layout.nodes / "nodes" / spec.stem
        assert nodes / f"{spec.stem}.node.ts" in files
        assert nodes / f"{spec.stem}.node.json" in files
        assert nodes / f"__schema__/v{spec.version}.0.0.json" in files
        assert "$ref" not in files[nodes / f"__schema__/v{spec.version}.0.0.json"]
        assert project.layout.reference / f"{spec.name}.md" in files


def test_an_unknown_pack_names_the_known_ones(tmp_path):
    with pytest.raises(NotFound, match=r"No pack 'nope' is installed.*multimodal-bridge"):
        open_project(PROJECT, "nope")


def test_a_folder_without_a_project_says_what_is_missing(tmp_path):
    with pytest.raises(NotFound, match=r"no pyproject\.toml"):
        open_project(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    with pytest.raises(BadSetting, match=r"\[tool\.bridge\]"):
        open_project(tmp_path)
