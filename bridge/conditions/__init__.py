"""Conditions: the keys of the entry gate, and CEL clauses over results; every one answers with a reason."""

from bridge.conditions.clauses import Clause, fault_in, judge_clauses, variables_of
from bridge.conditions.entry import ENTRY_KEYS, judge_event
from bridge.conditions.reasons import JudgedReason, Outcome, Verdict, together

__all__ = [
    "ENTRY_KEYS",
    "Clause",
    "JudgedReason",
    "Outcome",
    "Verdict",
    "fault_in",
    "judge_clauses",
    "judge_event",
    "together",
    "variables_of",
]
