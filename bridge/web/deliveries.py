"""Deliveries: taken in from forges, listed, looked at, played again."""

from typing import Any

from aiohttp import web

from bridge.doors.store import Delivery
from bridge.web.answers import answer
from bridge.web.bodies import read_bytes
from bridge.web.given import whole_number
from bridge.web.rooms import ROOMS
from bridge.web.service import SERVICE

LARGEST = 25_000_000
"""Bytes; what the largest forge sends at most."""


async def receive(request: web.Request) -> web.Response:
    """Take a delivery in: 202, a repeated one 200."""
    settings = request.app[SERVICE].settings
    raw = await read_bytes(request, LARGEST, settings.body_timeout)
    forge, hook = request.match_info["forge"], request.match_info["id"]
    receipt = await request.app[ROOMS].receiving.receive(forge, hook, request.headers, raw)
    if receipt.duplicate:
        return answer({"delivery_id": receipt.id, "duplicate": True})
    return answer({"delivery_id": receipt.id, "duplicate": False}, 202, {"Location": f"/deliveries/{receipt.id}"})


async def hook(request: web.Request) -> web.Response:
    """Where a forge delivers to, and the secret to set there."""
    rooms, forge, name = request.app[ROOMS], request.match_info["forge"], request.match_info["id"]
    secret = rooms.receiving.secret(forge, name)
    return answer({"url": f"{rooms.public_url.rstrip('/')}/hooks/{forge}/{name}", "secret": secret})


async def listing(request: web.Request) -> web.Response:
    """Deliveries, newest first."""
    query = request.query
    page = await request.app[ROOMS].records.deliveries.find(
        forge=query.get("forge", ""),
        outcome=query.get("outcome", ""),
        limit=whole_number(request, "limit", 50, 250),
        cursor=query.get("cursor", ""),
    )
    return answer({"items": [_shown(each) for each in page.items], "next": page.next})


async def one(request: web.Request) -> web.Response:
    """One delivery with its body and its events."""
    found = await request.app[ROOMS].records.deliveries.get(request.match_info["id"])
    return answer({**_shown(found), "body": found.body, "events": [dict(each) for each in found.events]})


async def replay(request: web.Request) -> web.Response:
    """Let it take effect again."""
    rooms = request.app[ROOMS]
    receipt = await rooms.receiving.replay(await rooms.records.deliveries.get(request.match_info["id"]))
    return answer({"delivery_id": receipt.id}, 202, {"Location": f"/deliveries/{receipt.id}"})


def _shown(delivery: Delivery) -> dict[str, Any]:
    found = {
        "id": delivery.id,
        "forge": delivery.forge,
        "hook": delivery.hook,
        "delivery_id": delivery.delivery_id,
        "kind": delivery.kind,
        "received_at": delivery.received_at.isoformat(),
        "types": [each["type"] for each in delivery.events],
        "outcome": delivery.outcome,
        "starts": [dict(each) for each in delivery.starts],
        "replay_of": delivery.replay_of,
    }
    return {key: value for key, value in found.items() if value not in ("", [])}
