"""report_generation: what it gathers, what it says, and what it never lets through."""

from datetime import UTC, datetime

import pytest

from bridge.authoring import Earlier
from bridge.problems import InvalidInput

FINDING = {
    "rule_id": "py-sql-injection",
    "severity": "high",
    "confidence": 0.9,
    "message": "A query is put together from request data.",
    "help": "Anyone can change what the query does.",
    "place": {"uri": "src/app.py", "start_line": 4, "end_line": 4, "symbol": "load"},
    "fingerprint": "f1",
    "cwe": ["CWE-89"],
    "fix": {
        "description": "Bind the value.",
        "patch": "--- a/src/app.py\n+++ b/src/app.py\n@@ -4 +4 @@\n-    old\n+    new",
    },
}
CODE = (
    "def load(request):\n    db = connect()\n    name = request.args['name']\n    return db.execute('select ' + name)\n"
)


def analysis(*findings, text=CODE):
    segment = {
        "id": "0",
        "modality": "text",
        "kind": "code",
        "text": text,
        "place": {"uri": "src/app.py", "start_line": 1},
    }
    document = {
        "id": "d", "uri": "src/app.py", "media_type": "text/x-python", "size": 9, "metadata": {},
        "segments": [segment], "issues": [],
    }  # fmt: skip
    return {"analysis": {"findings": list(findings), "documents": [document], "metrics": {"documents": 1}}}


def earlier(step, node, result):
    return Earlier(f"run-of-{step}", step, node, {"success": True, **result}, datetime.now(UTC))


@pytest.fixture
def reviewed(try_step):
    """An execution in which an analysis, a test run, a gate and a notification have ended."""
    try_step.results.earlier += [
        earlier("gate", "Entry", {"verdict": "pass", "reasons": []}),
        earlier("multimodal_analysis", "Analyze Changes", analysis(FINDING)),
        earlier("test_execution", "Run Tests", {"verdict": "pass", "reasons": [], "test_success_rate": 100}),
        earlier("notification", "Notify", {"verdict": "pass"}),
    ]
    return try_step


async def test_by_default_everything_the_execution_did_is_reported_but_gates_and_notifications(reviewed):
    result = await reviewed("report_generation", {})
    assert "Analyze Changes" in result["report"]
    assert "Run Tests" in result["report"]
    assert "Entry" not in result["report"]
    assert "Notify" not in result["report"]
    assert result["counts"]["sources"] == 2


async def test_a_finding_is_shown_with_its_code_and_its_patch(reviewed):
    report = (await reviewed("report_generation", {}))["report"]
    assert "A query is put together from request data." in report
    assert "`src/app.py:4 in load`" in report
    assert "return db.execute('select ' + name)" in report
    assert "```diff\n--- a/src/app.py" in report


async def test_suggestions_can_be_left_out(reviewed):
    report = (await reviewed("report_generation", {"include_suggestions": False}))["report"]
    assert "A query is put together" in report
    assert "Bind the value." not in report
    assert "```diff" not in report


async def test_a_severe_finding_fails_the_report_and_says_so(reviewed):
    result = await reviewed("report_generation", {})
    assert result["verdict"] == "fail"
    assert [each["code"] for each in result["reasons"] if each["outcome"] == "fail"] == ["findings"]
    assert result["summary"].startswith("Failed: 1 finding (1 high) in 2 results.")


async def test_the_bar_for_failing_is_the_callers(reviewed):
    assert (await reviewed("report_generation", {"fail_on": "critical"}))["verdict"] == "pass"
    assert (await reviewed("report_generation", {"fail_on": "never"}))["verdict"] == "pass"


async def test_nothing_to_report_is_refused_with_the_ways_to_have_something(try_step):
    with pytest.raises(InvalidInput, match=r"sources.*items"):
        await try_step("report_generation", {})


async def test_an_unknown_format_is_refused(reviewed):
    with pytest.raises(InvalidInput, match="format"):
        await reviewed("report_generation", {"format": "docx"})


async def test_sources_choose_what_is_reported(reviewed):
    result = await reviewed("report_generation", {"sources": ["node:Run Tests"]})
    assert "Run Tests" in result["report"]
    assert "Analyze Changes" not in result["report"]


async def test_given_items_need_no_execution(try_step):
    result = await try_step(
        "report_generation",
        {"items": [{"title": "Sales", "verdict": "pass", "rows": [{"region": "North", "sum": 12}]}]},
    )
    assert "## Sales" in result["report"]
    assert "| North | 12 |" in result["report"]
    assert result["verdict"] == "pass"


async def test_results_that_judge_nothing_are_no_pass(try_step):
    result = await try_step("report_generation", {"items": [{"title": "Notes", "text": "nothing to judge"}]})
    assert result["verdict"] == "inconclusive"


async def test_an_analysis_that_read_nothing_is_no_pass(try_step):
    empty = {"analysis": {"findings": [], "documents": [], "metrics": {}}}
    assert (await try_step("report_generation", {"items": [empty]}))["verdict"] == "inconclusive"


async def test_markdown_comes_back_as_a_file_too(reviewed):
    result = await reviewed("report_generation", {})
    assert [(each["name"], each["media_type"]) for each in result["files"]] == [("report.md", "text/markdown")]
    assert (reviewed.files.folder / "report.md").read_text("utf-8") == result["report"]


async def test_html_is_one_page_that_loads_nothing(reviewed):
    result = await reviewed("report_generation", {"format": "html"})
    page = (reviewed.files.folder / "report.html").read_text("utf-8")
    assert result["files"][0]["media_type"] == "text/html"
    assert "A query is put together from request data." in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page


async def test_a_report_too_long_for_a_comment_ends_with_a_link_to_the_whole(try_step):
    many = [{**FINDING, "fingerprint": str(number), "message": f"Finding number {number}"} for number in range(900)]
    result = await try_step("report_generation", {"items": [analysis(*many)]})
    assert 50_000 < len(result["report"]) <= 65_536
    assert result["files"][0]["url"] in result["report"]
    assert len((try_step.files.folder / "report.md").read_text("utf-8")) > 65_536
    assert result["report"].count("\n```") % 2 == 0


async def test_one_finding_of_two_steps_is_shown_once_with_both(try_step):
    items = [{"title": "First", **analysis(FINDING)}, {"title": "Second", **analysis(FINDING)}]
    result = await try_step("report_generation", {"items": items})
    assert result["counts"]["findings"] == 1
