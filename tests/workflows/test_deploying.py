"""From a template to a workflow that is published and proved; or nothing is left behind."""

import asyncio
import json

import pytest

from bridge.doors.n8n.in_memory import InMemoryN8n
from bridge.doors.store import memory, sql
from bridge.problems import Conflict, InvalidInput, NotFound, Unavailable, UnknownTemplate, UpstreamFailed
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.templates import Library
from bridge.workflows import Deploying, Furnishing, Furniture, Making, Place, Proving, Removing
from bridge.workflows.furnishing import ERROR_WORKFLOW, TAG
from bridge.workflows.proving import Patience

REVIEW = {
    "name": "Small Review", "triggers": ["manual", {"type": "schedule", "config": {"cron": "0 3 * * *"}}],
    "steps": [{"id": "look", "name": "Look", "type": "multimodal_analysis", "config": {"text": "x = 1"}}],
}  # fmt: skip


class Shop:
    """The room on a real database and an n8n that lives in this process, without our node package."""

    def __init__(self, folder, records, n8n):
        self.records, self.n8n, self.notes = records, n8n, []
        self.templates = folder / "templates"
        self.templates.mkdir(exist_ok=True)
        self.write(REVIEW)
        library = Library(Catalogue([PACK]), [self.templates], reload_interval=0)
        self.proving = Proving(n8n, Patience(registered=0.4, look=0.01))
        place = Place("http://bridge:8007", "http://n8n", "a path secret")
        furnishing = Furnishing(n8n, Furniture("http://bridge:8007", "the key of n8n"))
        self.deploying = Deploying(
            n8n, records, library, furnishing=furnishing, proving=self.proving, place=place, note=self.note
        )
        self.removing = Removing(n8n, records, memory.build(folder).webhooks, self.proving)

    def write(self, template):
        (self.templates / "small_review.json").write_text(json.dumps(template), "utf-8")

    async def note(self, kind, workflow_id="", **data):
        self.notes.append((kind, data))

    async def create(self, **more):
        return await self.deploying.create(Making("small_review", "tester", target="http", **more))

    @property
    def kept(self):
        return [each for each in self.n8n.kept.values() if not each.name.startswith(ERROR_WORKFLOW)]


@pytest.fixture
async def shop(tmp_path):
    n8n = InMemoryN8n(activation=0.02)
    async with sql.opened(f"sqlite:///{tmp_path}/bridge.db") as database:
        yield Shop(tmp_path, sql.build_records(database), n8n)
    await n8n.close()


async def test_a_created_workflow_answers_and_is_on_record(shop):
    made = await shop.create(user_id="ada")
    assert await shop.n8n.executions.answers(made.hook_url)
    stored = await shop.n8n.workflows.get(made.workflow_id)
    assert (stored.active, stored.tags) == (True, (TAG,))
    assert (made.published, made.user_id, made.name) == (True, "ada", "Small Review")
    types = [each.trigger_type for each in await shop.records.triggers.of_workflow(made.workflow_id)]
    assert sorted(types) == ["manual", "schedule"]
    assert "workflow.created" in [kind for kind, _ in shop.notes]
    assert "a path secret" not in json.dumps(dict(stored.document))
    assert "the key of n8n" not in json.dumps(dict(stored.document))


async def test_two_workflows_of_one_template_live_side_by_side(shop):
    first, second = await asyncio.gather(shop.create(), shop.create())
    assert first.workflow_id != second.workflow_id
    assert first.hook_url != second.hook_url
    assert len(await shop.records.workflows.find(template_name="small_review")) == 2


async def test_all_share_one_credential_and_one_published_error_workflow(shop):
    first, second = await shop.create(), await shop.create()
    (error,) = [each for each in shop.n8n.kept.values() if each.name.startswith(ERROR_WORKFLOW)]
    assert error.active
    for each in (first, second):
        document = (await shop.n8n.workflows.get(each.workflow_id)).document
        assert document["settings"]["errorWorkflow"] == error.id
    assert [each.type for each in await shop.n8n.credentials.list()].count("httpHeaderAuth") == 1


