"""Bytes on disk under the hash of their content: written aside, made durable, then moved into place."""

import asyncio
import contextlib
import errno
import os
import tempfile
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

from bridge.doors.store.blobs import Blob
from bridge.problems import InvalidInput, NotFound, StorageFull, TooLarge

HEX = frozenset("0123456789abcdef")


class Disk:
    """A folder of blobs, two levels deep so that no folder grows large."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._aside = folder / "incoming"

    async def put(self, chunks: AsyncIterator[bytes], *, max_bytes: int) -> Blob:
        """Stream to a file aside; only a whole one gets its name."""
        await asyncio.to_thread(self._aside.mkdir, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._aside, delete=False) as aside:
            try:
                digest, size = await self._fill(aside, chunks, max_bytes)
                path = self.path(digest)
                await asyncio.to_thread(self._settle, aside, path)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise StorageFull("There is no room left for this upload; nothing was kept.") from error
                raise
            finally:
                await asyncio.to_thread(Path(aside.name).unlink, missing_ok=True)
        return Blob(digest, size, path)

    def path(self, digest: str) -> Path:
        """Where a blob of this hash stands; refuses what is no hash."""
        if len(digest) != 64 or set(digest) - HEX:
            raise InvalidInput(f"'{digest[:80]}' is not a SHA-256 in lower-case hexadecimal.")
        return self._folder / digest[:2] / digest[2:]

    async def get(self, digest: str) -> Blob:
        """The blob."""
        path = self.path(digest)
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
        except FileNotFoundError:
            raise NotFound(f"There is no blob sha256:{digest}, or it was removed. Upload it again.") from None
        return Blob(digest, size, path)

    async def remove(self, digest: str) -> None:
        """Forget the bytes."""
        await asyncio.to_thread(self.path(digest).unlink, missing_ok=True)

    async def _fill(
        self, aside: "tempfile._TemporaryFileWrapper[bytes]", chunks: AsyncIterator[bytes], most: int
    ) -> tuple[str, int]:
        found, size = sha256(), 0
        async for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise TooLarge(f"The upload is larger than {most} bytes (BRIDGE_MAX_UPLOAD).")
            found.update(chunk)
            await asyncio.to_thread(aside.write, chunk)
        return found.hexdigest(), size

    @staticmethod
    def _settle(aside: "tempfile._TemporaryFileWrapper[bytes]", path: Path) -> None:
        aside.flush()
        os.fsync(aside.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(aside.name).chmod(0o440)
        with contextlib.suppress(FileNotFoundError):
            Path(aside.name).replace(path)
