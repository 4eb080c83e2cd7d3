"""Findings: what an analysis points at, its fingerprint, and the ledger that remembers it."""

from bridge.findings.fingerprints import fingerprint
from bridge.findings.sarif import sarif
from bridge.findings.shapes import SEVERITIES, Finding, Fix, Severity, finding_from, worst_first

__all__ = ["SEVERITIES", "Finding", "Fix", "Severity", "finding_from", "fingerprint", "sarif", "worst_first"]
