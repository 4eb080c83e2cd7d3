"""Killed at any moment, an execution that was acknowledged is neither lost nor worked on twice."""

import asyncio
import random
import sys
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from bridge.doors.claims import Claimed, N8nPlace
from bridge.doors.store import ExecutionsWanted, Workflow, memory, sql
from bridge.executions import Events, RecordedClaims, assembled

from .conftest import QUICK
from .mortal import PLACES

PROJECT = Path(__file__).parents[2]
MOMENTS = [f"{place}:{side}" for place in PLACES for side in ("before", "after")]
SAMPLE = random.Random(4).sample(MOMENTS, 8)
WISHES = 3


class FakeServer:
    """An n8n over HTTP that outlives the bridge; its executions claim through another replica of ours."""

    def __init__(self) -> None:
        self.executions: dict[str, dict] = {}
        self.worked: Counter[str] = Counter()
        self.claims = None
        self.tasks: set[asyncio.Task] = set()
        self.silent = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("OPTIONS", "/webhook/w", self.methods)
        app.router.add_post("/webhook/w", self.start)
        app.router.add_get("/api/v1/executions", self.listing)
        app.router.add_get("/api/v1/executions/{id}", self.one)
        app.router.add_post("/api/v1/executions/{id}/stop", self.one)
        return app

    async def methods(self, request):
        return web.Response(status=204, headers={"Access-Control-Allow-Methods": "OPTIONS, POST"})

    async def start(self, request):
        body = await request.json()
        execution_id = str(len(self.executions) + 1)
        moment = datetime.now(UTC).isoformat()
        trace = {"traceparent": request.headers["traceparent"]}
        self.executions[execution_id] = {
            "id": execution_id, "workflowId": "w", "status": "running", "mode": "webhook", "startedAt": moment,
            "tracingContext": trace,
        }  # fmt: skip
        task = asyncio.create_task(self.work(execution_id, body["data"]))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return web.json_response({"message": "Workflow was started"})

    async def work(self, execution_id, data):
        await asyncio.sleep(0.05)
        place = N8nPlace("w", execution_id, "Gate", "tester")
        claimed = await self.claims.claim(data["execution_id"], data["claim"], place, {})
        if not claimed.duplicate:
            self.worked[claimed.execution_id] += 1
        await asyncio.sleep(0.05)
        self.executions[execution_id] |= {"status": "success", "stoppedAt": datetime.now(UTC).isoformat()}

    async def listing(self, request):
        wanted = request.query.get("status")
        found = [each for each in reversed(self.executions.values()) if (each["status"] == wanted) == bool(wanted)]
        shown = [{key: value for key, value in each.items() if key != "tracingContext"} for each in found]
        return web.json_response({"data": shown, "nextCursor": None})

    async def one(self, request):
        return web.json_response(self.executions[request.match_info["id"]])


@asynccontextmanager
async def served(url, folder):
    """The n8n, and the replica that answers claims."""
    fake = FakeServer()
    runner = web.AppRunner(fake.app())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with sql.opened(url) as database:
            records = sql.build_records(database)
            moment = datetime.now(UTC)
            kept = {"hook_url": f"{address}/webhook/w", "nodes": ("A",), "published": True}
            await records.workflows.put(Workflow("w", "tester", "W", moment, moment, **kept))
            room = assembled(
                records, memory.build(folder), None, pace=QUICK, revive=None, events=Events(records.analytics)
            )
            fake.claims = room.claims
            yield fake, records, address
            await asyncio.gather(*fake.tasks)
    finally:
        await runner.cleanup()


async def live(url, address, folder, wishes, where):
    """Let a process live until it is done or dead; return its code and what it acknowledged."""
    words = [sys.executable, "-m", "tests.executions.mortal", url, address, str(folder), str(wishes), where]
    child = await asyncio.create_subprocess_exec(*words, cwd=PROJECT, stdout=asyncio.subprocess.PIPE)
    try:
        said, _ = await asyncio.wait_for(child.communicate(), 60)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode, [each for each in said.decode().split() if each != "done"]


async def survive(url, folder, where):
    async with served(url, folder) as (fake, records, address):
        code, acknowledged = await live(url, address, folder, WISHES, where)
        assert code in (0, -9), f"{where}: {code}"
        again, _ = await live(url, address, folder, 0, "-")
        assert again == 0
        await asyncio.gather(*fake.tasks)
        every = (await records.executions.find(ExecutionsWanted(), limit=100)).items
        history = {each.execution_id: (each.status, fake.worked[each.execution_id]) for each in every}
        lost = [each for each in acknowledged if each not in history]
        wrong = {name: told for name, told in history.items() if told != ("completed", 1)}
        assert not lost, f"{where}: lost {lost}"
        assert not wrong, f"{where}: lost, doubled or stuck {wrong}"
        return code


@pytest.mark.parametrize("moment", SAMPLE)
async def test_a_kill_loses_nothing_and_doubles_nothing(moment, tmp_path):
    count = 2 if moment.startswith(("add", "note")) else 1
    code = await survive(f"sqlite:///{tmp_path}/bridge.db", tmp_path, f"{moment}:{count}")
    if moment.split(":")[0] in ("add", "take", "unfinished", "answers", "start"):
        assert code == -9


@pytest.mark.postgres
@pytest.mark.parametrize("moment", ["take:after", "start:before", "start:after"])
async def test_a_kill_loses_nothing_on_postgresql_either(moment, postgres_url, tmp_path):
    assert await survive(postgres_url, tmp_path, f"{moment}:1") == -9


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_twenty_five_kills_at_every_moment(moment, tmp_path):
    for count in range(1, 26):
        folder = tmp_path / str(count)
        folder.mkdir()
        await survive(f"sqlite:///{folder}/bridge.db", folder, f"{moment}:{count}")


async def test_without_a_fault_the_same_history_is_clean(tmp_path):
    assert await survive(f"sqlite:///{tmp_path}/bridge.db", tmp_path, "-") == 0


async def test_the_checker_sees_a_doubled_start(tmp_path, monkeypatch):
    """The negative control: with claims that let everybody in, the same check fails."""

    async def careless(self, execution_id, claim, place, event):
        await self._records.executions.bind(execution_id, place.execution_id, datetime.now(UTC))
        return Claimed(execution_id)

    async def twice(self, execution_id, data):
        await work(self, execution_id, data)
        await work(self, execution_id, data)

    work = FakeServer.work
    monkeypatch.setattr(RecordedClaims, "claim", careless)
    monkeypatch.setattr(FakeServer, "work", twice)
    with pytest.raises(AssertionError, match="doubled"):
        await survive(f"sqlite:///{tmp_path}/bridge.db", tmp_path, "-")
