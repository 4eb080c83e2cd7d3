"""A whole executions room on a real database and an n8n that lives in the test's process."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bridge.doors.claims import N8nPlace
from bridge.doors.n8n.in_memory import InMemoryN8n
from bridge.doors.store import Workflow, memory, sql
from bridge.executions import Events, Pace, assembled
from bridge.executions.starting import Wish

QUICK = Pace(soonest=0.02, interval=0.2, claim_within=0.4, timeout=30)
ONE_STEP = ("Start", "Gate", "Work")


async def until(question, wanted=bool, within=15.0):
    """Ask again until the answer is wanted; fail loudly when it never is."""
    deadline = time.monotonic() + within
    while not wanted(answer := await question()):
        assert time.monotonic() < deadline, f"still {answer!r}"
        await asyncio.sleep(0.01)
    return answer


@dataclass
class Lab:
    """The room, its database, its n8n, and one published workflow."""

    records: object
    store: object
    n8n: InMemoryN8n
    room: object
    workflow_id: str = ""
    revived: int = 0

    async def behave(self, run):
        """Do what a compiled workflow does: start, claim at the gate, work."""
        data = run.body.get("data", {})
        run.finished("Start")
        place = N8nPlace(run.workflow_id, run.execution_id, "Gate", "tester")
        claimed = await self.room.claims.claim(data.get("execution_id", ""), data.get("claim", ""), place, data)
        run.finished("Gate")
        if claimed.duplicate:
            return
        await self.work(run, claimed)

    async def work(self, run, claimed):
        run.finished("Work")

    async def revive(self, workflow_id):
        self.revived += 1
        await self.n8n.workflows.publish(workflow_id)
        await until(lambda: self.n8n.executions.answers(self.url))

    @property
    def url(self):
        return "http://n8n/webhook/start-here"

    async def publish(self):
        names = [
            {"id": name, "name": name, "type": "n8n-nodes-base.noOp", "position": [0, 0], "parameters": {}}
            for name in ONE_STEP
        ]
        names[0] |= {"type": "n8n-nodes-base.webhook", "parameters": {"path": "start-here"}}
        stored = await self.n8n.workflows.create({"name": "Lab", "nodes": names, "connections": {}})
        await self.n8n.workflows.publish(stored.id)
        await until(lambda: self.n8n.executions.answers(self.url))
        moment = datetime.now(UTC)
        kept = {"hook_url": self.url, "nodes": ONE_STEP, "template_name": "lab", "published": True}
        await self.records.workflows.put(Workflow(stored.id, "tester", "Lab", moment, moment, **kept))
        self.workflow_id = stored.id

    async def start(self, **more):
        execution = await self.room.starting.wish(Wish(**{"workflow_id": self.workflow_id, "tenant": "tester", **more}))
        self.room.engine.nudge()
        return execution.execution_id

    async def get(self, execution_id):
        return await self.records.executions.get(execution_id)

    async def ended(self, execution_id, within=15.0):
        return await until(lambda: self.get(execution_id), lambda each: each.ended, within)


@asynccontextmanager
async def a_lab(url, folder, *, pace=QUICK, n8n=None):
    fake = n8n or InMemoryN8n(activation=0.01)
    async with sql.opened(url) as database:
        records, store = sql.build_records(database), memory.build(folder)
        lab = Lab(records, store, fake, None)
        lab.room = assembled(
            records, store, fake.executions, pace=pace, revive=lab.revive, events=Events(records.analytics)
        )
        fake.behaviour = lab.behave
        if n8n is None:
            await lab.publish()
        else:
            lab.workflow_id = next(iter(fake.kept))
        lab.room.engine.start()
        try:
            yield lab
        finally:
            await lab.room.engine.close()
            if n8n is None:
                await fake.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, tmp_path):
    return f"sqlite:///{tmp_path}/bridge.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
async def lab(tmp_path):
    async with a_lab(f"sqlite:///{tmp_path}/bridge.db", tmp_path) as made:
        yield made
