"""Executions of workflows in n8n: started once, watched to their end, never lost.

starting   the wish becomes a row, the row a call of the workflow's webhook
claiming   the workflow's first step says which n8n execution it became
watching   n8n's state becomes ours: progress, timeline, result, error
mending    what was asked for and never claimed, and what nobody here started
superseding  a newer event of the same lane takes the place of older ones
stopping   stop and retry, and the end of our own runs with it
engine     the loop that does all of it, in every process, after every crash
"""

from dataclasses import dataclass

from bridge.doors.n8n import Executions as N8nExecutions
from bridge.doors.store import Records, Store
from bridge.executions.claiming import RecordedClaims
from bridge.executions.engine import Engine
from bridge.executions.events import Events
from bridge.executions.figures import Figures
from bridge.executions.mending import Mending
from bridge.executions.pace import Pace
from bridge.executions.starting import Revive, Starting, Wish
from bridge.executions.stopping import Stopping
from bridge.executions.superseding import Superseding
from bridge.executions.watching import Watching


@dataclass(frozen=True)
class Room:
    """The room, put together."""

    starting: Starting
    watching: Watching
    stopping: Stopping
    claims: RecordedClaims
    superseding: Superseding
    engine: Engine
    events: Events
    figures: Figures


def assembled(
    records: Records, store: Store, n8n: N8nExecutions, *, pace: Pace, revive: Revive, events: Events
) -> Room:
    """Put the room together; the engine does not run before `Engine.start`."""
    starting = Starting(records, store.webhooks, n8n, events=events, pace=pace, revive=revive)
    watching = Watching(records, n8n, events, pace)
    stopping = Stopping(records, n8n, runs=store.runs, attempts=store.attempts, events=events, pace=pace)
    mending = Mending(records, n8n, events, pace)
    engine = Engine(records, starting=starting, watching=watching, mending=mending, stopping=stopping, pace=pace)
    claims = RecordedClaims(records, events, pace, engine.nudge)
    superseding = Superseding(records, starting, stopping, engine.nudge)
    return Room(starting, watching, stopping, claims, superseding, engine, events, Figures(records))


__all__ = [
    "Engine",
    "Events",
    "Figures",
    "Pace",
    "RecordedClaims",
    "Room",
    "Starting",
    "Stopping",
    "Superseding",
    "Watching",
    "Wish",
    "assembled",
]
