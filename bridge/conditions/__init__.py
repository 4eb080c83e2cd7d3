"""Conditions and gates: the brief's keys and CEL, answered with a reason per clause."""
