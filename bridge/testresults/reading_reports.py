"""Read the report files of test runners: CTRF, JUnit XML, Jest's JSON and SARIF."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bridge.testresults.model import Test, TestResults, TestStatus, merged

_MOST_TESTS = 200_000
_PLACE = re.compile(r"(?P<file>[\w./@-]+\.\w{1,5}):(?P<line>\d+)")
_STATUS: dict[str, TestStatus] = {
    "passed": "passed", "failed": "failed", "skipped": "skipped", "pending": "skipped", "todo": "pending",
    "disabled": "skipped", "other": "other",
}  # fmt: skip


class UnreadableReport(ValueError):
    """A report that cannot be understood; it counts as no report."""


def read_report(content: bytes, name: str = "") -> TestResults:
    """Read a report of any known format, told by its content; raise `UnreadableReport`."""
    start = content[:4096].lstrip()
    if start.startswith(b"<"):
        return read_junit(content)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableReport(f"{name or 'The report'} is neither XML nor JSON.") from error
    if isinstance(document, dict) and "results" in document and "reportFormat" in document | document["results"]:
        return read_ctrf(document)
    if isinstance(document, dict) and isinstance(document.get("results"), dict):
        return read_ctrf(document)
    if isinstance(document, dict) and "testResults" in document:
        return read_jest(document)
    if isinstance(document, dict) and "runs" in document:
        return read_sarif(document)
    raise UnreadableReport(f"{name or 'The report'} is JSON of no known shape (CTRF, Jest, SARIF).")


def read_junit(content: bytes) -> TestResults:
    """Read JUnit XML; records of one test are merged, because reruns repeat the test case."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableReport(f"The JUnit report cannot be read: {type(error).__name__}.") from error
    found = []
    for case in root.iter("testcase"):
        found.append(_junit_case(case))
        if len(found) > _MOST_TESTS:
            raise UnreadableReport(f"The JUnit report holds more than {_MOST_TESTS} tests.")
    return TestResults("junit", merged(found))


def _junit_case(case: Element) -> Test:
    failure = next((each for each in case if each.tag in ("failure", "error")), None)
    reruns = [each for each in case if each.tag in ("rerunFailure", "flakyFailure", "rerunError", "flakyError")]
    skipped = any(each.tag == "skipped" for each in case)
    status: TestStatus = "failed" if failure is not None else "skipped" if skipped else "passed"
    message = (failure.get("message") or "") if failure is not None else ""
    trace = (failure.text or "") if failure is not None else ""
    out = "".join(each.text or "" for each in case if each.tag == "system-out")
    file, line = _place(case.get("file", ""), case.get("line", ""), trace)
    return Test(
        case.get("name", ""), status, _seconds(case.get("time")), case.get("classname", ""), file, line,
        message or trace.strip()[:500], trace, tuple(out.splitlines()[-20:]), len(reruns),
        bool(reruns) and status == "passed",
    )  # fmt: skip


def _place(file: str, line: str, trace: str) -> tuple[str, int]:
    if file:
        return file, int(line) + 1 if line.isdigit() else 0
    found = _PLACE.search(trace)
    return (found["file"], int(found["line"][:9])) if found else ("", 0)


def _seconds(text: str | None) -> float:
    try:
        value = float((text or "0").replace(",", ""))
    except ValueError:
        return 0.0
    return min(max(value, 0.0), 1e6) if value == value else 0.0  # noqa: PLR0124 - NaN is not itself


def read_ctrf(document: dict[str, Any]) -> TestResults:
    """Read CTRF."""
    results = document.get("results")
    tests = results.get("tests") if isinstance(results, dict) else None
    if not isinstance(results, dict) or not isinstance(tests, list) or len(tests) > _MOST_TESTS:
        raise UnreadableReport("The CTRF report has no list of tests.")
    tool = results.get("tool")
    name = str(tool.get("name", "ctrf")) if isinstance(tool, dict) else "ctrf"
    return TestResults(name, tuple(_ctrf_test(each) for each in tests if isinstance(each, dict)))


def _ctrf_test(each: dict[str, Any]) -> Test:
    suite = each.get("suite", "")
    line, retries = each.get("line", 0), each.get("retries", 0)
    return Test(
        str(each.get("name", "")), _STATUS.get(str(each.get("status")), "other"),
        _seconds(str(each.get("duration", 0))) / 1000, " ".join(suite) if isinstance(suite, list) else str(suite),
        str(each.get("filePath", "")), line if isinstance(line, int) else 0, str(each.get("message", "")),
        str(each.get("trace", "")), tuple(map(str, each.get("stdout") or ())),
        retries if isinstance(retries, int) else 0, each.get("flaky") is True,
    )  # fmt: skip


def read_jest(document: dict[str, Any]) -> TestResults:
    """Read the JSON report that Jest and Vitest write."""
    found = list(_jest_tests(document))
    return TestResults("jest", tuple(found))


def _jest_tests(document: dict[str, Any]) -> Iterator[Test]:
    for suite in document.get("testResults") or ():
        file = str(suite.get("name", "")).removeprefix("/work/")
        cases = suite.get("assertionResults") or ()
        if not cases and suite.get("status") == "failed":
            message = str(suite.get("message", ""))
            yield Test("(the file could not be run)", "failed", 0.0, file, file, 0, message[:500], message)
        for case in cases:
            trace = "\n".join(map(str, case.get("failureMessages") or ()))
            place = case.get("location") or {}
            titles = " ".join(map(str, case.get("ancestorTitles") or ()))
            yield Test(
                str(case.get("title", "")), _STATUS.get(str(case.get("status")), "other"),
                _seconds(str(case.get("duration") or 0)) / 1000, titles, file, int(place.get("line") or 0),
                trace[:500], trace, (), max(int(case.get("invocations") or 1) - 1, 0),
            )  # fmt: skip


def read_sarif(document: dict[str, Any]) -> TestResults:
    """Read SARIF as tests: every result of level error is a failed one, the rest passed checks or notes."""
    found = []
    for run in document.get("runs") or ():
        for result in run.get("results") or ():
            place = (result.get("locations") or [{}])[0].get("physicalLocation", {})
            failed = result.get("kind", "fail") == "fail" and result.get("level", "warning") in ("error", "warning")
            message = str((result.get("message") or {}).get("text", ""))
            found.append(
                Test(
                    str(result.get("ruleId", "result")), "failed" if failed else "passed", 0.0, "",
                    str(place.get("artifactLocation", {}).get("uri", "")),
                    int(place.get("region", {}).get("startLine") or 0), message if failed else "", "",
                )
            )  # fmt: skip
    return TestResults("sarif", tuple(found))


def write_junit(results: TestResults) -> bytes:
    """Write JUnit XML, so that every tool that knows only that format can read the results."""
    from xml.etree.ElementTree import SubElement, tostring

    root = Element("testsuites")
    totals = {"tests": len(results.tests), "failures": results.count("failed"), "skipped": results.count("skipped")}
    suite = SubElement(root, "testsuite", {"name": results.tool} | {key: str(value) for key, value in totals.items()})
    for each in results.tests:
        about = {"classname": each.suite or each.file, "name": each.name, "time": f"{each.duration:.3f}"}
        case = SubElement(suite, "testcase", {key: _printable(value) for key, value in about.items()})
        if each.status == "failed":
            SubElement(case, "failure", message=_printable(each.message[:500])).text = _printable(each.trace)
        elif each.status != "passed":
            SubElement(case, "skipped")
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _printable(text: str) -> str:
    return "".join(
        letter if letter in "\t\n" or " " <= letter < "\ud800" or letter > "\udfff" else "?" for letter in text
    )
