"""A bridge process of our own, started as a person would start it: with environment variables and `bridge serve`."""

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bridge.local.places import HERE
from bridge.local.processes import Child

START = 60
FOREIGN = ("BRIDGE_", "N8N_", "POSTGRES_", "WORKFLOW_")


def key_entry(name: str, role: str, key: str) -> str:
    """One entry of BRIDGE_API_KEYS: the key itself is never configured, only its hash."""
    return f"{name}:{role}:{hashlib.sha256(key.encode()).hexdigest()}"


@dataclass
class BridgeServer:
    """One `bridge serve`; `start` returns when it answers."""

    folder: Path
    port: int
    keys: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)
    command: str = "serve"
    child: Child | None = None

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """The machine's environment without settings meant for other bridges, and ours."""
        rest = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
        package = str(HERE.parents[1])
        return {
            **rest,
            "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")])),
            "WORKFLOW_ENGINE_PORT": str(self.port),
            "BRIDGE_DATA_DIR": str(self.folder),
            "BRIDGE_API_KEYS": ",".join(self.keys),
            "BRIDGE_PUBLIC_URL": self.url,
            "BRIDGE_URL_FOR_N8N": self.url,
            **self.more,
        }

    def start(self) -> float:
        """Start and wait until it answers; return the seconds that took."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = self.folder / f"bridge-{self.command}.log"
        self.child = Child("bridge", [sys.executable, "-m", "bridge", self.command], self.environment(), log)
        return self.child.await_ready(self.ready, START)

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return httpx.get(f"{self.url}/livez", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """Stop it with everything it started."""
        if self.child is not None:
            self.child.stop()
            self.child = None
