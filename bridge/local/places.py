"""Where the local installation keeps things: the cache outside the checkout, the checkout itself, free ports."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
NODE_PACKAGE = PROJECT / "n8n-nodes/n8n-nodes-multimodal-bridge"
PACKED = HERE.parent / "_data"


def cache() -> Path:
    """The folder for large, rebuildable things; BRIDGE_CACHE_DIR overrides it."""
    given = os.environ.get("BRIDGE_CACHE_DIR", "")
    home = os.environ.get("XDG_CACHE_HOME", "") or "~/.cache"
    folder = Path(given) if given else Path(home) / "n8n-multimodal-bridge"
    folder = folder.expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep other processes out of one part of the cache meanwhile."""
    with (cache() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def free_port(preferred: int = 0) -> int:
    """Return *preferred* if nobody listens there, otherwise a free port."""
    for wanted in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    raise OSError("This machine has no free port on 127.0.0.1.")
