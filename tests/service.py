"""A whole bridge in the test's own process, on a free port, with a key of each role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from bridge.app import running
from bridge.doors.durable import Durable
from bridge.doors.durable.in_process import InProcessDurable
from bridge.settings import Settings
from tests.trial import catalogue

USE, MANAGE, OTHER = "key-of-alice", "key-of-the-operator", "key-of-bob"
KEYS = {USE: "alice:use", MANAGE: "operator:manage", OTHER: "bob:use"}


@dataclass
class Bridge:
    """A running bridge: its address, and clients that carry a key."""

    url: str
    settings: Settings

    def client(self, key: str | None = USE, timeout_: float = 30, **options: Any) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout_, **options)


def settings_for(folder: Path, **changed: Any) -> Settings:
    entries = ",".join(f"{who}:{sha256(key.encode()).hexdigest()}" for key, who in KEYS.items())
    return Settings(**{"port": 0, "data_dir": folder, "api_keys": entries, **changed})


@asynccontextmanager
async def a_bridge(
    folder: Path, *, durable: Durable | None = None, trial: bool = False, **changed: Any
) -> AsyncIterator[Bridge]:
    """*trial* serves the trial pack instead of what is installed; queues are in process unless *durable* is given."""
    settings = settings_for(folder, **changed)
    steps = catalogue() if trial else None
    async with running(settings, durable=durable or InProcessDurable(), catalogue=steps) as url:
        yield Bridge(url, settings)
