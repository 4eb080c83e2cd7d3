"""Folders that foreign code made once, such as installed dependencies, kept to be mounted read-only."""

import asyncio
import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bridge.doors.sandbox import Job, Outcome, Prepared
from bridge.problems import Unusable

_ARCHIVE = ".bridge-prepared.tar"
_KEPT = 20
_LAST_WORDS = 1500


class Preparations:
    """The kept folders below *place*; the oldest go when there are more than twenty."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._making: dict[str, asyncio.Lock] = {}

    async def get(self, key: str, job: Job, folder: str, run: Callable[[Job], Awaitable[Outcome]]) -> Prepared:
        """Return the folder of *key*, making it with *run* if it is not there."""
        name = hashlib.sha256(key.encode()).hexdigest()[:40]
        path = self._place / name
        async with self._making.setdefault(name, asyncio.Lock()):
            if await asyncio.to_thread(_touch, path):
                return Prepared(path, cached=True)
            packing = f'"$@" && tar -cf {_ARCHIVE} -C "$0" .'
            wrapped = replace(job, argv=("/bin/bash", "-c", packing, folder, *job.argv), collect=(_ARCHIVE,))
            outcome = await run(wrapped)
            archive = outcome.files.get(_ARCHIVE)
            if outcome.exit_code != 0 or archive is None:
                said = (outcome.stderr or outcome.stdout).decode("utf-8", "replace").strip()[-_LAST_WORDS:]
                why = "it took too long" if outcome.timed_out else said or f"exit code {outcome.exit_code}"
                raise Unusable(f"The dependencies could not be prepared: {why}")
            await asyncio.to_thread(_unpack, archive, path)
            await asyncio.to_thread(_forget_oldest, self._place)
        return Prepared(path, cached=False, outcome=outcome)


def _touch(path: Path) -> bool:
    if not path.is_dir():
        return False
    os.utime(path)
    return True


def _unpack(archive: bytes, path: Path) -> None:
    """Unpack beside and rename; the filter keeps every name and link inside and drops devices and set-id bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o755)
    beside = Path(tempfile.mkdtemp(prefix=".making-", dir=path.parent))
    try:
        with tempfile.TemporaryFile(dir=beside) as file:
            file.write(archive)
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r:") as tar:
                tar.extractall(beside / "tree", filter="data")
    except (tarfile.TarError, OSError) as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise Unusable(f"The prepared folder cannot be kept: {error}.") from error
    (beside / "tree").chmod(0o755)
    (beside / "tree").rename(path)
    shutil.rmtree(beside, ignore_errors=True)


def _forget_oldest(place: Path) -> None:
    folders = [each for each in place.iterdir() if each.is_dir() and not each.name.startswith(".")]
    for each in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(each, ignore_errors=True)
