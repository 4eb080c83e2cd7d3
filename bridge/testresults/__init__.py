"""Test results: one CTRF-shaped model read from every runner's format."""

from bridge.testresults.coverage import LineCoverage, read_coverage
from bridge.testresults.model import Failure, Test, TestResults, join
from bridge.testresults.reading_reports import UnreadableReport, read_report, write_junit
from bridge.testresults.reading_streams import READERS, Stream, cargo_results, read_all

__all__ = [
    "READERS",
    "Failure",
    "LineCoverage",
    "Stream",
    "Test",
    "TestResults",
    "UnreadableReport",
    "cargo_results",
    "join",
    "read_all",
    "read_coverage",
    "read_report",
    "write_junit",
]
