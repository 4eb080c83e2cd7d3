"""multimodal_analysis takes its content from wherever it is."""

import pytest

from bridge.doors.analysers.embedded import Embedded
from bridge.doors.closed import Closed


@pytest.fixture
async def analysis(try_step):
    """Run the step on real engines: ``await analysis({...})``."""
    engines = Embedded()
    closed = Closed("not in this test")

    async def run(given, **doors):
        every = {"analysers": engines, "roots": closed, "fetcher": closed, "worktree": closed, **doors}
        return await try_step("multimodal_analysis", given, **every)

    run.trial = try_step
    yield run
    await engines.close()


async def test_text_comes_back_with_content_and_findings(analysis):
    result = await analysis({"text": "eval(input())"})
    assert result["success"]
    assert result["analysis"]["documents"][0]["segments"][0]["text"] == "eval(input())"
    assert "CWE-95" in result["analysis"]["findings"][0]["cwe"]
    assert result["analysis"]["metrics"]["by_severity"]["high"] >= 1


async def test_a_named_text_is_known_by_its_extension(analysis):
    given = {
        "text": "const q = `SELECT * FROM users WHERE id = ${id}`",
        "document_name": "app.js",
        "analysis_type": "security",
    }
    result = await analysis(given)
    assert [each["rule_id"] for each in result["analysis"]["findings"]] == ["javascript/sql-text"]
    assert result["file_path"] == "app.js"


async def test_an_upload_is_read(analysis, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("# Plan\n\nShip it.\n")
    analysis.trial.files.uploads["file:1"] = path
    result = await analysis({"file": "file:1"})
    document = result["analysis"]["documents"][0]
    assert document["media_type"] == "text/markdown"
    assert [each["kind"] for each in document["segments"]] == ["heading", "text"]


async def test_findings_leave_as_a_sarif_file_when_asked_for(analysis):
    result = await analysis({"text": "eval(input())", "include_sarif": True})
    assert [each["media_type"] for each in result["files"]] == ["application/sarif+json"]


async def test_what_no_engine_reads_is_a_problem_that_names_the_file(analysis, tmp_path):
    path = tmp_path / "blob.bin"
    path.write_bytes(bytes(range(256)) * 20)
    analysis.trial.files.uploads["file:1"] = path
    with pytest.raises(Exception, match=r"blob\.bin"):
        await analysis({"file": "file:1"})
