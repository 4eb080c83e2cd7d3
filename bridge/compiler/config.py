"""What a person fills in: ``custom_config`` laid over a template, every key accounted for.

A key is, in this order: ``params`` (an object of parameters), a step's id (an object of its inputs), a
parameter, a condition, or an input: then it is set on every step that has it.
"""

from collections.abc import Mapping
from typing import Any

from bridge.compiler.reading import near
from bridge.compiler.template import Template, TemplateStep
from bridge.conditions import ENTRY_KEYS
from bridge.problems import InvalidInput, Issue
from bridge.specs import Catalogue


def configured(template: Template, config: Mapping[str, Any], catalogue: Catalogue) -> tuple[Template, dict[str, Any]]:
    """Lay *config* over *template*; return it with the parameters' values. Unknown keys raise `InvalidInput`."""
    laying = _Laying(template, catalogue)
    for key, value in config.items():
        laying.lay(key, value)
    if laying.issues:
        told = "; ".join(issue.message for issue in laying.issues)
        raise InvalidInput(f"The configuration of '{template.name}' is not valid: {told}", issues=laying.issues)
    steps = [step.model_copy(update={"config": laying.steps[step.id]}) for step in template.steps]
    return template.model_copy(update={"steps": steps, "conditions": laying.conditions}), laying.params


class _Laying:
    """The template's parts while keys are laid over them."""

    def __init__(self, template: Template, catalogue: Catalogue) -> None:
        self.template = template
        self.steps = {step.id: dict(step.config) for step in template.steps}
        self.conditions = dict(template.conditions)
        self.params: dict[str, Any] = {}
        self.issues: list[Issue] = []
        self._inputs = {step.id: _inputs_of(step, catalogue) for step in template.steps}

    def lay(self, key: str, value: Any) -> None:
        """Put one key where it belongs."""
        where = f"/{key}"
        if key == "params" and key not in self.steps and isinstance(value, Mapping):
            for name, each in value.items():
                self._parameter(name, each, f"{where}/{name}")
        elif key in self.steps and isinstance(value, Mapping):
            for name, each in value.items():
                self._input(key, name, each, f"{where}/{name}")
        elif key in self.template.params:
            self.params[key] = value
        elif key in self.conditions or key in ENTRY_KEYS:
            self.conditions[key] = value
        else:
            self._everywhere(key, value, where)

    def _parameter(self, name: str, value: Any, where: str) -> None:
        if name in self.template.params:
            self.params[name] = value
        else:
            self._unknown(where, f"'{name}' is no parameter.", self.template.params)

    def _input(self, step: str, name: str, value: Any, where: str) -> None:
        if name in self._inputs[step]:
            self.steps[step][name] = value
        else:
            self._unknown(where, f"the step '{step}' has no input '{name}'.", self._inputs[step])

    def _everywhere(self, key: str, value: Any, where: str) -> None:
        taking = [step for step, inputs in self._inputs.items() if key in inputs]
        for step in taking:
            self.steps[step][key] = value
        if not taking:
            known = {*self.steps, *self.template.params, *self.conditions, *ENTRY_KEYS}.union(*self._inputs.values())
            self._unknown(where, f"'{key}' is neither a step, a parameter, a condition nor an input of a step.", known)

    def _unknown(self, where: str, said: str, known: Any) -> None:
        self.issues.append(Issue("unknown_key", where, f"{said} {near(where.rpartition('/')[2], known)}"))


def _inputs_of(step: TemplateStep, catalogue: Catalogue) -> set[str]:
    if step.type in catalogue:
        return set(catalogue[step.type].input["properties"])
    return set(step.config) | {"title", "message", "timeout"} if step.type == "approval" else set(step.config)
