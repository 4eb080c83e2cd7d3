"""report_generation: what it gathers, what it says, and what it never lets through."""

import base64
import io
import json
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pdfplumber
import pytest
from junitparser import JUnitXml
from PIL import Image
from weasyprint import HTML

from bridge.authoring import Earlier
from bridge.doors.press.inline import Inline
from bridge.doors.store.memory.ledger import MemoryLedger
from bridge.problems import InvalidInput, Unusable
from bridge.steps.report_generation.printing import typeset

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


@asynccontextmanager
async def sink(asked):
    """A web server that notes what it is asked for."""

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Reporter:
    """Makes reports without diagrams, which take most of the time, unless a test asks for them."""

    def __init__(self, trial):
        self.trial = trial
        self.folder = trial.files.folder
        self.ledger = MemoryLedger()
        self.fetcher = None

    async def __call__(self, given, press=None):
        given = {"include_diagrams": False, **given}
        doors = {"press": press or Inline(), "ledger": self.ledger, "fetcher": self.fetcher}
        return await self.trial("report_generation", given, **doors)


@pytest.fixture
def report(try_step):
    return Reporter(try_step)


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


async def test_by_default_everything_the_execution_did_is_reported_but_gates_and_notifications(reviewed, report):
    result = await report({})
    assert "Analyze Changes" in result["report"]
    assert "Run Tests" in result["report"]
    assert "Entry" not in result["report"]
    assert "Notify" not in result["report"]
    assert result["counts"]["sources"] == 2


async def test_a_finding_is_shown_with_its_code_and_its_patch(reviewed, report):
    text = (await report({}))["report"]
    assert "A query is put together from request data." in text
    assert "`src/app.py:4 in load`" in text
    assert "return db.execute('select ' + name)" in text
    assert "```diff\n--- a/src/app.py" in text


async def test_suggestions_can_be_left_out(reviewed, report):
    text = (await report({"include_suggestions": False}))["report"]
    assert "A query is put together" in text
    assert "Bind the value." not in text
    assert "```diff" not in text


async def test_a_severe_finding_fails_the_report_and_says_so(reviewed, report):
    result = await report({})
    assert result["verdict"] == "fail"
    assert [each["code"] for each in result["reasons"] if each["outcome"] == "fail"] == ["findings"]
    assert result["summary"].startswith("Failed: 1 finding (1 high) in 2 results.")


async def test_the_bar_for_failing_is_the_callers(reviewed, report):
    assert (await report({"fail_on": "critical"}))["verdict"] == "pass"
    assert (await report({"fail_on": "never"}))["verdict"] == "pass"


async def test_nothing_to_report_is_refused_with_the_ways_to_have_something(report):
    with pytest.raises(InvalidInput, match=r"sources.*items"):
        await report({})


async def test_an_unknown_format_is_refused(reviewed, report):
    with pytest.raises(InvalidInput, match="format"):
        await report({"format": "docx"})


async def test_sources_choose_what_is_reported(reviewed, report):
    result = await report({"sources": ["node:Run Tests"]})
    assert "Run Tests" in result["report"]
    assert "Analyze Changes" not in result["report"]


async def test_given_items_need_no_execution(report):
    result = await report({"items": [{"title": "Sales", "verdict": "pass", "rows": [{"region": "North", "sum": 12}]}]})
    assert "## Sales" in result["report"]
    assert "| North | 12 |" in result["report"]
    assert result["verdict"] == "pass"


async def test_results_that_judge_nothing_are_no_pass(report):
    result = await report({"items": [{"title": "Notes", "text": "nothing to judge"}]}, press=Inline())
    assert result["verdict"] == "inconclusive"


async def test_an_analysis_that_read_nothing_is_no_pass(report):
    empty = {"analysis": {"findings": [], "documents": [], "metrics": {}}}
    assert (await report({"items": [empty]}))["verdict"] == "inconclusive"


async def test_markdown_comes_back_as_a_file_too(reviewed, report):
    result = await report({})
    assert [(each["name"], each["media_type"]) for each in result["files"]] == [("report.md", "text/markdown")]
    assert (report.folder / "report.md").read_text("utf-8") == result["report"]


async def test_html_is_one_page_that_loads_nothing(reviewed, report):
    result = await report({"format": "html"})
    page = (report.folder / "report.html").read_text("utf-8")
    assert result["files"][0]["media_type"] == "text/html"
    assert "A query is put together from request data." in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page


async def test_a_report_too_long_for_a_comment_ends_with_a_link_to_the_whole(report):
    many = [{**FINDING, "fingerprint": str(number), "message": f"Finding number {number}"} for number in range(900)]
    result = await report({"items": [analysis(*many)]})
    assert 50_000 < len(result["report"]) <= 65_536
    assert result["files"][0]["url"] in result["report"]
    assert len((report.folder / "report.md").read_text("utf-8")) > 65_536
    assert result["report"].count("\n```") % 2 == 0


async def test_one_finding_of_two_steps_is_shown_once_with_both(report):
    items = [{"title": "First", **analysis(FINDING)}, {"title": "Second", **analysis(FINDING)}]
    result = await report({"items": items})
    assert result["counts"]["findings"] == 1


