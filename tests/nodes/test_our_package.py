"""Our npm package passes n8n's own judges, and the judges do judge."""

import json
import tarfile

import pytest

from bridge.local.packages import build_package
from bridge.local.places import NODE_PACKAGE

STEP = "nodes/MultimodalAnalysis/MultimodalAnalysis.node.ts"


def test_the_nodes_behave_as_their_unit_tests_say(built):
    tests = [str(path) for path in sorted((built.folder / "test").glob("*.test.mjs"))]
    done = built.tool("node", "--test", "--test-reporter=tap", *tests)
    assert done.code == 0, done.said
    assert "\n# fail 0" in done.said
    assert int(done.said.split("\n# pass ")[1].split()[0]) > 70


def test_the_unit_tests_fail_when_the_node_does(built, tmp_path):
    from tests.nodes.conftest import Workshop

    broken = Workshop(built.folder, tmp_path / "broken")
    broken.edit("transport/signatures.ts", "TOLERANCE_SECONDS = 300", "TOLERANCE_SECONDS = 3000")
    broken.edit("transport/steps.ts", "[this.getExecutionId(), node.id", "[node.id")
    assert broken.build().code == 0
    done = broken.tool("node", "--test", "--test-reporter=tap", "test/trigger.test.mjs", "test/step.test.mjs")
    failed = [line for line in done.said.splitlines() if line.startswith("not ok")]
    assert any("too old" in line for line in failed)
    assert any("who asks in the headers" in line for line in failed)


def test_the_linter_has_nothing_to_say_in_strict_mode(built):
    done = built.lint()
    assert json.loads((built.folder / "package.json").read_text("utf-8"))["n8n"]["strict"] is True
    assert (done.code, done.findings) == (0, []), done.said


def test_the_linter_does_look(workshop):
    workshop.edit(STEP, "usableAsTool: true,", "")
    workshop.edit(STEP, "displayName: 'Additional Options'", "displayName: 'additional options'")
    workshop.edit(STEP, "description: 'Whether to return", "description: 'Return")
    workshop.edit(
        "transport/times.ts",
        "const WITHOUT_ZONE",
        "import axios from 'axios';\nsetTimeout(axios, 1);\nconst WITHOUT_ZONE",
    )
    workshop.edit("package.json", '"files": [\n\t\t"dist"\n\t],', '"files": [],')
    done = workshop.lint()
    assert done.code != 0
    assert {
        "node-usable-as-tool", "node-param-display-name-miscased", "node-param-description-boolean-without-whether",
        "no-restricted-globals", "no-restricted-imports",
    } <= done.rules, done.said  # fmt: skip
    assert ("warning", "require-files-array") in done.findings, done.said


def test_strict_mode_refuses_another_linter_configuration(workshop):
    workshop.edit("eslint.config.mjs", "export default config;", "export default [...config];")
    assert workshop.lint().code != 0


def test_a_type_error_fails_the_build(workshop):
    workshop.edit(STEP, "name: 'multimodal_analysis'", "name: 42")
    done = workshop.build()
    assert done.code != 0
    assert "not assignable" in done.said


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(build_package(NODE_PACKAGE)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def test_n8ns_scan_passes_the_source_and_the_tarball(built, unpacked):
    for folder, kind in ((built.folder, "source"), (unpacked, "tarball")):
        done = built.scan(folder, kind)
        assert done.said.startswith("PASSED"), done.said


def test_n8ns_scan_does_look(built, unpacked, workshop, tmp_path):
    workshop.edit(
        STEP, "const STEP: Step", "// eslint-disable-next-line\nconsole.log(process.env.HOME);\nconst STEP: Step"
    )
    done = built.scan(workshop.folder, "source")
    assert done.code == 1
    assert "FAILED" in done.said
    spoiled = tmp_path / "spoiled"
    import shutil

    shutil.copytree(unpacked, spoiled)
    (spoiled / "dist/transport/times.js").write_text("require('axios');\n", "utf-8")
    done = built.scan(spoiled, "tarball")
    assert done.code == 1
    assert "axios" in done.said


def test_the_tarball_holds_what_n8n_needs_and_no_more(unpacked):
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    about = json.loads((unpacked / "package.json").read_text("utf-8"))
    listed = {*about["n8n"]["nodes"], *about["n8n"]["credentials"]}
    assert listed <= names
    assert {each.replace(".js", ".json") for each in about["n8n"]["nodes"]} <= names
    assert "dist/nodes/MultimodalAnalysis/__schema__/v1.0.0.json" in names
    assert {"dist/icons/bridge.svg", "dist/icons/bridge.dark.svg"} <= names
    assert not any(name.startswith(("test/", "nodes/", "transport/", "node_modules/")) for name in names)
    assert "dependencies" not in about
