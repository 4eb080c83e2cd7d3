"""Scheduling: cron lines, each moment fired once for all processes, and the last missed one after a pause."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from croniter import CroniterError, croniter

from bridge.deliveries.forges import Event
from bridge.deliveries.receiving import Receiving
from bridge.doors.store import Records, Trigger
from bridge.problems import Problem

log = structlog.get_logger()
CATCH_UP = timedelta(hours=24)
"""A moment that was missed while the bridge was down is made up for when it is not older than this."""


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def last_due(cron: str, zone: str, after: datetime, until: datetime) -> datetime | None:
    """Return the newest moment of *cron* in (*after*, *until*]; nothing when there is none or the line is broken."""
    try:
        local = until.astimezone(ZoneInfo(zone or "UTC"))
        previous = croniter(cron, local + timedelta(seconds=1)).get_prev(datetime)
    except (CroniterError, ZoneInfoNotFoundError, ValueError):
        return None
    found: datetime = previous.astimezone(UTC)
    return found if after < found <= until else None


class Scheduling:
    """Fires schedules."""

    def __init__(
        self, records: Records, receiving: Receiving, *, clock: Callable[[], datetime] = utc_now, look: float = 5.0
    ) -> None:
        self._records = records
        self._receiving = receiving
        self._clock = clock
        self._look = look
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._loop = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        if self._loop:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop

    async def _run(self) -> None:
        while True:
            try:
                await self.fire_due()
            except Problem as problem:
                log.warning("schedules.wait", said=str(problem))
            except Exception:
                # A schedule must not end because of one odd row.
                log.exception("schedules.round_failed")
            await asyncio.sleep(self._look)

    async def fire_due(self) -> int:
        """Fire what is due and return how many."""
        return sum([await self._fire(each) for each in await self._records.triggers.listening("schedule")])

    async def _fire(self, trigger: Trigger) -> bool:
        moment = self._clock()
        cron, zone = str(trigger.trigger_config.get("cron", "")), str(trigger.trigger_config.get("timezone", ""))
        after = max(trigger.cursor or trigger.created_at, moment - CATCH_UP)
        due = last_due(cron, zone, after, moment)
        if due is None or not await self._records.triggers.advance(trigger.id, trigger.cursor, due):
            return False
        schedule = {"cron": cron, "scheduled_for": due.isoformat()}
        event = Event("schedule", {"schedule": schedule, "workflow_id": trigger.workflow_id, "trigger_id": trigger.id})
        receipt = await self._receiving.happen(event, source="clock", key=f"{trigger.id} {due.isoformat()}")
        return not receipt.duplicate
