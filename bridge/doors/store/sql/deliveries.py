"""Deliveries and the events for the figures in tables."""

from datetime import datetime

from sqlalchemy import Index, RowMapping, Table, UniqueConstraint, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bridge.doors.store.deliveries import AnalyticsEvent, Body, Delivery
from bridge.doors.store.runs import Page
from bridge.doors.store.sql.columns import document, moment, text
from bridge.doors.store.sql.database import METADATA, Database
from bridge.problems import NotFound

DELIVERIES = Table(
    "deliveries",
    METADATA,
    text("id", primary_key=True),
    text("forge"),
    text("hook"),
    text("delivery_id"),
    moment("received_at"),
    text("kind"),
    document("headers"),
    text("body"),
    document("events"),
    text("outcome"),
    document("starts"),
    text("replay_of"),
    UniqueConstraint("forge", "hook", "delivery_id", name="one_effect_per_delivery"),
    Index("deliveries_by_outcome", "outcome", "received_at"),
)
ANALYTICS = Table(
    "workflow_analytics",
    METADATA,
    text("id", primary_key=True),
    text("workflow_id"),
    text("execution_id"),
    text("event_type"),
    document("event_data"),
    moment("timestamp"),
    Index("analytics_by_time", "timestamp"),
)
D = DELIVERIES.c


class SqlDeliveries:
    """What arrived."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def add(self, delivery: Delivery) -> bool:
        """First come; the unique key decides, also between processes and after a restart."""
        row = {**vars(delivery), "events": list(delivery.events), "starts": list(delivery.starts)}
        async with self._database.write() as connection:
            done = await connection.execute(self._insert(DELIVERIES).values(row).on_conflict_do_nothing())
            return done.rowcount == 1

    async def get(self, delivery_id: str) -> Delivery:
        """Return one."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(DELIVERIES).where(D.id == delivery_id))).mappings().first()
        if row is None:
            raise NotFound(f"There is no delivery '{delivery_id[:60]}'.")
        return _of(row)

    async def find(
        self, *, forge: str = "", outcome: str = "", oldest_first: bool = False, limit: int = 50, cursor: str = ""
    ) -> Page[Delivery]:
        """Page by page; the cursor is the last id of the page before."""
        query = select(DELIVERIES)
        query = query.where(D.forge == forge) if forge else query
        query = query.where(D.outcome == outcome) if outcome else query
        if cursor:
            last = await self.get(cursor)
            before = or_(D.received_at < last.received_at, and_(D.received_at == last.received_at, D.id < last.id))
            after = or_(D.received_at > last.received_at, and_(D.received_at == last.received_at, D.id > last.id))
            query = query.where(after if oldest_first else before)
        order = (D.received_at, D.id) if oldest_first else (D.received_at.desc(), D.id.desc())
        async with self._database.read() as connection:
            found = [_of(row) for row in (await connection.execute(query.order_by(*order).limit(limit + 1))).mappings()]
        return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else "")

    async def settle(self, delivery_id: str, outcome: str, starts: tuple[Body, ...]) -> None:
        """Say what became of it."""
        async with self._database.write() as connection:
            await connection.execute(
                update(DELIVERIES).where(D.id == delivery_id).values(outcome=outcome, starts=list(starts))
            )

    async def prune(self, before: datetime) -> int:
        """Keep the ids for ever."""
        given = update(DELIVERIES).where(D.received_at < before, D.body != "").values(body="", headers={}, events=[])
        async with self._database.write() as connection:
            return (await connection.execute(given)).rowcount


class SqlAnalytics:
    """Events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, event: AnalyticsEvent) -> None:
        """Keep one."""
        async with self._database.write() as connection:
            await connection.execute(ANALYTICS.insert().values(dict(vars(event))))

    async def since(self, moment: datetime, *, limit: int = 100_000) -> list[AnalyticsEvent]:
        """Oldest first."""
        later = select(ANALYTICS).where(ANALYTICS.c.timestamp >= moment)
        query = later.order_by(ANALYTICS.c.timestamp, ANALYTICS.c.id).limit(limit)
        async with self._database.read() as connection:
            return [AnalyticsEvent(**row) for row in (await connection.execute(query)).mappings()]

    async def prune(self, before: datetime) -> int:
        """Remove old ones."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(ANALYTICS).where(ANALYTICS.c.timestamp < before))).rowcount


def _of(row: RowMapping) -> Delivery:
    return Delivery(**{**row, "events": tuple(row["events"]), "starts": tuple(row["starts"])})
