"""A process that starts executions and is killed at a chosen moment: ``python -m tests.executions.mortal``.

Arguments: database, n8n's address, folder, how many executions to ask for, and ``place:side:count``, where it dies
(``-`` for never). It prints the id of every execution once it is on record, and ``done`` when all have ended.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp

from bridge.doors.n8n.calling import Caller
from bridge.doors.n8n.over_http import N8nOverHttp
from bridge.doors.store import ExecutionsWanted, memory, sql
from bridge.executions import Events, Pace, Wish, assembled

PACE = Pace(soonest=0.02, interval=0.2, claim_within=0.5, timeout=60)
PLACES = {
    "add": ("records.executions", "add"),
    "take": ("records.executions", "take"),
    "change": ("records.executions", "change"),
    "bind": ("records.executions", "bind"),
    "unfinished": ("records.history", "unfinished"),
    "note": ("records.analytics", "note"),
    "answers": ("n8n", "answers"),
    "start": ("n8n", "start"),
    "get": ("n8n", "get"),
    "list": ("n8n", "list"),
}


def arm(parts, where):
    """Let the process die before or after the n-th call at *where*, as by `kill -9`."""
    if where == "-":
        return
    place, side, count = where.split(":")
    owner, verb = PLACES[place]
    door = parts[owner]
    real, left = getattr(door, verb), [int(count)]

    async def deadly(*given, **named):
        left[0] -= 1
        if left[0] == 0 and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await real(*given, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(door, verb, deadly)


async def live(url, n8n_url, folder, wishes, where):
    async with sql.opened(url) as database, aiohttp.ClientSession() as session:
        records, n8n = sql.build_records(database), N8nOverHttp(Caller(session, n8n_url, "key"))
        arm(
            {"records.executions": records.executions, "records.history": records.history,
             "records.analytics": records.analytics, "n8n": n8n.executions},
            where,
        )  # fmt: skip

        async def revive(workflow_id):
            raise AssertionError(workflow_id)

        store, events = memory.build(Path(folder)), Events(records.analytics)
        room = assembled(records, store, n8n.executions, pace=PACE, revive=revive, events=events)
        room.engine.start()
        for _ in range(wishes):
            made = await room.starting.wish(Wish("w", "tester"))
            sys.stdout.write(f"{made.execution_id}\n")
            sys.stdout.flush()
            room.engine.nudge()
        wanted = ExecutionsWanted(statuses=("queued", "running"))
        while await records.executions.count(wanted):
            await asyncio.sleep(0.05)
        await room.engine.close()
        sys.stdout.write("done\n")


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:4], int(sys.argv[4]), sys.argv[5]))
