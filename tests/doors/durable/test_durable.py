"""What every adapter of the durable door promises; recovery after a crash stands in tests/trips."""

import asyncio

import pytest

from bridge.doors.durable import Queue
from bridge.doors.durable.in_process import InProcessDurable
from bridge.doors.durable.on_dbos import DbosDurable


@pytest.fixture(params=["in_process", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def durable(request, tmp_path):
    if request.param == "in_process":
        return InProcessDurable()
    url = f"sqlite:///{tmp_path}/durable.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return DbosDurable(url)


class Worker:
    """Counts what it is given; says when enough has been done."""

    def __init__(self, enough=1, answers=()):
        self.done, self.now, self.most = [], 0, 0
        self.answers, self.enough, self.reached = list(answers), enough, asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    async def __call__(self, job):
        self.now += 1
        self.most = max(self.most, self.now)
        self.began.set()
        await self.gate.wait()
        await asyncio.sleep(0)
        self.now -= 1
        self.done.append(job)
        if len(self.done) >= self.enough:
            self.reached.set()
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


async def reach(worker):
    async with asyncio.timeout(30):
        await worker.reached.wait()


async def test_a_submitted_job_is_done(durable):
    worker = Worker()
    await durable.start([Queue("look", worker, 2)])
    await durable.submit("look", "a")
    await reach(worker)
    await durable.stop()
    assert worker.done == ["a"]


async def test_a_job_that_waits_or_runs_is_not_doubled(durable):
    worker = Worker()
    worker.gate.clear()
    await durable.start([Queue("look", worker, 2)])
    for _ in range(3):
        await durable.submit("look", "a")
    async with asyncio.timeout(30):
        await worker.began.wait()
    await durable.submit("look", "a")
    worker.gate.set()
    await reach(worker)
    await durable.submit("look", "b")
    await durable.stop()
    assert worker.done.count("a") == 1


async def test_no_more_than_the_width_at_once(durable):
    worker = Worker(enough=6)
    await durable.start([Queue("look", worker, 2)])
    for n in range(6):
        await durable.submit("look", str(n))
    await reach(worker)
    await durable.stop()
    assert sorted(worker.done) == list("012345")
    assert worker.most <= 2


async def test_a_job_may_ask_to_be_called_again(durable):
    worker = Worker(enough=3, answers=[0.1, 0.1])
    await durable.start([Queue("look", worker, 2)])
    await durable.submit("look", "a")
    await reach(worker)
    await durable.stop()
    assert worker.done == ["a", "a", "a"]


async def test_a_job_that_fails_is_done_again(durable):
    worker = Worker(enough=2, answers=[ValueError("by chance")])
    await durable.start([Queue("look", worker, 2)])
    await durable.submit("look", "a")
    await reach(worker)
    await durable.stop()
    assert worker.done == ["a", "a"]


async def test_stopping_waits_for_the_work_that_runs(durable):
    worker = Worker()
    worker.gate.clear()
    await durable.start([Queue("look", worker, 2)])
    await durable.submit("look", "a")
    async with asyncio.timeout(30):
        await worker.began.wait()
    stopping = asyncio.create_task(durable.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    worker.gate.set()
    await stopping
    assert worker.done == ["a"]


async def test_a_delayed_job_waits_its_time(durable):
    worker, clock = Worker(enough=2), asyncio.get_running_loop().time
    await durable.start([Queue("look", worker, 2)])
    began = clock()
    await durable.submit("look", "later", delay=1)
    await durable.submit("look", "now")
    await reach(worker)
    await durable.stop()
    assert worker.done == ["now", "later"]
    assert clock() - began >= 1
