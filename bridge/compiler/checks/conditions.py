"""Rules about conditions: every key is known, has a value of its type, and every CEL expression can be read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from bridge.compiler.reading import near
from bridge.compiler.resolve import RULES as RULES_KEY
from bridge.compiler.template import Rule, Template
from bridge.conditions import ENTRY_KEYS, fault_in
from bridge.specs import Catalogue

Found = Iterator[tuple[str, str]]
STEP_IN_CEL = re.compile(r"\bsteps\.([A-Za-z_]\w*)")


def unknown_condition(template: Template, catalogue: Catalogue) -> Found:
    """A misspelled condition must not be a condition that always holds."""
    deciding = _deciding(template, catalogue)
    everywhere = {key for spec in catalogue for key in spec.conditions}
    for key in template.conditions:
        if key in ENTRY_KEYS or key in deciding or key == RULES_KEY:
            continue
        if key in everywhere:
            able = sorted(spec.name for spec in catalogue if key in spec.conditions)
            yield f"/conditions/{key}", f"no step of this template decides '{key}'; steps that do: {', '.join(able)}."
        else:
            known = {*ENTRY_KEYS, *everywhere, RULES_KEY}
            yield f"/conditions/{key}", f"there is no condition '{key}'. {near(key, known)}"


def condition_value(template: Template, catalogue: Catalogue) -> Found:
    """A condition's value has the type its key asks for."""
    deciding = _deciding(template, catalogue)
    for key, value in template.conditions.items():
        schema = ENTRY_KEYS.get(key) or deciding.get(key)
        if schema is not None:
            for error in Draft202012Validator(schema).iter_errors(value):
                yield f"/conditions/{key}", f"{error.message}."


def bad_rule(template: Template, _: Catalogue) -> Found:
    """A rule of one's own says after which step, and what must hold."""
    rules = template.conditions.get(RULES_KEY, [])
    known = {step.id for step in template.steps}
    if not isinstance(rules, list):
        yield f"/conditions/{RULES_KEY}", 'must be a list of {"after": <step id>, "if": <CEL>}.'
        return
    for index, rule in enumerate(rules):
        where = f"/conditions/{RULES_KEY}/{index}"
        keys = {field.alias or name for name, field in Rule.model_fields.items()}
        if not isinstance(rule, Mapping) or not {"after", "if"} <= rule.keys() <= keys:
            yield where, 'must be {"after": <step id>, "if": <CEL>} with an optional "code".'
        elif rule["after"] not in known:
            yield f"{where}/after", f"there is no step '{rule['after']}'. {near(str(rule['after']), known)}"


def unreadable_cel(template: Template, _: Catalogue) -> Found:
    """A CEL expression is read before it meets any data."""
    for where, text in _expressions(template):
        fault = fault_in(text)
        if fault:
            yield where, f"{fault}."


def unknown_step_in_cel(template: Template, _: Catalogue) -> Found:
    """An expression over a step that is not there could never hold."""
    known = {step.id for step in template.steps}
    for where, text in _expressions(template):
        for name in STEP_IN_CEL.findall(text):
            if name not in known:
                yield where, f"there is no step '{name}'. {near(name, known)}"


def _deciding(template: Template, catalogue: Catalogue) -> dict[str, Mapping[str, Any]]:
    """Condition keys that some step of the template decides, with the schema of their value."""
    found: dict[str, Mapping[str, Any]] = {}
    for step in template.steps:
        conditions = catalogue[step.type].conditions if step.type in catalogue else {}
        for key, each in conditions.items():
            allowed = {"enum": list(each.enum)} if each.enum and each.type != "array" else {}
            items = {"items": {"enum": list(each.enum)}} if each.enum and each.type == "array" else {}
            found[key] = {"type": each.type, **allowed, **items}
    return found


def _expressions(template: Template) -> Iterator[tuple[str, str]]:
    for index, step in enumerate(template.steps):
        if step.when is not None:
            yield f"/steps/{index}/when", step.when
    rules = template.conditions.get(RULES_KEY, [])
    for index, rule in enumerate(rules if isinstance(rules, list) else []):
        if isinstance(rule, Mapping) and isinstance(rule.get("if"), str):
            yield f"/conditions/{RULES_KEY}/{index}/if", rule["if"]


RULES = (unknown_condition, condition_value, bad_rule, unreadable_cel, unknown_step_in_cel)
