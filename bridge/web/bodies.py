"""Request bodies, read with limits on size and silence, and JSON as strict as the databases behind it."""

import asyncio
import re
from typing import Any

import orjson
from aiohttp import web
from aiohttp.web_exceptions import HTTPUnsupportedMediaType

from bridge.problems import InvalidInput, Issue, TooLarge, TooSlow

CHUNK = 65_536
SLOWEST = 1_000
"""Bytes a second below which a body counts as endless, once the allowed silence has passed in total."""
DEEPEST = 200
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


async def read_json(request: web.Request, max_bytes: int, silence: float) -> dict[str, Any]:
    """Read a JSON object; raise `InvalidInput`, `TooLarge` or `TooSlow`, before anything has happened."""
    charset = (request.charset or "utf-8").lower().replace("_", "-")
    if request.content_type not in ("application/json", "application/octet-stream") or (
        request.content_type == "application/octet-stream" and "Content-Type" in request.headers
    ):
        raise HTTPUnsupportedMediaType(text="Send the input as application/json, or as multipart/form-data with files.")
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise HTTPUnsupportedMediaType(text=f"JSON is UTF-8; the charset '{charset[:40]}' is not understood here.")
    return parse_object(await read_bytes(request, max_bytes, silence))


async def read_bytes(request: web.Request, max_bytes: int, silence: float) -> bytes:
    """Read the whole body."""
    if (request.content_length or 0) > max_bytes:
        raise TooLarge(f"The body has {request.content_length} bytes; the limit is {max_bytes} (BRIDGE_MAX_BODY).")
    found = bytearray()
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            async with asyncio.timeout(silence):
                chunk = await request.content.readany()
        except TimeoutError:
            raise TooSlow(f"The body stopped arriving for {silence:g} s (BRIDGE_BODY_TIMEOUT).") from None
        if not chunk:
            return bytes(found)
        found += chunk
        if len(found) > max_bytes:
            raise TooLarge(f"The body is larger than {max_bytes} bytes (BRIDGE_MAX_BODY).")
        spent = loop.time() - began
        if spent > silence and len(found) < spent * SLOWEST:
            raise TooSlow(f"The body arrived slower than {SLOWEST} bytes a second.")


def parse_object(raw: bytes) -> dict[str, Any]:
    """Parse a JSON object that every store can keep: no NUL, no lone surrogate, no number beyond a double."""
    if b"\\u0000" in raw and NUL.search(raw):
        raise InvalidInput("The body contains the character U+0000, which cannot be stored. Leave it out.")
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The body is not JSON: {error}.", issues=[Issue("json", "", str(error))]) from None
    if not isinstance(found, dict):
        raise InvalidInput("The body must be a JSON object with the step's fields.")
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _refuse_depth(found)
    return found


def _refuse_depth(found: dict[str, Any]) -> None:
    """Reading goes deeper than writing, which stops at 254 levels; leave some for what is put around it."""
    probe: Any = found
    for _ in range(254 - DEEPEST):
        probe = [probe]
    try:
        orjson.dumps(probe)
    except TypeError:
        raise InvalidInput(f"The body is nested deeper than {DEEPEST} levels.") from None
