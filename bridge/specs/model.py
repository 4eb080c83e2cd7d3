"""The shape of one file in ``node_specs/``; the format is explained in docs/write-a-step.md."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bridge.specs.shapes import ENVELOPE

Schema = dict[str, Any]
Category = Literal[
    "Analytics",
    "Communication",
    "Data & Storage",
    "Development",
    "Finance & Accounting",
    "Marketing & Content",
    "Miscellaneous",
    "Productivity",
    "Sales",
    "Utility",
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Selector(_Part):
    """The option that chooses between the alternatives of a root ``oneOf``; it is never sent."""

    name: str = "source"
    label: str = "Source"


class FieldPresentation(_Part):
    """How one input field looks in n8n."""

    label: str | None = None
    hint: str | None = Field(default=None, max_length=120)
    rows: int | None = Field(default=None, ge=1, le=40)
    show: dict[str, list[Any]] | None = None
    options: dict[str, str] | None = None
    search: str | None = None


class Presentation(_Part):
    """How the step looks in n8n; means nothing to the handler."""

    icon: str
    group: Literal["input", "transform", "output"] = "transform"
    category: Category = "Development"
    alias: tuple[str, ...] = ()
    subtitle: str | None = None
    selector: Selector = Selector()
    top: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    fields: dict[str, FieldPresentation] = Field(default_factory=dict)


class Execution(_Part):
    """How the bridge runs the step. ``timeout`` is in seconds."""

    kind: Literal["quick", "long"]
    timeout: int = Field(ge=1, le=86_400)
    idempotent: bool = True
    side_effects: Literal["none", "files", "network", "deploys"] = "none"
    defaults_from: dict[str, str] = Field(default_factory=dict)


class Condition(_Part):
    """A condition key this step can decide: a CEL expression over ``result`` and ``value``."""

    type: Literal["string", "integer", "number", "boolean", "array"]
    cel: str
    description: str = ""
    enum: tuple[str, ...] | None = None


class StepSpec(_Part):
    """One step, as its author declared it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=64)
    version: int = Field(ge=1)
    title: str = Field(min_length=1, max_length=64)
    description: str = Field(min_length=20)
    input: Schema
    output: Schema
    examples: tuple[dict[str, Any], ...] = Field(min_length=1)
    presentation: Presentation
    execution: Execution
    conditions: dict[str, Condition] = Field(default_factory=dict)

    @property
    def stem(self) -> str:
        """``multimodal_analysis`` as ``MultimodalAnalysis``."""
        return "".join(word.title() for word in self.name.split("_"))

    @property
    def camel(self) -> str:
        """``multimodal_analysis`` as ``multimodalAnalysis``: the n8n node's name."""
        return self.stem[0].lower() + self.stem[1:]

    @property
    def binary_fields(self) -> tuple[str, ...]:
        """Input fields that take an upload."""
        return tuple(name for name, each in self.input["properties"].items() if each.get("format") == "binary")

    @property
    def judges(self) -> bool:
        """Whether the step answers with a verdict."""
        return "verdict" in self.output["properties"]

    def result_schema(self) -> Schema:
        """The step's own output beside the envelope every result has, as the wire carries it."""
        return {
            "type": "object",
            "properties": {**ENVELOPE["properties"], **self.output["properties"]},
            "required": [*ENVELOPE["required"], *self.output.get("required", [])],
        }
