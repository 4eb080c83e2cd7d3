"""Blobs: bytes uploaded ahead of the call that uses them."""

from aiohttp import StreamReader, web

from bridge.problems import InvalidInput, TooLarge
from bridge.runs.files import keep_upload
from bridge.web.answers import answer
from bridge.web.middlewares import CALLER
from bridge.web.service import SERVICE
from bridge.web.uploads import arriving, file_name, media_type


class Body:
    """The body of a request, in chunks."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content

    async def read_chunk(self, size: int = 65_536) -> bytes:
        """Some bytes, none at the end."""
        return await self._content.read(size)


async def put(request: web.Request) -> web.Response:
    """Stream the body to disk; answer with the reference a binary field takes."""
    service = request.app[SERVICE]
    most = service.settings.max_upload
    if (request.content_length or 0) > most:
        raise TooLarge(f"The upload has {request.content_length} bytes; the limit is {most} (BRIDGE_MAX_UPLOAD).")
    if not request.can_read_body:
        raise InvalidInput("The body is empty; send the file's bytes as the body.")
    file = await keep_upload(
        service.store.blobs,
        request[CALLER].name,
        arriving(Body(request.content), service.settings.body_timeout),
        name=file_name(request.headers.get("X-File-Name")),
        media_type=media_type(request.headers.get("Content-Type")),
        max_bytes=most,
    )
    return answer({"blob": f"blob:sha256:{file.sha256}", "file_id": file.id, "size": file.size}, 201)
