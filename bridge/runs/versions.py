"""Earlier versions of a step: what old workflows send and expect, carried to today's handler and back.

A handler file of version 3 that still serves versions 1 and 2 offers, beside ``run``::

    def from_v1(given): ...   # the input of version 1 as one of version 2
    def from_v2(given): ...   # the input of version 2 as one of version 3
    def to_v2(result): ...    # the result of version 3 as one of version 2
    def to_v1(result): ...    # the result of version 2 as one of version 1

Each takes and returns a plain dict, and one that changes nothing may be left out. The released specs are
the law for what goes in and comes out, as they are for the current version.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bridge.problems import InvalidInput, Issue
from bridge.runs.validating import Validator
from bridge.specs import StepSpec, inlined

Change = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class EarlierVersion:
    """One released version: its own schemas, and the one step up or down to its neighbour."""

    version: int
    input: Validator
    output: Validator
    up: Change
    down: Change


def earlier_versions(module: ModuleType, released: Sequence[StepSpec]) -> dict[int, EarlierVersion]:
    """The *released* versions that the handler in *module* serves besides its own."""
    return {
        spec.version: EarlierVersion(
            version=spec.version,
            input=Validator(inlined(spec.input), formats=True),
            output=Validator(inlined(spec.output), formats=False),
            up=getattr(module, f"from_v{spec.version}", dict),
            down=getattr(module, f"to_v{spec.version}", dict),
        )
        for spec in released
    }


def asked_version(spec: StepSpec, earlier: Mapping[int, EarlierVersion], header: str | None) -> int:
    """The version that the header ``X-Bridge-Step-Version`` asks for; without one, the current version."""
    if header is None:
        return spec.version
    known = sorted({*earlier, spec.version})
    if not (header.isascii() and header.isdecimal()) or len(header) > 6 or int(header) not in known:
        served = ", ".join(map(str, known))
        message = f"is {header[:20]!r}, but this bridge serves {spec.name} in version {served}"
        raise InvalidInput(
            f"X-Bridge-Step-Version {message}. Update the bridge, or use a node of one of these versions.",
            issues=[Issue("version", "X-Bridge-Step-Version", message)],
        )
    return int(header)


def brought_up(earlier: Mapping[int, EarlierVersion], version: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """An input of *version* as one of the current version."""
    current = dict(given)
    for step in sorted(each for each in earlier if each >= version):
        current = earlier[step].up(current)
    return current


def brought_down(earlier: Mapping[int, EarlierVersion], version: int, result: Mapping[str, Any]) -> dict[str, Any]:
    """A result of the current version as one of *version*."""
    current = dict(result)
    for step in sorted((each for each in earlier if each >= version), reverse=True):
        current = earlier[step].down(current)
    return current
