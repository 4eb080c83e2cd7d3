"""Files on their way in: a raw body, or the parts of a form, streamed to disk and never held whole."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from bridge.problems import InvalidInput, Issue, TooLarge, TooSlow
from bridge.runs.files import keep_upload
from bridge.web.bodies import parse_object
from bridge.web.middlewares import CALLER
from bridge.web.service import SERVICE

CHUNK = 262_144
MOST_PARTS = 32


class Readable(Protocol):
    """A body or a part."""

    async def read_chunk(self, size: int = ...) -> bytes:
        """Some bytes, none at the end."""
        ...


async def read_form(request: web.Request, binary: tuple[str, ...]) -> dict[str, Any]:
    """Read a form: the part ``input`` is the JSON input, and each file becomes the field its part is named for."""
    given: dict[str, Any] = {}
    files: dict[str, str] = {}
    try:
        reader = await request.multipart()
        for _ in range(MOST_PARTS):
            part = await reader.next()
            if part is None:
                return {**given, **files}
            if not isinstance(part, BodyPartReader):
                raise InvalidInput("A part of the form is a form itself; send each file as one part.")
            if part.name == "input":
                given = await _read_input(request, part)
            else:
                name = _field(part, binary, files)
                files[name] = await _keep(request, part)
    except (ValueError, LookupError, AssertionError, RuntimeError) as error:
        raise InvalidInput("The form cannot be read. Is the boundary in Content-Type that of the body?") from error
    raise TooLarge(f"A form may have {MOST_PARTS} parts at most.")


async def arriving(source: Readable, silence: float) -> AsyncIterator[bytes]:
    """The bytes of a body or part; silence for too long is a `TooSlow`."""
    while True:
        try:
            async with asyncio.timeout(silence):
                chunk = await source.read_chunk(CHUNK)
        except TimeoutError:
            raise TooSlow(f"The upload stopped arriving for {silence:g} s (BRIDGE_BODY_TIMEOUT).") from None
        if not chunk:
            return
        yield chunk


def file_name(given: str | None) -> str:
    """A name that is safe to keep and to send back in a header."""
    last = unquote(given or "", errors="replace").replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable() and each not in '"<>|:*?')[-150:].strip(". ") or "upload"


async def _read_input(request: web.Request, part: BodyPartReader) -> dict[str, Any]:
    settings = request.app[SERVICE].settings
    found = bytearray()
    async for chunk in arriving(part, settings.body_timeout):
        found += chunk
        if len(found) > settings.max_body:
            raise TooLarge(f"The part 'input' is larger than {settings.max_body} bytes (BRIDGE_MAX_BODY).")
    return parse_object(bytes(found))


def _field(part: BodyPartReader, binary: tuple[str, ...], files: dict[str, str]) -> str:
    name = part.name or ""
    if name in files:
        raise InvalidInput(f"The part '{name}' came twice.", issues=[Issue("part", f"/{name}", "came twice")])
    if name not in binary:
        offered = ", ".join(("input", *binary))
        said = f"is not a part this step takes; it takes {offered}"
        raise InvalidInput(f"The part {name[:60]!a} {said}.", issues=[Issue("part", f"/{name[:60]!a}", said)])
    return name


async def _keep(request: web.Request, part: BodyPartReader) -> str:
    service = request.app[SERVICE]
    file = await keep_upload(
        service.store.blobs,
        request[CALLER].name,
        arriving(part, service.settings.body_timeout),
        name=file_name(part.filename),
        media_type=media_type(part.headers.get("Content-Type")),
        max_bytes=service.settings.max_upload,
    )
    return f"blob:sha256:{file.sha256}"


def media_type(given: str | None) -> str:
    """A media type worth keeping, else nothing."""
    found = (given or "").partition(";")[0].strip().lower()
    plain = found.isascii() and found.isprintable() and found.count("/") == 1 and len(found) < 128
    return found if plain and found not in ("application/octet-stream", "application/x-www-form-urlencoded") else ""
