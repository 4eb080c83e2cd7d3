"""Clauses in CEL, the Common Expression Language: no loops, no side effects, no way out of the expression.

Comprehensions (`exists`, `all`, `filter`, `map`) must not stand inside each other, so that the time an
expression takes grows no faster than the data it looks at.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cel

from bridge.conditions.reasons import JudgedReason, Outcome, Verdict, together

LONGEST = 1000
MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(")
LITERAL = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
PATH = re.compile(r"\b(?:result|steps|event|params)(?:\.[A-Za-z_]\w*)+(?!\s*\()")
TOP = re.compile(r"(?<![\w.])(result|value|steps|event|params)\b")


@dataclass(frozen=True)
class Clause:
    """One condition: ``cel`` gives true or false over `result`, `value`, `steps`, `event` and `params`."""

    code: str
    cel: str
    value: Any = None


def fault_in(expression: str) -> str | None:
    """Say what is wrong with a CEL *expression* before it meets any data, or return None."""
    if len(expression) > LONGEST:
        return f"the expression has {len(expression)} characters; {LONGEST} are allowed"
    if _nested(expression):
        return "comprehensions (exists, all, filter, map) must not stand inside each other"
    try:
        cel.compile(expression)
    except (ValueError, RuntimeError) as error:
        return str(error).splitlines()[0]
    return None


def variables_of(expression: str) -> set[str]:
    """Name the variables of ours that *expression* mentions."""
    return set(TOP.findall(LITERAL.sub("''", expression)))


def judge_clauses(clauses: Iterable[Clause], variables: Mapping[str, Any]) -> Verdict:
    """Judge each clause over *variables*; what cannot be evaluated for want of data is inconclusive."""
    return together(_judge(clause, variables) for clause in clauses)


def _judge(clause: Clause, variables: Mapping[str, Any]) -> JudgedReason:
    expected = clause.cel if clause.value is None else json.dumps(clause.value, ensure_ascii=False)
    fault = fault_in(clause.cel)
    if fault:
        return JudgedReason(clause.code, f"The condition cannot be read: {fault}.", "fail", expected)
    known = {**variables, "value": clause.value}
    outcome, said = _evaluate(clause.cel, known)
    message = said or f"{clause.code.replace('_', ' ').capitalize()} is {'met' if outcome == 'pass' else 'not met'}."
    return JudgedReason(clause.code, message, outcome, expected, _seen(clause.cel, known))


def _evaluate(expression: str, variables: Mapping[str, Any]) -> tuple[Outcome, str]:
    context = cel.Context()
    for name in variables_of(expression) & variables.keys():
        context.add_variable(name, variables[name])
    try:
        answer = cel.compile(expression).execute(context)
    except (RuntimeError, KeyError, IndexError, TypeError, ValueError) as error:
        return "inconclusive", f"There is no data to decide it: {_words(error)}."
    if not isinstance(answer, bool):
        return "inconclusive", f"The condition gave {type(answer).__name__}, not true or false."
    return ("pass" if answer else "fail"), ""


def _words(error: Exception) -> str:
    first = str(error).splitlines()[0].rstrip(".")[:200]
    return f"{first} is missing" if isinstance(error, KeyError) else first


def _seen(expression: str, variables: Mapping[str, Any]) -> str | None:
    """Show the values an expression looked at, so that a reader need not open the result."""
    shown = []
    for path in dict.fromkeys(PATH.findall(LITERAL.sub("''", expression))):
        found: Any = variables
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if isinstance(found, (list, dict)):
            found = f"{len(found)} entries"
        shown.append(f"{path} = {'absent' if found is None else json.dumps(found, ensure_ascii=False)[:120]}")
    return "; ".join(shown) or None


def _nested(expression: str) -> bool:
    """Whether a comprehension stands inside the brackets of another."""
    bare = LITERAL.sub("''", expression)
    starts = {match.end() - 1 for match in MACRO.finditer(bare)}
    open_brackets: list[bool] = []
    for index, character in enumerate(bare):
        if character == "(":
            if index in starts and any(open_brackets):
                return True
            open_brackets.append(index in starts)
        elif character == ")" and open_brackets:
            open_brackets.pop()
    return False
