"""Keeping the house in order: forgotten runs are found again, old ones removed with all that hangs on them."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from bridge.doors.durable import Durable
from bridge.doors.store import Store
from bridge.problems import Problem
from bridge.runs.desk import Desk

log = structlog.get_logger()
LOOK_AROUND = 15.0
CLEAN_EVERY = 240
"""Rounds between two cleanings; about an hour."""
BATCH = 500


async def keep_house(keep: int, store: Store, desk: Desk, queues: Durable) -> None:
    """Look around for ever; what fails is tried again at the next round."""
    rounds = 0
    while True:
        await asyncio.sleep(LOOK_AROUND)
        rounds += 1
        try:
            await desk.background.recover(everything=False)
            if rounds % CLEAN_EVERY == 1:
                await clean(keep, store, queues, datetime.now(UTC))
        except Problem as problem:
            log.warning("the house was not put in order", why=str(problem))


async def clean(keep: int, store: Store, queues: Durable, now: datetime) -> int:
    """Remove what is older than *keep* seconds; return how many runs went."""
    before = now - timedelta(seconds=keep)
    removed = 0
    while count := await store.runs.remove(ended_before=before, limit=BATCH):
        removed += count
    unfinished = {run.id for run in await store.attempts.unfinished(limit=10_000)}
    await store.blobs.remove(named_before=before, keep_runs=unfinished)
    await store.keys.remove(expired_before=now)
    await store.callbacks.remove(created_before=before)
    await queues.remove(older_than=keep)
    if removed:
        log.info("old runs were removed", runs=removed)
    return removed
