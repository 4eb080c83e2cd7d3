"""What every store promises about callbacks and webhooks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.doors.store import Callback, Webhook
from bridge.problems import NotFound
from tests.doors.store.test_runs import NOW

OWED = Callback("c1", "alice", "r1", "http://n8n/wait", {"type": "run.completed"}, NOW)
HOOK = Webhook(
    "h1", "alice", "http://n8n/hook", ("manual", "git_push"), "whsec_x", "w1", "Trigger", False, NOW, {"branch": "main"}
)


async def test_a_callback_is_owed_once(stores):
    assert await stores.callbacks.add(OWED)
    assert not await stores.callbacks.add(replace(OWED, url="http://elsewhere"))
    assert await stores.callbacks.waiting() == [OWED]


async def test_every_attempt_is_counted_and_a_dead_letter_stays_visible(stores):
    await stores.callbacks.add(OWED)
    await stores.callbacks.note("c1", "waiting", 503, "busy")
    await stores.callbacks.note("c1", "dead", 0, "no answer")
    assert await stores.callbacks.waiting() == []
    [dead] = await stores.callbacks.dead("alice")
    assert (dead.attempts, dead.last_error) == (2, "no answer")
    assert await stores.callbacks.dead("bob") == []


async def test_only_old_callbacks_that_are_settled_are_removed(stores):
    await stores.callbacks.add(OWED)
    await stores.callbacks.add(replace(OWED, id="c2"))
    await stores.callbacks.note("c2", "delivered", 200, "")
    assert await stores.callbacks.remove(created_before=NOW + timedelta(days=1)) == 1
    assert (await stores.callbacks.get("c1")).id == "c1"
    with pytest.raises(NotFound):
        await stores.callbacks.get("c2")


async def test_a_webhook_comes_back_as_it_was_given(stores):
    await stores.webhooks.register(HOOK)
    assert await stores.webhooks.get("h1") == HOOK
    assert await stores.webhooks.listening("git_push") == [HOOK]
    assert await stores.webhooks.listening("schedule") == []
    assert await stores.webhooks.of_workflow("w1") == [HOOK]


async def test_a_node_registered_again_replaces_itself(stores):
    await stores.webhooks.register(HOOK)
    await stores.webhooks.register(replace(HOOK, id="h2"))
    await stores.webhooks.register(replace(HOOK, id="h3", test=True))
    assert {each.id for each in await stores.webhooks.of_workflow("w1")} == {"h2", "h3"}


async def test_a_webhook_is_removed_once(stores):
    await stores.webhooks.register(HOOK)
    assert await stores.webhooks.remove("h1")
    assert not await stores.webhooks.remove("h1")
    with pytest.raises(NotFound):
        await stores.webhooks.get("h1")
