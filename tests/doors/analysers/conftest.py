"""Our own engines, in processes that end with the test."""

from pathlib import Path

import pytest

from bridge.doors.analysers import Subject, Wanted
from bridge.doors.analysers.embedded import Embedded


@pytest.fixture
async def engines():
    made = Embedded()
    yield made
    await made.close()


@pytest.fixture
def analyse(engines, tmp_path: Path):
    """Analyse bytes under a name: ``await analyse("a.py", b"...")``."""

    async def analyse(name: str, raw: bytes | str, *, changed=None, **wanted):
        path = tmp_path / f"subject-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return await engines.analyse(Subject(path, name, changed), Wanted(**wanted))

    return analyse
