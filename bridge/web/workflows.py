"""Workflows and templates: made, listed, previewed, deployed, published, removed."""

from typing import Any

from aiohttp import web

from bridge.doors.store import Trigger, Workflow
from bridge.problems import InvalidInput, Issue, NotFound
from bridge.web.answers import answer
from bridge.web.given import read
from bridge.web.middlewares import CALLER
from bridge.web.rooms import ROOMS
from bridge.workflows import Making

FIELDS = {"template_name": str, "custom_config": dict, "user_id": str, "name": str, "target": str}
TARGETS = ("nodes", "http")


async def create(request: web.Request) -> web.Response:
    """Make a workflow from a template; it is published and proved when this answers."""
    rooms = request.app[ROOMS]
    making = _making(request, await read(request, FIELDS, ("template_name",)))
    made = await rooms.deploying.create(making)
    message = f"Workflow created from template '{making.template_name}', published, and its start answers."
    shown = {"workflow_id": made.workflow_id, "template_name": making.template_name, "message": message}
    return answer(shown, headers={"Location": f"/workflows/{made.workflow_id}"})


async def listing(request: web.Request) -> web.Response:
    """All workflows this caller may see."""
    rooms, caller = request.app[ROOMS], request[CALLER]
    found = await rooms.records.workflows.find(template_name=request.query.get("template_name", ""))
    seen = [shown(each) for each in found if caller.role == "manage" or each.tenant == caller.name]
    return answer({"workflows": seen, "count": len(seen)})


async def one(request: web.Request) -> web.Response:
    """One workflow with its triggers and its document."""
    workflow = await wanted(request)
    triggers = await request.app[ROOMS].records.triggers.of_workflow(workflow.workflow_id)
    about = {**shown(workflow), "triggers": [_trigger(each) for each in triggers]}
    return answer({**about, "custom_config": dict(workflow.custom_config), "document": dict(workflow.document)})


async def remove(request: web.Request) -> web.Response:
    """Take a workflow out of n8n and forget it."""
    await request.app[ROOMS].removing.remove(await wanted(request))
    return web.Response(status=204)


async def publish(request: web.Request) -> web.Response:
    """Publish a workflow and prove that it answers."""
    return answer(shown(await request.app[ROOMS].deploying.publish(await wanted(request))))


async def unpublish(request: web.Request) -> web.Response:
    """Take a workflow out of service; it stays in n8n."""
    return answer(shown(await request.app[ROOMS].deploying.unpublish(await wanted(request))))


async def preview(request: web.Request) -> web.Response:
    """Show the document a template would become; nothing is made."""
    given = _making(request, await read(request, FIELDS, ("template_name",)))
    compiled = await request.app[ROOMS].deploying.compiled(given, given.name or given.template_name, bound=False)
    return answer({"document": compiled.document, "digest": compiled.digest, "target": compiled.target})


async def deploy(request: web.Request) -> web.Response:
    """Say what deploying a template under its name would change, and do it when ``apply`` is true."""
    rooms = request.app[ROOMS]
    given = await read(request, {**FIELDS, "apply": bool}, ("template_name",))
    planned = await rooms.deploying.plan(_making(request, given))
    told: dict[str, Any] = {
        "action": planned.action,
        "changes": [str(each) for each in planned.changes],
        "applied": False,
    }
    if given.get("apply"):
        done = await rooms.deploying.apply(planned)
        told |= {"applied": True, "workflow_id": done.workflow_id}
    elif planned.known:
        told["workflow_id"] = planned.known.workflow_id
    return answer(told)


async def switch(request: web.Request) -> web.Response:
    """Switch one trigger on or off; it acts at once."""
    workflow = await wanted(request)
    given = await read(request, {"enabled": bool}, ("enabled",))
    triggers, trigger_id = request.app[ROOMS].records.triggers, request.match_info["trigger_id"]
    if trigger_id not in {each.id for each in await triggers.of_workflow(workflow.workflow_id)}:
        raise NotFound(f"Workflow '{workflow.name}' has no trigger '{trigger_id[:60]}'.")
    return answer(_trigger(await triggers.switch(trigger_id, given["enabled"])))


async def templates(request: web.Request) -> web.Response:
    """All templates by name."""
    found = {
        name: {
            "name": template.name,
            "description": template.description,
            "triggers": [each.type for each in template.all_triggers()],
            "steps_count": len(template.steps),
        }
        for name, template in request.app[ROOMS].library.sound()
    }
    return answer({"templates": found, "count": len(found)})


async def template(request: web.Request) -> web.Response:
    """One template, whole."""
    found = request.app[ROOMS].library.get(request.match_info["name"])
    return answer(found.model_dump(mode="json", by_alias=True, exclude_none=True))


async def wanted(request: web.Request) -> Workflow:
    """The workflow of the address; somebody else's is not there."""
    caller, rooms = request[CALLER], request.app[ROOMS]
    workflow = await rooms.records.workflows.get(request.match_info["workflow_id"])
    if caller.role != "manage" and workflow.tenant != caller.name:
        raise NotFound(f"There is no workflow '{workflow.workflow_id}' made by this bridge.")
    return workflow


def shown(workflow: Workflow) -> dict[str, Any]:
    """Lay a workflow out as it is listed."""
    found = {
        "workflow_id": workflow.workflow_id,
        "id": workflow.workflow_id,
        "name": workflow.name,
        "template_name": workflow.template_name,
        "user_id": workflow.user_id,
        "target": workflow.target,
        "active": workflow.published,
        "created_at": workflow.created_at.isoformat(),
        "updated_at": workflow.updated_at.isoformat(),
    }
    return {key: value for key, value in found.items() if value != ""}


def _trigger(trigger: Trigger) -> dict[str, Any]:
    return {
        "id": trigger.id,
        "type": trigger.trigger_type,
        "config": dict(trigger.trigger_config),
        "enabled": trigger.enabled,
    }


def _making(request: web.Request, given: dict[str, Any]) -> Making:
    target = given.get("target")
    if target is not None and target not in TARGETS:
        raise InvalidInput("target must be nodes or http.", issues=[Issue("enum", "/target", "must be nodes or http")])
    return Making(
        template_name=given["template_name"],
        tenant=request[CALLER].name,
        custom_config=given.get("custom_config") or {},
        user_id=given.get("user_id", ""),
        name=given.get("name", ""),
        target=target,
    )