async def test_a_pdf_is_one_and_says_the_same(reviewed, report):
    result = await report({"format": "pdf", "include_diagrams": True})
    raw = (report.folder / "report.pdf").read_bytes()
    assert result["files"][0]["media_type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(raw)) as document:
        text = "\n".join(page.extract_text() for page in document.pages)
    assert "A query is put together from request data." in text
    assert "Steps of this execution" in text
    assert result["degraded"] == []


async def test_the_printing_engine_opens_no_address():
    asked = []
    async with sink(asked) as address:
        page = f'<img src="{address}/a.png"><link rel="stylesheet" href="{address}/b.css"><p style="background:url({address}/c)">x'
        assert typeset(page).startswith(b"%PDF")
        assert typeset('<img src="file:///etc/hostname"><p>x').startswith(b"%PDF")
        assert asked == []
        HTML(string=page).write_pdf()  # the same page, printed without the guard, does ask
        assert "/a.png" in asked


async def test_sarif_carries_the_finding_and_its_fingerprint(reviewed, report):
    await report({"format": "sarif"})
    log = json.loads((report.folder / "report.sarif").read_text("utf-8"))
    assert log["version"] == "2.1.0"
    found = log["runs"][0]["results"][0]
    assert found["ruleId"] == "py-sql-injection"
    assert found["partialFingerprints"] == {"bridge/v1": "f1"}
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == 4


async def test_json_carries_everything_the_page_shows(reviewed, report):
    await report({"format": "json"})
    document = json.loads((report.folder / "report.json").read_text("utf-8"))
    assert document["verdict"] == "fail"
    assert document["findings"][0]["fingerprint"] == "f1"
    assert document["findings"][0]["excerpt"]["first_line"] == 1
    assert [each["title"] for each in document["parts"]] == ["Analyze Changes", "Run Tests"]


CTRF = {
    "results": {
        "tool": {"name": "pytest"},
        "summary": {"tests": 2, "passed": 1, "failed": 1, "skipped": 0, "pending": 0, "other": 0},
        "tests": [
            {"name": "test_good", "status": "passed", "duration": 10},
            {"name": "test_bad", "status": "failed", "duration": 20, "message": "1 != 2", "trace": "assert 1 == 2"},
        ],
    }
}


async def test_junit_carries_findings_verdicts_and_tests(report):
    await report({"format": "junit", "items": [analysis(FINDING), {"title": "Tests", "verdict": "fail", "ctrf": CTRF}]})
    document = JUnitXml.fromfile(str(report.folder / "report.xml"))
    suites = {suite.name: suite for suite in document}
    assert set(suites) == {"findings", "verdicts", "Tests"}
    assert (suites["Tests"].tests, suites["Tests"].failures) == (2, 1)
    assert suites["findings"].failures == 1


async def test_charts_and_the_flow_of_steps_are_drawn_inside_the_page(report):
    items = [analysis(FINDING), {"title": "Tests", "verdict": "fail", "ctrf": CTRF}]
    result = await report({"format": "html", "include_diagrams": True, "items": items})
    page = (report.folder / "report.html").read_text("utf-8")
    assert page.count('src="data:image/svg+xml;base64,') == 3
    assert 'alt="Bar chart, findings: critical 0, high 1' in page
    assert "```mermaid\nflowchart LR" in result["report"]
    assert result["degraded"] == []


async def test_a_diagram_that_is_none_is_left_out_and_said(report):
    items = [{"title": "Map", "diagrams": [{"title": "Broken", "mermaid": "flowchart LR\n A-->-->B"}]}]
    result = await report({"include_diagrams": True, "items": items})
    assert [each["engine"] for each in result["degraded"]] == ["diagram Broken"]
    assert "mermaid" not in result["report"]


async def test_images_that_steps_made_are_shown_small(report, tmp_path):
    big = tmp_path / "shot.png"
    Image.new("RGB", (3000, 2000), "navy").save(big)
    report.trial.files.uploads["file:abc"] = big
    files = [{"file_id": "abc", "name": "shot.png", "media_type": "image/png"}]
    await report({"format": "html", "include_diagrams": True, "items": [{"title": "Shot", "files": files}]})
    page = (report.folder / "report.html").read_text("utf-8")
    picture = re.search(r'src="data:image/png;base64,([^"]+)" alt="Image shot.png"', page)
    assert Image.open(io.BytesIO(base64.b64decode(picture.group(1)))).size == (480, 320)


async def test_a_template_of_ones_own_is_used(report):
    press = Inline({"weekly.md.j2": "# Weekly: {{ report.title }}\n{{ report.findings | length }} findings\n"})
    result = await report({"template": "weekly", "title": "Mon <b>", "items": [analysis(FINDING)]}, press)
    assert result["report"] == "# Weekly: Mon &lt;b&gt;\n1 findings\n"


async def test_an_unknown_template_is_refused_naming_the_known(report):
    with pytest.raises(Unusable, match=r"weekly.*BRIDGE_REPORT_TEMPLATES"):
        await report({"template": "daily", "items": [{"a": 1}]}, Inline({"weekly.md.j2": "x"}))


async def test_a_broken_template_is_named_with_its_line(report):
    with pytest.raises(Unusable, match=r"weekly.md.j2, line 2"):
        await report({"template": "weekly", "items": [{"a": 1}]}, Inline({"weekly.md.j2": "a\n{% if %}"}))
    with pytest.raises(Unusable, match="no_such"):
        await report({"template": "weekly", "items": [{"a": 1}]}, Inline({"weekly.md.j2": "{{ no_such }}"}))
