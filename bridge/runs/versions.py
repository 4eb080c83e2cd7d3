"""Older versions of a step: what they were given and what they expect back."""

from collections.abc import Mapping
from typing import Any

from bridge.problems import InvalidInput, Issue
from bridge.runs.binding import BoundStep


def upgraded(step: BoundStep, version: int, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """An input of *version* as the current one; 0 stands for the current one."""
    return _through(step, version, "from", given)


def downgraded(step: BoundStep, version: int, result: dict[str, Any]) -> dict[str, Any]:
    """A result of the current version as *version* expects it."""
    return dict(_through(step, version, "to", result))


def _through(step: BoundStep, version: int, way: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    current = step.spec.version
    if version in (0, current):
        return document
    change = step.changes.get(f"{way}_v{version}")
    if change is None:
        said = f"{step.spec.title} has version {current}; version {version} is not known here."
        raise InvalidInput(said, issues=[Issue("version", "X-Bridge-Step-Version", said)])
    return change(dict(document))
