"""The files of one run: uploads it may open, files it makes, a folder to work in."""

import asyncio
import mimetypes
import shutil
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from bridge.authoring import Upload, Written
from bridge.doors.store import Blobs, Run, StoredFile
from bridge.problems import InvalidInput, NotFound
from bridge.runs.running import Made

CHUNK = 1_048_576


class RunFiles:
    """Files of *run*, whose private folder is *folder*."""

    def __init__(self, blobs: Blobs, folder: Path, run: Run, made: Made, max_bytes: int) -> None:
        self._blobs, self._folder, self._tenant, self._run_id = blobs, folder, run.tenant, run.id
        self._made, self._max_bytes = made, max_bytes

    async def open(self, reference: str) -> Upload:
        """What ``blob:sha256:<hex>`` or ``file:<id>`` names, as a private copy."""
        file = await find(self._blobs, self._tenant, reference)
        blob = await self._blobs.get(file.sha256)
        name = Path(file.name).name or "upload"
        path = self.scratch() / f"{uuid.uuid4().hex[:8]}-{name[-100:]}"
        await asyncio.to_thread(_link_or_copy, blob.path, path)
        return Upload(path, name, file.media_type, blob.size, blob.sha256)

    async def write(self, name: str, content: bytes | Path, media_type: str) -> Written:
        """Keep a file of the result."""
        blob = await self._blobs.put(_chunks(content), max_bytes=self._max_bytes)
        file = StoredFile(
            str(uuid.uuid4()), self._tenant, self._run_id, blob.sha256, Path(name).name, media_type, blob.size,
            datetime.now(UTC),
        )  # fmt: skip
        await self._blobs.name(file)
        written = Written(file.id, file.name, media_type, blob.size, blob.sha256, f"/v1/files/{file.id}")
        self._made.files.append(written)
        return written

    def scratch(self) -> Path:
        """The run's folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    async def clear(self) -> None:
        """Remove the run's folder."""
        if self._folder.exists():
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)


async def find(blobs: Blobs, tenant: str, reference: str) -> StoredFile:
    """The file a reference names, if the tenant may see it; raise `InvalidInput` or `NotFound`."""
    if digest := reference.removeprefix("blob:sha256:") if reference.startswith("blob:sha256:") else "":
        return await blobs.named(tenant, digest)
    if not reference.startswith("file:"):
        raise InvalidInput(
            f"'{reference[:60]}' names no upload. Send blob:sha256:<hex> from PUT /v1/blobs, file:<id> of an earlier"
            " result, or the file itself as a multipart part."
        )
    file = await blobs.file(reference.removeprefix("file:"))
    if file.tenant != tenant:
        raise NotFound(f"There is no file '{file.id}'.")
    return file


async def keep_upload(
    blobs: Blobs, tenant: str, chunks: AsyncIterator[bytes], *, name: str, media_type: str, max_bytes: int
) -> StoredFile:
    """Stream an upload to disk and name it for its tenant."""
    blob = await blobs.put(chunks, max_bytes=max_bytes)
    guessed = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    file = StoredFile(
        str(uuid.uuid4()), tenant, "", blob.sha256, name or "upload", guessed, blob.size, datetime.now(UTC)
    )
    await blobs.name(file)
    return file


async def _chunks(content: bytes | Path) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with await asyncio.to_thread(content.open, "rb") as opened:
        while chunk := await asyncio.to_thread(opened.read, CHUNK):
            yield chunk


def _link_or_copy(source: Path, target: Path) -> None:
    """The same read-only bytes under a name of their own; a copy where links cannot reach."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
