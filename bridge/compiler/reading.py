"""A template from its JSON: every fault at its place, misspelled keys with the nearest right one."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from bridge.compiler.template import Parameter, Retry, Rule, Template, TemplateStep, Trigger
from bridge.problems import BadTemplate, Issue

KEYS: Mapping[str, type[BaseModel]] = {"steps": TemplateStep, "triggers": Trigger, "params": Parameter, "retry": Retry}
LARGEST = 1_000_000


def near(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelled *name*: the nearest known ones, or all of them."""
    names = sorted(known)
    found = get_close_matches(name, names, n=2)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    return f"There are: {', '.join(names)}." if names else "There are none."


def parse_template(text: str, where: str = "template") -> Template:
    """Read a template from JSON text."""
    if len(text) > LARGEST:
        raise BadTemplate(f"{where} is larger than {LARGEST} characters.")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadTemplate(f"{where} is not JSON: {error}.") from None
    return read_template(raw, where)


def read_template(raw: object, where: str = "template") -> Template:
    """Read a template from a parsed document; raise `BadTemplate` with one issue per fault."""
    if not isinstance(raw, Mapping):
        raise BadTemplate(f"{where} must be a JSON object with name, triggers and steps.")
    try:
        template = Template.model_validate(raw)
    except ValidationError as error:
        raise refused(where, [_issue(each) for each in error.errors(include_url=False)]) from None
    except RecursionError:
        raise BadTemplate(f"{where} is nested too deep.") from None
    return template


def refused(where: str, issues: list[Issue]) -> BadTemplate:
    """One problem for many *issues*, the first three in its message."""
    told = "; ".join(f"{each.where or '/'}: {each.message}" for each in issues[:3])
    more = f" (and {len(issues) - 3} more)" if len(issues) > 3 else ""
    return BadTemplate(f"{where} cannot be used: {told}{more}", issues=issues)


def _issue(error: Any) -> Issue:
    parts = [part for part in error["loc"] if part not in ("Trigger", "str")]
    where = "".join(f"/{part}" for part in parts)
    if error["type"] == "extra_forbidden":
        model = _model_at(parts[:-1])
        known = {field.alias or name for name, field in model.model_fields.items()}
        return Issue("unknown_key", where, f"'{parts[-1]}' is no key here. {near(str(parts[-1]), known)}")
    return Issue(str(error["type"]), where, str(error["msg"]))


def _model_at(parts: list[Any]) -> type[BaseModel]:
    names = [part for part in parts if part in KEYS]
    return KEYS[names[-1]] if names else (Rule if "rules" in parts else Template)
