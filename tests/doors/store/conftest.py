"""The store, three times: in memory, on SQLite, on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.doors.store import Store, memory, sql


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield memory.build(tmp_path)
        return
    url = f"sqlite:///{tmp_path}/bridge.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with sql.open_store(url, tmp_path) as store:
        yield store
