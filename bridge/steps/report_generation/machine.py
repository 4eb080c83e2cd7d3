"""The report for tools: SARIF 2.1.0, JSON and JUnit XML."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from junitparser import Error, Failure, JUnitXml, Properties, Property, Skipped, TestCase, TestSuite

from bridge.authoring import Finding, finding_from, one_line, sarif
from bridge.steps.report_generation.blocks import Noted, Part, Report
from bridge.steps.report_generation.gathering import Source
from bridge.steps.report_generation.noting import whole
from bridge.steps.report_generation.reading import mapping, objects

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_sarif(report: Report, version: str = "1") -> str:
    """Return the findings as a SARIF log."""
    log = sarif([finding(each) for each in report.findings], version=version)
    return json.dumps(log, ensure_ascii=False, indent=1)


def finding(note: Noted) -> Finding:
    """Return what the report shows as a finding whose every field is what SARIF wants."""
    shape = {
        "rule_id": note.rule_id, "severity": note.severity, "confidence": note.confidence, "message": note.message,
        "help": note.help or None, "place": place_of(note), "fingerprint": note.fingerprint, "cwe": list(note.cwe),
        "fix": {"description": note.suggestion or "Apply the patch.", "patch": note.patch or None}
        if note.suggestion or note.patch else None,
    }  # fmt: skip
    return finding_from(shape)


def place_of(note: Noted) -> dict[str, Any]:
    """Return the finding's place with nothing in it but what a place may hold."""
    raw = mapping(note.raw.get("place"))
    lines = {key: whole(raw.get(key)) for key in ("start_line", "end_line", "start_column", "end_column", "page")}
    if lines["start_line"] and lines["end_line"]:
        lines["end_line"] = max(lines["start_line"], lines["end_line"])
    place: dict[str, Any] = {
        key: value for key, value in lines.items() if value and (key == "page" or lines["start_line"])
    }
    for key in ("uri", "symbol"):
        if raw.get(key):
            place[key] = one_line(raw[key], 500)
    return place


def as_json(report: Report) -> str:
    """Return everything the report shows as JSON, without the pictures' bytes."""
    document = asdict(report)
    document["findings"] = [_plain(each) for each in report.findings]
    document["fixed"] = [_plain(each) for each in report.fixed]
    document["dismissed"] = [_plain(each) for each in report.dismissed]
    document["parts"] = [_part(each) for each in report.parts]
    document["pictures"] = [{"caption": each.caption, "alt": each.alt, "text": each.text} for each in report.pictures]
    document["about"], document["reasons"] = dict(report.about), document.pop("clauses")
    del document["groups"], document["include_suggestions"]
    return json.dumps(document, ensure_ascii=False, indent=1)


def _plain(note: Noted) -> dict[str, Any]:
    shape = asdict(note)
    del shape["raw"]
    shape["place"] = place_of(note)
    excerpt = shape.pop("excerpt")
    if excerpt:
        shape["excerpt"] = {"text": excerpt["text"], "first_line": excerpt["first_line"]}
    return {key: value for key, value in shape.items() if value not in ("", None, ())}


def _part(part: Part) -> dict[str, Any]:
    shape = asdict(part)
    shape["reasons"] = shape.pop("clauses")
    shape["blocks"] = [{"kind": each.kind, **_listed(asdict(each))} for each in part.blocks]
    return {key: value for key, value in shape.items() if value not in ("", None, ())}


def _listed(block: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: sorted(value) if isinstance(value, frozenset) else value for key, value in block.items() if key != "source"
    }


def as_junit(report: Report, sources: Sequence[Source]) -> str:
    """Return the report as JUnit XML: a suite of findings, one of verdicts, and the tests of test runs."""
    document = JUnitXml(_xml(report.title))
    suites = [_suite("findings", [_case_of_finding(each) for each in report.findings])] if report.findings else []
    suites.append(_suite("verdicts", [_case_of_part(each) for each in report.parts if each.verdict]))
    suites += [_suite(source.title, _cases(source)) for source in sources if _cases(source)]
    for each in suites:
        document.add_testsuite(each)
    document.update_statistics()
    return str(document.tostring().decode("utf-8"))


def _xml(text: Any, limit: int = 20_000) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(text))[:limit]


def _suite(name: str, cases: Iterable[TestCase]) -> TestSuite:
    suite = TestSuite(_xml(name))
    suite.add_testcases(list(cases))
    return suite


def _case_of_finding(note: Noted) -> TestCase:
    case = TestCase(_xml(f"{note.rule_id}: {note.message}"), classname=_xml(note.where or note.source), time=0.0)
    failed = Failure(_xml(note.message), note.severity)
    failed.text = _xml("\n\n".join(each for each in (note.help, note.suggestion, note.patch) if each))
    case.result = [failed]
    about = Properties()
    about.add_property(Property("fingerprint", _xml(note.fingerprint)))
    case.append(about)
    return case


def _case_of_part(part: Part) -> TestCase:
    case = TestCase(_xml(part.title), classname="verdict", time=0.0)
    why = _xml("; ".join(each.message for each in part.clauses))
    if part.verdict == "fail":
        case.result = [Failure(why or "fail", "verdict")]
    elif part.verdict == "inconclusive":
        case.result = [Error(why or "inconclusive", "verdict")]
    elif part.verdict == "skipped":
        case.result = [Skipped(why or "skipped")]
    return case


def _cases(source: Source) -> list[TestCase]:
    return [_case(each) for each in objects(mapping(mapping(source.result.get("ctrf")).get("results")).get("tests"))]


def _case(each: Mapping[str, Any]) -> TestCase:
    took = each.get("duration")
    seconds = took / 1000 if isinstance(took, (int, float)) and not isinstance(took, bool) else 0.0
    suite = each.get("suite")
    group = " / ".join(map(str, suite)) if isinstance(suite, list) else str(suite or each.get("filePath") or "tests")
    case = TestCase(_xml(each.get("name") or "test"), classname=_xml(group), time=seconds)
    if each.get("status") == "failed":
        failed = Failure(_xml(each.get("message") or "failed"), "test")
        failed.text = _xml(each.get("trace") or "")
        case.result = [failed]
    elif each.get("status") in ("skipped", "pending"):
        case.result = [Skipped(_xml(each.get("message") or "skipped"))]
    return case
