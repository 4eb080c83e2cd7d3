"""Which ways through a workflow exclude each other, so that a node two lines lead to still runs once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

Line = tuple[str, int, str]
"""Source, its output, target."""

START = ""
"""Stands before all triggers: an execution starts at one of them."""
QUESTIONS = frozenset({"n8n-nodes-base.if", "n8n-nodes-base.switch"})
TRIGGER_TYPES = re.compile(r"(?:[tT]rigger|\.webhook|\.cron)$")


def is_trigger(kind: str) -> bool:
    """Whether a node of type *kind* starts executions."""
    return bool(TRIGGER_TYPES.search(kind))


def lines_of(document: Mapping[str, Any]) -> Iterator[Line]:
    """Every line of a workflow document."""
    for source, kinds in document["connections"].items():
        outputs = [(output, ends or ()) for each in kinds.values() for output, ends in enumerate(each)]
        for output, ends in outputs:
            yield from ((source, output, end["node"]) for end in ends)


class Ways:
    """The lines of one workflow, with its questions (IF, Switch, and which trigger it was)."""

    def __init__(self, lines: Sequence[Line], types: Mapping[str, str]) -> None:
        triggers = [name for name, kind in types.items() if is_trigger(kind)]
        self.lines = [*lines, *((START, index, name) for index, name in enumerate(triggers))]
        self.questions = [START, *(name for name, kind in types.items() if kind in QUESTIONS)]
        self.reach = cache(self._reach)

    @cached_property
    def _next(self) -> dict[str, list[tuple[int, str]]]:
        found: dict[str, list[tuple[int, str]]] = {}
        for source, output, target in self.lines:
            found.setdefault(source, []).append((output, target))
        return found

    def clash_at(self, target: str) -> tuple[str, str] | None:
        """Two sources of *target* that can both run in one execution; lines that close a loop do not count."""
        behind = self.reach(target, "")
        coming = [(source, output) for source, output, end in self.lines if end == target and source not in behind]
        for index, first in enumerate(coming):
            for second in coming[index + 1 :]:
                if not any(self._apart(question, first, second) for question in self.questions):
                    return first[0] or target, second[0] or target
        return None

    def _apart(self, question: str, first: tuple[str, int], second: tuple[str, int]) -> bool:
        """Whether both ends lie behind *question*, and never behind the same answer."""
        one, two = self._answers(question, first), self._answers(question, second)
        return one is not None and two is not None and not one & two

    def _answers(self, question: str, end: tuple[str, int]) -> set[int] | None:
        """The answers to *question* that lead to *end*; None when there is a way around it."""
        name, output = end
        if name == question:
            return {output}
        if question != START and name in self.reach(START, question):
            return None
        return {
            answer
            for answer, target in self._next.get(question, [])
            if name == target or name in self.reach(target, question)
        }

    def _reach(self, start: str, without: str) -> frozenset[str]:
        """Every node that *start* leads to without passing *without*."""
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for _, target in self._next.get(waiting.pop(), []):
                if target not in found and target != without:
                    found.add(target)
                    waiting.append(target)
        return frozenset(found)
