"""Packages made from other people's specs: a pack of a third party, and fields of every odd kind."""

import json
import shutil
from pathlib import Path

import pytest

from bridge.codegen import open_project, render_all, stale, write
from tests.nodes.conftest import Workshop

FIXTURES = Path(__file__).parents[1] / "fixtures"


def generated(folder: Path) -> Path:
    """Generate the project in *folder* and return its npm package."""
    project = open_project(folder)
    files = render_all(project.specs, project.layout)
    write(files, project.layout.owned)
    assert stale(files, project.layout.owned) == []
    return project.layout.nodes


@pytest.fixture
def acme(tmp_path):
    shutil.copytree(FIXTURES / "acme_pack", tmp_path / "acme")
    return tmp_path / "acme"


@pytest.fixture
def odd(tmp_path):
    shutil.copytree(FIXTURES / "acme_pack", tmp_path / "odd", ignore=shutil.ignore_patterns("node_specs"))
    shutil.copytree(FIXTURES / "odd_specs", tmp_path / "odd/node_specs")
    return tmp_path / "odd"


def test_a_third_party_pack_gets_an_npm_package_that_builds_lints_and_scans(acme, tmp_path):
    workshop = Workshop(generated(acme), tmp_path / "package")
    about = json.loads((workshop.folder / "package.json").read_text("utf-8"))
    assert (about["name"], about["version"], about["author"]["name"]) == ("n8n-nodes-acme", "1.2.0", "Acme")
    assert about["n8n"]["nodes"] == [
        "dist/nodes/FileCopy/FileCopy.node.js",
        "dist/nodes/SlowCount/SlowCount.node.js",
        "dist/nodes/WordCount/WordCount.node.js",
    ]
    assert about["n8n"]["credentials"] == ["dist/credentials/AcmeApi.credentials.js"]
    done = workshop.build()
    assert done.code == 0, done.said
    done = workshop.lint()
    assert (done.code, done.findings) == (0, []), done.said
    done = workshop.scan(workshop.folder, "source")
    assert done.said.startswith("PASSED"), done.said


def test_a_pack_brings_its_own_icons_and_none_that_it_does_not_use(acme):
    nodes = generated(acme)
    assert {path.name for path in (nodes / "icons").iterdir()} == {
        "abacus.svg", "abacus.dark.svg", "bridge.svg", "bridge.dark.svg", "file.svg", "file.dark.svg",
    }  # fmt: skip
    assert "icons/abacus.svg" in (nodes / "nodes/WordCount/WordCount.node.ts").read_text("utf-8")


def test_fields_of_every_odd_kind_build_and_lint_clean(odd, tmp_path):
    workshop = Workshop(generated(odd), tmp_path / "package")
    done = workshop.build()
    assert done.code == 0, done.said
    done = workshop.lint()
    assert (done.code, done.findings) == (0, []), done.said


def test_every_odd_field_arrives_on_the_wire_under_its_own_name(odd):
    project = open_project(odd)
    from bridge.specs import fields_of

    spec = next(each for each in project.specs if each.name == "odd_fields")
    fields = fields_of(spec)
    assert {each.wire for each in fields} == set(spec.input["properties"])
    assert len({each.param for each in fields}) == len(fields)
