"""A document against its schema: a fast yes, and a careful no that names every fault."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator

from bridge.problems import Issue

MOST = 20


class Validator:
    """One schema, compiled once. The fast judge says yes alone; a no is found again by the careful one.

    ``formats`` turns on the checks of date, date-time and email.
    """

    def __init__(self, schema: dict[str, Any], *, formats: bool) -> None:
        self.schema = schema
        self._fast = jsonschema_rs.Draft202012Validator(schema, validate_formats=False)
        checker = Draft202012Validator.FORMAT_CHECKER if formats else None
        self._careful = Draft202012Validator(schema, format_checker=checker)
        self._has_formats = formats and _names_a_format(schema)

    def issues(self, document: Mapping[str, Any]) -> list[Issue]:
        """Every fault, at its JSON pointer; an empty list for a valid document."""
        if not self._has_formats and self._fast.is_valid(document):
            return []
        found = []
        for error in self._careful.iter_errors(document):
            where = "".join(f"/{_escaped(part)}" for part in error.absolute_path)
            found.append(Issue(str(error.validator), where, error.message[:300]))
            if len(found) == MOST:
                break
        return found


def _names_a_format(schema: Any) -> bool:
    if isinstance(schema, dict):
        return schema.get("format") in ("date", "date-time", "email") or any(map(_names_a_format, schema.values()))
    return isinstance(schema, list) and any(map(_names_a_format, schema))


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