@pytest.mark.parametrize(
    ("making", "problem"),
    [
        (Making("no_such", "t", target="http"), UnknownTemplate),
        (Making("small_review", "t", {"no_such_key": 1}, target="http"), InvalidInput),
    ],
)
async def test_what_can_not_be_made_is_refused_before_n8n_hears_of_it(shop, making, problem):
    with pytest.raises(problem):
        await shop.deploying.create(making)
    assert shop.kept == []


async def test_a_hook_that_never_answers_leaves_nothing_behind(shop):
    await shop.create()
    shop.n8n.activation = 60
    with pytest.raises((UpstreamFailed, Conflict)):
        await shop.create()
    shop.n8n.activation = 0.01
    assert len(await shop.records.workflows.find()) == 1


async def test_a_hook_that_misses_its_registration_is_registered_again(shop):
    real, missed = shop.n8n.workflows._register, []

    async def miss_once(workflow_id):
        if missed:
            await real(workflow_id)
        missed.append(workflow_id)

    shop.n8n.workflows._register = miss_once
    made = await shop.create()
    assert await shop.n8n.executions.answers(made.hook_url)
    assert len(missed) >= 2


async def test_with_n8n_away_it_says_so_and_keeps_nothing(shop):
    shop.n8n.down = True
    with pytest.raises(Unavailable):
        await shop.create()
    assert await shop.records.workflows.find() == []


async def test_deploying_creates_then_finds_nothing_to_do_then_says_what_changes(shop):
    making = Making("small_review", "tester", target="http")
    planned = await shop.deploying.plan(making)
    assert planned.action == "create"
    made = await shop.deploying.apply(planned)
    assert (await shop.deploying.plan(making)).action == "nothing"
    shop.write({**REVIEW, "steps": [{**REVIEW["steps"][0], "config": {"text": "y = 2"}}]})
    changed = await shop.deploying.plan(making)
    assert changed.action == "update"
    assert any("Look" in str(each) for each in changed.changes)
    again = await shop.deploying.apply(changed)
    assert again.workflow_id == made.workflow_id
    assert len(shop.kept) == 1
    assert (await shop.deploying.plan(making)).action == "nothing"


async def test_a_change_somebody_made_in_n8n_is_seen_and_put_right(shop):
    making = Making("small_review", "tester", target="http")
    made = await shop.deploying.apply(await shop.deploying.plan(making))
    document = dict((await shop.n8n.workflows.get(made.workflow_id)).document)
    document["nodes"] = [
        {**each, "parameters": {**each["parameters"], "path": "changed"}} if "path" in each["parameters"] else each
        for each in document["nodes"]
    ]
    await shop.n8n.workflows.update(made.workflow_id, document)
    planned = await shop.deploying.plan(making)
    assert planned.action == "update"
    await shop.deploying.apply(planned)
    assert await shop.n8n.executions.answers(made.hook_url)


async def test_what_was_deleted_in_n8n_is_made_anew(shop):
    making = Making("small_review", "tester", target="http")
    made = await shop.deploying.apply(await shop.deploying.plan(making))
    await shop.proving.unpublish(made.workflow_id, made.hook_url)
    await shop.proving.delete(made.workflow_id)
    anew = await shop.deploying.apply(await shop.deploying.plan(making))
    assert anew.workflow_id != made.workflow_id
    assert [each.workflow_id for each in await shop.records.workflows.find()] == [anew.workflow_id]


async def test_an_unpublished_workflow_is_not_revived_behind_the_owners_back(shop):
    made = await shop.create()
    await shop.deploying.unpublish(made)
    assert not await shop.n8n.executions.answers(made.hook_url)
    with pytest.raises(Conflict):
        await shop.deploying.revive(made.workflow_id)
    assert (await shop.deploying.publish(made)).published


async def test_removing_waits_for_n8n_and_forgets_also_what_is_gone_there(shop):
    first, second = await shop.create(), await shop.create()
    await shop.removing.remove(first)
    assert first.workflow_id not in shop.n8n.kept
    await shop.proving.unpublish(second.workflow_id, second.hook_url)
    await shop.proving.delete(second.workflow_id)
    await shop.removing.remove(second)
    with pytest.raises(NotFound):
        await shop.records.workflows.get(second.workflow_id)
