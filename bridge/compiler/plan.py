"""The one intermediate form: every name resolved, every value merged, nothing of n8n yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.compiler.template import Parameter, Retry
from bridge.specs import StepSpec

Kind = Literal["step", "approval"]


@dataclass(frozen=True)
class FromEvent:
    """A value taken from the trigger's event at run time, or ``fallback`` when the event has none."""

    path: tuple[str, ...]
    fallback: Any = None


@dataclass(frozen=True)
class PlannedClause:
    """One clause of a gate: CEL over `result` and `value`."""

    code: str
    cel: str
    value: Any = None


@dataclass(frozen=True)
class PlannedStep:
    """One step; ``given`` is its merged input, references as written; ``clauses`` decide what follows."""

    id: str
    name: str
    kind: Kind
    spec: StepSpec | None
    given: Mapping[str, Any]
    after: tuple[str, ...]
    when: str | None = None
    timeout: int | None = None
    retry: Retry | None = None
    on_error: Literal["stop", "continue"] = "stop"
    wait: Literal["poll", "park", "none"] = "poll"
    clauses: tuple[PlannedClause, ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether the bridge answers with a run before the result."""
        return self.spec is not None and self.spec.execution.kind == "long"


@dataclass(frozen=True)
class Need:
    """An input that only the event can fill: ``path`` is where in the event."""

    step: str
    input: str
    path: str


@dataclass(frozen=True)
class Stage:
    """Steps that n8n runs one after another (``together`` False) or that the bridge runs at once (True).

    ``when`` guards the whole stage.
    """

    steps: tuple[PlannedStep, ...]
    together: bool = False
    when: str | None = None


@dataclass(frozen=True)
class Plan:
    """A whole workflow: entry conditions, then stages in order."""

    key: str
    title: str
    description: str
    triggers: tuple[tuple[str, Mapping[str, Any]], ...]
    entry: Mapping[str, Any]
    stages: tuple[Stage, ...]
    needs: tuple[Need, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    tested_with: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[PlannedStep, ...]:
        """All steps in the order in which they start."""
        return tuple(step for stage in self.stages for step in stage.steps)

    def step(self, step_id: str) -> PlannedStep:
        """The step with this id."""
        return next(step for step in self.steps if step.id == step_id)
