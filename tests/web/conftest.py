"""A running bridge and a client of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.service import Bridge, a_bridge


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[Bridge]:
    async with a_bridge(tmp_path / "data") as running:
        yield running


@pytest.fixture
async def client(bridge: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    async with bridge.client() as each:
        yield each


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Bridge]:
    """A bridge that serves the trial pack."""
    async with a_bridge(tmp_path / "data", trial=True, n8n_url="http://127.0.0.1:9") as running:
        yield running


@pytest.fixture
async def alice(trial: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the trial pack."""
    async with trial.client() as each:
        yield each
