"""Small JSON bodies of the nouns about workflows: which keys, of which kind, and every fault named."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bridge.problems import InvalidInput, Issue
from bridge.web.bodies import parse_object, read_bytes
from bridge.web.service import SERVICE

KINDS = {str: "a text", dict: "an object", bool: "true or false", int: "a whole number"}


async def read(request: web.Request, allowed: Mapping[str, type], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Read the body; an empty one is an empty object. Raise `InvalidInput` with an issue per fault."""
    settings = request.app[SERVICE].settings
    raw = await read_bytes(request, settings.max_body, settings.body_timeout)
    given = parse_object(raw) if raw.strip() else {}
    issues = [Issue("required", f"/{key}", "is missing") for key in required if key not in given]
    for key, value in given.items():
        kind = allowed.get(key)
        if kind is None:
            issues.append(Issue("unknown", f"/{key}", f"is not known here; known are {', '.join(allowed)}"))
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            issues.append(Issue("type", f"/{key}", f"must be {KINDS[kind]}"))
    if issues:
        named = "; ".join(f"{each.where} {each.message}" for each in issues[:3])
        raise InvalidInput(f"The body is not valid: {named}.", issues=issues)
    return given


def whole_number(request: web.Request, name: str, default: int, most: int) -> int:
    """Read a number of the query; raise `InvalidInput` when it is none or too large."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise InvalidInput(
            f"{name} must be a whole number from 1 to {most}.", issues=[Issue("range", f"/{name}", "is out of range")]
        )
    return int(text)
