"""Puts together everything about workflows: n8n, records, deploying, executions, deliveries and schedules."""

import asyncio
import hashlib
import hmac
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bridge.deliveries import Receiving, Scheduling
from bridge.doors.closed import Closed
from bridge.doors.n8n import Credentials, Executions, N8n, Tags, Workflows
from bridge.doors.store import Records, Store
from bridge.executions import Events, Pace, Room, assembled
from bridge.problems import Problem
from bridge.settings import Settings
from bridge.templates import Library
from bridge.web.rooms import WorkflowRooms
from bridge.workflows import Deploying, Furnishing, Furniture, Place, Proving, Removing

log = structlog.get_logger()
KEPT_IN = "path_secret"
NO_N8N = "No n8n is connected. Set N8N_URL and N8N_API_KEY."


@dataclass(frozen=True)
class ClosedN8n:
    """`N8n` where none is configured."""

    workflows: Workflows
    executions: Executions
    credentials: Credentials
    tags: Tags


def path_secret(settings: Settings) -> str:
    """Return the secret that paths, hook secrets and n8n's own key are made from; made once when none is set."""
    if settings.path_secret:
        return settings.path_secret
    kept = settings.state / KEPT_IN
    kept.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return kept.read_text("ascii")


def n8n_key(settings: Settings) -> str:
    """Return the API key that n8n calls the bridge with; it is put into n8n's credential and nowhere else."""
    digest = hmac.new(path_secret(settings).encode(), b"key for n8n", hashlib.sha256).hexdigest()
    return f"bridge_{digest}"


def n8n_key_entry(settings: Settings) -> str:
    """Return the entry of that key, as BRIDGE_API_KEYS has them."""
    return f"n8n:use:{hashlib.sha256(n8n_key(settings).encode()).hexdigest()}"


def closed_n8n() -> N8n:
    """Stand in for an n8n that is not configured."""
    closed = Closed(NO_N8N)
    return ClosedN8n(closed, closed, closed, closed)


@asynccontextmanager
async def workflow_rooms(
    settings: Settings, records: Records, store: Store, library: Library, n8n: N8n | None
) -> AsyncIterator[WorkflowRooms]:
    """Put the rooms together and let them live; what an earlier process left unfinished is taken up."""
    async with AsyncExitStack() as stack:
        rooms = _put_together(settings, records, store, library, n8n or closed_n8n())
        scheduling = Scheduling(records, rooms.receiving)
        for each in (rooms.executions.engine, rooms.receiving, scheduling):
            each.start()
            stack.push_async_callback(each.close)
        cleaning = asyncio.create_task(_clean(settings, rooms))
        stack.push_async_callback(_ended, cleaning)
        yield rooms


def _put_together(settings: Settings, records: Records, store: Store, library: Library, n8n: N8n) -> WorkflowRooms:
    events, proving = Events(records.analytics), Proving(n8n)
    bridge_url = settings.url_for_n8n or settings.public_url or f"http://127.0.0.1:{settings.port}"
    secret = path_secret(settings)
    deploying = Deploying(
        n8n,
        records,
        library,
        furnishing=Furnishing(n8n, Furniture(bridge_url, n8n_key(settings))),
        proving=proving,
        place=Place(
            bridge_url, settings.n8n_webhook_url or settings.n8n_url, secret, timeout=settings.workflow_timeout
        ),
        note=events.note,
    )
    room = assembled(records, store, n8n.executions, pace=_pace(settings), revive=deploying.revive, events=events)
    receiving = Receiving(records, store.webhooks, room.superseding, secret)
    removing = Removing(n8n, records, store.webhooks, proving)
    return WorkflowRooms(records, n8n, library, deploying, removing, room, receiving, settings.public_url or bridge_url)


def _pace(settings: Settings) -> Pace:
    return Pace(
        concurrent=settings.max_concurrent_workflows,
        queued=settings.max_queued,
        timeout=settings.workflow_timeout,
        interval=settings.execution_monitor_interval,
        editor_url=settings.n8n_editor_url or settings.n8n_url,
        keep=settings.max_execution_history,
        keep_seconds=settings.keep_runs,
    )


async def _clean(settings: Settings, rooms: WorkflowRooms) -> None:
    """Remove old records at the configured pace."""
    while True:
        try:
            await _clean_once(settings, rooms.records, rooms.executions)
        except Problem as problem:
            log.warning("cleaning.waits", said=str(problem))
        await asyncio.sleep(settings.execution_cleanup_interval)


async def _clean_once(settings: Settings, records: Records, room: Room) -> None:
    await room.engine.clean()
    before = datetime.now(UTC) - timedelta(seconds=settings.keep_runs)
    await records.deliveries.prune(before)
    await records.analytics.prune(datetime.now(UTC) - timedelta(days=400))


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
