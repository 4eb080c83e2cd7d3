"""Text from what was analysed stays text, in every field and every format."""

import io
import json
import re
import xml.etree.ElementTree as ET

import pdfplumber
import pytest
from markdown_it import MarkdownIt

from bridge.doors.press.inline import Inline
from bridge.doors.store.memory.ledger import MemoryLedger

VECTORS = [
    "{{ 7*7 }}", "{% for x in range(9) %}y{% endfor %}", "{{ report.__class__.__mro__ }}", "{{ ''.__class__ }}", "${7*7}",
    "#{7*7}", "<%= 7*7 %>", "{{= 7*7 }}", "={{ $env.SECRET }}", "${{ secrets.TOKEN }}", "{# comment #}",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "</title><script>1</script>",
    "</style><script>1</script>", '"><iframe src=//evil>', "' onmouseover='alert(1)", "<a href='javascript:alert(1)'>x</a>",
    "javascript:alert(1)", "<!-- -->", "]]><x>", "&lt;script&gt;", "&#60;script&#62;", "<details><summary>x",
    "![x](http://evil.example/p.png)", "[x](javascript:alert(1))", "[x]: http://evil.example", "<http://evil.example>",
    "http://evil.example/auto", "www.evil.example", "@everyone", "@octocat please", "#1 fixes #2", "| a | b |", "```\nout\n```",
    "~~~\nout", "`a` ``b``", "# Heading", "\n\n# Heading\n\n- list", "1. item", "> quote", "---", "===", "$x^2$",
    "\x1b[31mred\x1b[0m", "\x00nul", "\u202egnp.exe", "\u2066hidden\u2069", "a\u200bb", "\ud800", "\r\nSet-Cookie: x=1",
    "$(touch hostile_shell_ran)", "; touch hostile_shell_ran", "'; DROP TABLE findings;--", "=cmd|'/C calc'!A0", "x" * 5000,
]  # fmt: skip


def result_of(text):
    place = {"uri": text, "start_line": 1, "symbol": text}
    finding = {
        "rule_id": text, "severity": "high", "confidence": 1, "message": text, "help": text, "place": place,
        "fingerprint": text, "cwe": [text], "fix": {"description": text, "patch": text},
    }  # fmt: skip
    segment = {"id": "0", "modality": "text", "kind": "ocr", "text": text, "place": place}
    document = {
        "id": "1",
        "uri": text,
        "media_type": text,
        "size": 1,
        "metadata": {text: text},
        "segments": [segment],
        "issues": [],
    }
    test = {"name": text, "status": "failed", "message": text, "trace": text, "duration": 1, "flaky": True}
    return {
        "title": text, "step": text, "verdict": "fail", "summary": text,
        "reasons": [{"code": text, "message": text, "outcome": "fail", "expected": text, "actual": text}],
        "issues": [{"code": text, "where": text, "message": text}],
        "degraded": [{"engine": text, "reason": text, "fallback": text}],
        "analysis": {"findings": [finding], "documents": [document], "metrics": {"key": text}},
        "ctrf": {"results": {"tool": {"name": text, "version": text}, "summary": {"tests": 1, "failed": 1}, "tests": [test]}},
        "coverage": {"total": 1, "files": {text: 1.0}}, "changes": [{"kind": text, "path": text}],
        "diagrams": [{"title": text, "mermaid": text, "alt": text}], text: text, "nested": {"a": {"b": text}}, "list": [text, text],
    }  # fmt: skip


async def written(try_step, kind, text, **given):
    given = {
        "format": kind,
        "include_diagrams": False,
        "items": [result_of(text)],
        "title": text[:200].encode("utf-8", "replace").decode(),
        **given,
    }
    doors = {"press": Inline(), "ledger": MemoryLedger(), "fetcher": None}
    result = await try_step("report_generation", given, **doors)
    return result, (try_step.files.folder / result["files"][-1]["name"]).read_bytes()


