"""The shape of one file in ``templates/``; docs/templates explain it, template.schema.json is made from here."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

TRIGGERS = (
    "manual",
    "git_push",
    "pull_request",
    "release_tag",
    "api_change",
    "schema_change",
    "schedule",
    "alert",
)
ID = r"^[a-z][a-z0-9_]*$"
ParameterType = Literal["string", "integer", "number", "boolean", "array", "object"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Trigger(_Part):
    """One kind of event that starts the workflow; ``config`` narrows it, such as a schedule's cron line."""

    type: str
    config: dict[str, Any] = Field(default_factory=dict)


class Retry(_Part):
    """How often a failed call is repeated; n8n itself allows at most 5 tries and 5 seconds between them."""

    max_tries: int = Field(ge=2, description="Tries in all, the first included.")
    wait: float = Field(default=1.0, ge=0, description="Seconds between two tries.")


class TemplateStep(_Part):
    """One step. ``type`` is a step of the catalogue, ``approval`` or ``template`` (another template's steps)."""

    id: str = Field(pattern=ID, max_length=64)
    name: str = Field(min_length=1, max_length=100, description="Name of the node in n8n, unique in the template.")
    type: str = Field(description="A step's name, `approval`, or `template`.")
    config: dict[str, Any] = Field(default_factory=dict, description="The step's input; values may be references.")
    after: list[str] | None = Field(default=None, description="Steps that must have ended; default: the step before.")
    when: str | None = Field(default=None, description="CEL over steps, event and params; false leaves the step out.")
    timeout: int | None = Field(default=None, ge=1, le=86_400, description="Deadline in seconds.")
    retry: Retry | None = None
    on_error: Literal["stop", "continue"] = "stop"
    wait: Literal["poll", "park", "none"] = "poll"


class Parameter(_Part):
    """A value a person fills in when a workflow is made from the template."""

    type: ParameterType = "string"
    description: str = ""
    default: Any = None
    enum: list[Any] | None = None


class Rule(_Part):
    """A condition of one's own, decided after one step: CEL over `result`, `steps`, `event` and `params`."""

    after: str
    if_: str = Field(alias="if")
    code: str = Field(default="rule", max_length=64)


class Template(_Part):
    """A declarative workflow: what starts it, its steps in order, and the conditions under which it goes on."""

    name: str = Field(min_length=1, max_length=120)
    description: str = ""
    params: dict[str, Parameter] = Field(default_factory=dict)
    triggers: list[str | Trigger] = Field(min_length=1)
    steps: list[TemplateStep] = Field(min_length=1, max_length=100)
    conditions: dict[str, Any] = Field(default_factory=dict)
    tested_with: list[str] = Field(default_factory=list, description="Versions of n8n it was run on.")

    def all_triggers(self) -> list[Trigger]:
        """Triggers in one form."""
        return [each if isinstance(each, Trigger) else Trigger(type=each) for each in self.triggers]
