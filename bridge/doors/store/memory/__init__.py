"""The store in memory: for tests that need no database. It passes the same contract suite."""

from pathlib import Path

from bridge.doors.store import Store
from bridge.doors.store.memory.blobs import MemoryBlobs
from bridge.doors.store.memory.ledger import MemoryLedger
from bridge.doors.store.memory.messages import MemoryCallbacks, MemoryWebhooks
from bridge.doors.store.memory.runs import MemoryAttempts, MemoryIdempotencyKeys, MemoryRuns
from bridge.doors.store.runs import Run


def build(data: Path) -> Store:
    """Put the nouns together on empty dictionaries; blobs go below *data*."""
    runs: dict[str, Run] = {}
    return Store(
        runs=MemoryRuns(runs),
        attempts=MemoryAttempts(runs),
        keys=MemoryIdempotencyKeys(runs),
        blobs=MemoryBlobs(data / "blobs"),
        callbacks=MemoryCallbacks(),
        webhooks=MemoryWebhooks(),
        ledger=MemoryLedger(),
    )
