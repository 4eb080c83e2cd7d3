"""Findings: what an analysis points at, its fingerprint, and the ledger that remembers it."""