vectors = pytest.mark.parametrize("text", VECTORS, ids=range(len(VECTORS)))


@vectors
async def test_in_the_page_it_is_text(try_step, text):
    _, raw = await written(try_step, "html", text)
    page = raw.decode("utf-8")
    own = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    tags = {each.lower() for each in re.findall(r"<\s*/?\s*([a-zA-Z][a-zA-Z0-9]*)", own)}
    assert not tags & {"script", "iframe", "svg", "object", "embed", "form", "link", "base", "details"}
    for tag in re.findall(r"<[a-zA-Z][^>]*>", own):
        assert not re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', tag))
    assert "<class" not in page
    assert "7*7" not in text or page.count("7*7") >= 10
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page)


@vectors
async def test_in_markdown_it_is_text(try_step, text):
    result, _ = await written(try_step, "markdown", text)
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(result["report"])
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inline)}
    assert not kinds & {"html_block", "html_inline", "image", "link_open", "blockquote_open"}
    headings = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    assert "Heading" not in headings
    assert not re.search(
        r"(?<!\w)@(everyone|octocat)", " ".join(token.content for token in inline if token.type == "text")
    )
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", result["report"])


@vectors
async def test_for_tools_it_is_text(try_step, text):
    for kind in ("sarif", "json"):
        _, raw = await written(try_step, kind, text)
        json.loads(raw)
    _, raw = await written(try_step, "junit", text)
    assert ET.fromstring(raw.decode("utf-8")).tag == "testsuites"


async def test_on_paper_it_is_text(try_step):
    _, raw = await written(try_step, "pdf", VECTORS[0] + " " + VECTORS[11] + " " + VECTORS[12])
    with pdfplumber.open(io.BytesIO(raw)) as document:
        assert "<script>alert(1)</script>" in document.pages[0].extract_text().replace("\n", " ")
        assert not document.hyperlinks or all(not each.get("uri") for each in document.hyperlinks)


@vectors
async def test_in_the_ledger_and_the_review_it_is_text(try_step, text):
    result, _ = await written(try_step, "markdown", text, repository="acme/shop", pull_request=1, diff=text)
    json.dumps(result).encode("utf-8")
    assert result["review"]["github"]["comments"] == []


GARBAGE = [None, 0, -1, 1e400, True, "x", [], {}, [[]], [None], {"a": None}, [{"b": [{"c": {}}]}], "\ud800", 10**30]


KEYS = [
    "analysis",
    "findings",
    "ctrf",
    "coverage",
    "changes",
    "checks",
    "reasons",
    "verdict",
    "issues",
    "files",
    "diagrams",
]


@pytest.mark.parametrize("key", [*KEYS, "results", "title", "step"])
async def test_whatever_stands_in_a_result_is_reported_without_a_crash(try_step, key):
    items = []
    for value in GARBAGE:
        inside = {
            "findings": value,
            "documents": value,
            "metrics": value,
            "results": value,
            "files": value,
            "total": value,
        }
        strange = {"severity": value, "place": value, "fix": value, "message": value}
        items += [{key: value}, {key: inside}, {key: [inside, strange]}]
    doors = {"press": Inline(), "ledger": MemoryLedger(), "fetcher": None}
    result = await try_step("report_generation", {"items": items, "format": "html", "include_diagrams": False}, **doors)
    assert result["counts"]["sources"] == len(items)


async def test_a_template_that_trusts_its_text_would_be_seen(try_step):
    doors = {"press": Inline({"bad.html.j2": "{{ report.title | safe }}"}), "ledger": MemoryLedger(), "fetcher": None}
    given = {
        "format": "html",
        "template": "bad",
        "include_diagrams": False,
        "items": [{}],
        "title": "<script>1</script>",
    }
    await try_step("report_generation", given, **doors)
    assert "<script>" in (try_step.files.folder / "report.html").read_text("utf-8")
