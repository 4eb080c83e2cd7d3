"""Which processes live: each keeps beating in the database, and takes over from those that stopped.

No clocks are compared: a process is dead when its count has not moved for a lease, measured with the
watcher's own monotonic clock.
"""

import time

import sqlalchemy as sa

METADATA = sa.MetaData()
EXECUTORS = sa.Table(
    "bridge_executors",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("beat", sa.BigInteger, nullable=False),
)
ONE_AT_A_TIME = 741_852_964


class Executors:
    """The living, as one of them sees it; every verb blocks and belongs into a thread."""

    def __init__(self, engine: sa.Engine, own: str, lease: float) -> None:
        self._engine, self._own, self._lease = engine, own, lease
        self._seen: dict[str, tuple[int, float]] = {}
        self._beat = 0

    def join(self) -> None:
        """Make the table if it is missing, and begin to beat."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
            METADATA.create_all(connection)
        self.beat()

    def beat(self) -> list[str]:
        """Show life; return the executors this process must take over from, each told to one process only."""
        self._beat += 1
        with self._engine.begin() as connection:
            mine = sa.update(EXECUTORS).where(EXECUTORS.c.id == self._own).values(beat=self._beat)
            if connection.execute(mine).rowcount == 0:
                connection.execute(EXECUTORS.insert().values(id=self._own, beat=self._beat))
            found = {row.id: row.beat for row in connection.execute(sa.select(EXECUTORS))}
            return [each for each in self._silent(found) if self._bury(connection, each, found[each])]

    def leave(self) -> None:
        """Say goodbye, so that nobody waits for a lease to pass."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(EXECUTORS).where(EXECUTORS.c.id == self._own))

    def living(self) -> set[str]:
        """Everyone with a row."""
        with self._engine.connect() as connection:
            return set(connection.execute(sa.select(EXECUTORS.c.id)).scalars())

    def _silent(self, found: dict[str, int]) -> list[str]:
        now = time.monotonic()
        self._seen = {
            each: self._seen[each] if self._seen.get(each, (None,))[0] == beat else (beat, now)
            for each, beat in found.items()
            if each != self._own
        }
        return [each for each, (_, since) in self._seen.items() if now - since > self._lease]

    def _bury(self, connection: sa.Connection, executor: str, beat: int) -> bool:
        gone = sa.delete(EXECUTORS).where(EXECUTORS.c.id == executor, EXECUTORS.c.beat == beat)
        return connection.execute(gone).rowcount == 1
