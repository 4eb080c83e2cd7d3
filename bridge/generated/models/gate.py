"""Input and output of `gate`, generated from node_specs/gate.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Reason, Verdict

__all__ = ["GateInput", "GateOutput", "Any", "Field", "Literal", "StepModel"]


class GateInputConditions(StepModel):
    """What the changed files of the event must be like"""

    exclude_patterns: list[str] | None = Field(default=None, description='Gitignore patterns of files that do not count; applied first')
    file_types: list[str] | None = Field(default=None, min_length=1, description='At least one counted file must have one of these extensions')
    min_changes: int | None = Field(default=None, ge=0, description='At least this many counted files must have changed')


class GateInputNeeds(StepModel):
    step: str = Field(description='The step that needs it')
    input: str = Field(description='The input it fills')
    path: str = Field(description='Where in the event, such as repository.clone_url')


class GateInputClauses(StepModel):
    code: str = Field(max_length=64, description='Name of the clause, such as test_success_rate')
    cel: str = Field(max_length=1000, description='The expression; it must give true or false')
    value: str | None = Field(default=None, max_length=10000, description='What the clause calls `value`, as JSON')


class GateInput(StepModel):
    stage: Literal['entry', 'step', 'branch'] = Field(default='step', description='Where the gate stands: behind the triggers, behind a step, or before an optional step')
    event: dict[str, Any] | None = Field(default=None, description="The trigger's event, as it was delivered")
    conditions: GateInputConditions | None = Field(default=None, description='What the changed files of the event must be like')
    needs: list[GateInputNeeds] | None = Field(default=None, max_length=100, description='Event fields that steps cannot do without; an entry gate refuses an event that lacks one')
    execution_id: str | None = Field(default=None, max_length=64, description='The execution to mark as skipped when this gate stays closed, from the entry gate')
    sources: dict[str, str] | None = Field(default=None, description='Earlier results by step id, each as node:<node name> or run:<run id>')
    subject: str | None = Field(default=None, description='The source that clauses call `result`')
    params: dict[str, Any] | None = Field(default=None, description='Template parameters that clauses call `params`')
    clauses: list[GateInputClauses] | None = Field(default=None, max_length=50, description='Conditions as CEL expressions over result, value, steps, event and params; each gives one reason')


class GateOutput(StepResult):
    verdict: Verdict = Field()
    reasons: list[Reason] = Field(description='One reason per clause')
    event: dict[str, Any] | None = Field(default=None, description='The event in its normal form, for the steps behind an entry gate')
    execution_id: str | None = Field(default=None, description="The bridge's id of this execution, from an entry gate")
    trigger: str | None = Field(default=None, description='What started the execution: manual, git_push, pull_request ...')
