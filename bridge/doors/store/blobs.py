"""Blobs and files: bytes by the hash of their content, and the names runs gave them."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Blob:
    """Bytes kept under the SHA-256 of their content."""

    sha256: str
    size: int
    path: Path


@dataclass(frozen=True)
class StoredFile:
    """A name for a blob: a file some run made, or an upload; ``run_id`` is empty for an upload."""

    id: str
    tenant: str
    run_id: str
    sha256: str
    name: str
    media_type: str
    size: int
    created_at: datetime


class Blobs(Protocol):
    """Content-addressed bytes on disk, and the files that name them. A tenant sees its own alone."""

    async def put(self, chunks: AsyncIterator[bytes], *, max_bytes: int) -> Blob:
        """Stream bytes to disk and keep them; raise `TooLarge` or `StorageFull`, leaving nothing behind."""
        ...

    async def get(self, sha256: str) -> Blob:
        """The blob; raise `NotFound`."""
        ...

    async def name(self, file: StoredFile) -> None:
        """Keep a file's name for a blob that is there."""
        ...

    async def file(self, file_id: str) -> StoredFile:
        """The file of this id; raise `NotFound`."""
        ...

    async def named(self, tenant: str, sha256: str) -> StoredFile:
        """The newest file of the tenant with this content; raise `NotFound`."""
        ...

    async def remove(self, *, named_before: datetime, keep_runs: Collection[str] = ()) -> int:
        """Forget files named before that moment, but not of *keep_runs*, and bytes nothing names any more."""
        ...
