"""Deliveries: kept once, worked through also after a crash, played again; and the clock."""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from bridge.deliveries import Receiving, Scheduling
from bridge.deliveries.scheduling import last_due
from bridge.doors.store import Trigger, Workflow, memory, sql
from bridge.problems import InvalidInput, Unauthenticated, Unavailable

from . import payloads as p

NOW = datetime(2030, 1, 1, 12, 0, 30, tzinfo=UTC)


@dataclass
class Recorder:
    """A starter that remembers; ``down`` plays a database or n8n that is away."""

    started: dict = field(default_factory=dict)
    down: bool = False

    async def start(self, workflow_id, **more):
        if self.down:
            raise Unavailable("away")
        self.started.setdefault(more["execution_id"], (workflow_id, more))
        return more["execution_id"]

    @property
    def triggers(self):
        return sorted(more["trigger"] for _, more in self.started.values())


@dataclass
class Post:
    records: object
    starter: Recorder
    receiving: Receiving

    async def deliver(self, raw=p.GITHUB_PUSH, named="push", name="d1", forge="github", hook="main"):
        body = orjson.dumps(raw)
        secret = self.receiving.secret(forge, hook)
        signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signed}", "X-GitHub-Event": named, "X-GitHub-Delivery": name}
        return await self.receiving.receive(forge, hook, headers, body)

    async def outcome(self, receipt):
        return await self.records.deliveries.get(receipt.id)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def post(request, tmp_path):
    url = f"sqlite:///{tmp_path}/bridge.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with sql.opened(url) as database:
        records, starter = sql.build_records(database), Recorder()
        webhooks = memory.build(tmp_path).webhooks
        for name in ("w1", "w2"):
            await records.workflows.put(Workflow(name, "tester", name, NOW, NOW, published=True))
        await records.triggers.replace("w1", [Trigger("t1", "w1", "git_push", NOW, {"branches": ["feature"]})])
        await records.triggers.replace("w2", [Trigger("t2", "w2", "git_push", NOW, {"branches": ["release/*"]})])
        yield Post(records, starter, Receiving(records, webhooks, starter, "a secret"))


async def test_a_delivery_starts_who_listens_and_tells_the_others_why_not(post):
    receipt = await post.deliver()
    await post.receiving.work_through()
    kept = await post.outcome(receipt)
    by_workflow = {each["workflow_id"]: each for each in kept.starts}
    assert kept.outcome == "started"
    assert by_workflow["w1"]["execution_id"] in post.starter.started
    assert by_workflow["w2"]["reason"] == "branches: 'feature' is not among release/*"
    _, more = next(iter(post.starter.started.values()))
    assert (more["event"]["forge"], more["event"]["delivery_id"], more["lane"]) == (
        "github", receipt.id, "w1 git_push octo/hello feature",
    )  # fmt: skip


async def test_fifty_at_once_take_effect_once(post):
    receipts = await asyncio.gather(*(post.deliver() for _ in range(50)))
    assert sum(not each.duplicate for each in receipts) == 1
    await post.receiving.work_through()
    await post.receiving.work_through()
    assert len(post.starter.started) == 1
    assert (await post.deliver()).duplicate


async def test_what_a_crash_left_between_keeping_and_starting_is_done_once_afterwards(post):
    post.starter.down = True
    receipt = await post.deliver()
    await post.receiving.work_through()
    assert (await post.outcome(receipt)).outcome == "received"
    post.starter.down = False
    again = Receiving(post.records, post.receiving._webhooks, post.starter, "a secret")
    await asyncio.gather(again.work_through(), post.receiving.work_through())
    assert len(post.starter.started) == 1
    assert (await post.outcome(receipt)).outcome == "started"


async def test_a_wrong_signature_keeps_nothing(post):
    with pytest.raises(Unauthenticated):
        await post.receiving.receive("github", "main", {"X-Hub-Signature-256": "sha256=00"}, b"{}")
    assert (await post.records.deliveries.find()).items == ()


async def test_a_signed_body_that_is_no_json_is_refused(post):
    signed = hmac.new(post.receiving.secret("github", "main").encode(), b"nope", hashlib.sha256).hexdigest()
    with pytest.raises(InvalidInput):
        await post.receiving.receive("github", "main", {"X-Hub-Signature-256": f"sha256={signed}"}, b"nope")


async def test_a_disabled_trigger_and_an_unpublished_workflow_start_nothing(post):
    await post.records.triggers.switch("t1", False)
    receipt = await post.deliver()
    await post.receiving.work_through()
    assert post.starter.started == {}
    assert (await post.outcome(receipt)).outcome == "ignored"


async def test_a_replay_is_a_new_delivery_with_an_effect_of_its_own(post):
    first = await post.deliver()
    await post.receiving.work_through()
    again = await post.receiving.replay(await post.outcome(first))
    await post.receiving.work_through()
    assert len(post.starter.started) == 2
    assert (await post.outcome(again)).replay_of == first.id


async def test_an_event_of_no_interest_is_kept_with_the_reason(post):
    receipt = await post.deliver({"zen": "Design for failure."}, named="ping", name="d9")
    await post.receiving.work_through()
    kept = await post.outcome(receipt)
    assert (kept.outcome, kept.starts[0]["reason"]) == ("ignored", "'ping' is not an event that starts anything here")


async def test_an_odd_delivery_does_not_hold_up_the_next(post):
    await post.deliver({**p.GITHUB_PUSH, "commits": [None, "x", {"added": 5}]}, name="odd")
    await post.deliver(name="good")
    await post.receiving.work_through()
    assert len(post.starter.started) == 2


def test_the_newest_missed_moment_is_made_up_for_and_broken_lines_never_fire():
    day = timedelta(days=1)
    assert last_due("0 3 * * *", "", NOW - day, NOW) == NOW.replace(hour=3, minute=0, second=0)
    assert last_due("0 3 * * *", "Europe/Berlin", NOW - day, NOW) == NOW.replace(hour=2, minute=0, second=0)
    assert last_due("0 3 * * *", "", NOW.replace(hour=4), NOW) is None
    assert last_due("every day", "", NOW - day, NOW) is None
    assert last_due("0 3 * * *", "Mars/Olympus", NOW - day, NOW) is None


async def test_a_schedule_fires_once_per_moment_whoever_looks_and_again_at_the_next(post):
    clock = [NOW]
    await post.records.triggers.replace(
        "w1", [Trigger("s1", "w1", "schedule", NOW - timedelta(minutes=3), {"cron": "* * * * *"})]
    )
    several = [Scheduling(post.records, post.receiving, clock=lambda: clock[0]) for _ in range(3)]
    assert sum(await asyncio.gather(*(each.fire_due() for each in several))) == 1
    assert await several[0].fire_due() == 0
    clock[0] += timedelta(minutes=1)
    assert await several[0].fire_due() == 1
    await post.receiving.work_through()
    assert post.starter.triggers == ["schedule", "schedule"]
    _, more = next(iter(post.starter.started.values()))
    assert more["event"]["schedule"]["cron"] == "* * * * *"
