"""Webhooks: Bridge Trigger nodes register the address they listen on."""

import base64
import binascii
import uuid
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bridge.doors.store import Webhook
from bridge.problems import InvalidInput, Issue, NotFound
from bridge.runs.validating import Validator
from bridge.web import orders
from bridge.web.answers import answer
from bridge.web.bodies import read_json
from bridge.web.middlewares import CALLER
from bridge.web.service import SERVICE

EVENTS = (
    "manual", "git_push", "pull_request", "release_tag", "api_change", "schema_change", "schedule", "alert"
)  # fmt: skip
NAME = {"type": "string", "minLength": 1, "maxLength": 200}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url", "events", "secret", "workflow_id", "node"],
    "properties": {
        "url": {"type": "string", "minLength": 1, "maxLength": 2000},
        "events": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "enum": [*EVENTS]}},
        "config": {"type": "object"},
        "secret": {"type": "string", "pattern": "^whsec_[A-Za-z0-9+/=]{32,88}$"},
        "workflow_id": NAME,
        "node": NAME,
        "test": {"type": "boolean"},
    },
}
VALIDATOR = Validator(SCHEMA, formats=False)


async def register(request: web.Request) -> web.Response:
    """Register a node's address; the same workflow + node + test replaces."""
    service = request.app[SERVICE]
    given = await read_json(request, service.settings.max_body, service.settings.body_timeout)
    if issues := [*VALIDATOR.issues(given)]:
        raise InvalidInput("This is not a registration of a webhook; the issues name each field.", issues=issues)
    _check_secret(given["secret"])
    service.desk.caller.check(given["url"], "/url")
    webhook = Webhook(
        id=str(uuid.uuid4()),
        tenant=request[CALLER].name,
        url=given["url"],
        events=tuple(given["events"]),
        secret=given["secret"],
        workflow_id=given["workflow_id"],
        node=given["node"],
        test=given.get("test", False),
        created_at=datetime.now(UTC),
        config=given.get("config", {}),
    )
    await service.store.webhooks.register(webhook)
    return answer({"id": webhook.id}, 201, {"Location": f"/v1/webhooks/{webhook.id}"})


async def one(request: web.Request) -> web.Response:
    """Whether a registration still stands; the secret is never given back."""
    webhook = await _own(request)
    return answer(
        {
            "id": webhook.id,
            "url": webhook.url,
            "events": list(webhook.events),
            "config": webhook.config,
            "workflow_id": webhook.workflow_id,
            "node": webhook.node,
            "test": webhook.test,
        }
    )


async def remove(request: web.Request) -> web.Response:
    """Forget a registration."""
    webhook = await _own(request)
    await request.app[SERVICE].store.webhooks.remove(webhook.id)
    return web.Response(status=204)


async def _own(request: web.Request) -> Webhook:
    webhook = await request.app[SERVICE].store.webhooks.get(orders.ident(request))
    if webhook.tenant != request[CALLER].name:
        raise NotFound(f"There is no webhook '{webhook.id}'.")
    return webhook


def _check_secret(secret: str) -> None:
    try:
        size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except binascii.Error:
        size = 0
    if not 24 <= size <= 64:
        said = "must be whsec_ and 24 to 64 bytes in base64"
        raise InvalidInput(f"The secret {said}.", issues=[Issue("secret", "/secret", said)])
