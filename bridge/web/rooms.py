"""The rooms about workflows, as the views see them."""

from dataclasses import dataclass

from aiohttp import web

from bridge.deliveries import Receiving
from bridge.doors.n8n import N8n
from bridge.doors.store import Records
from bridge.executions import Room
from bridge.templates import Library
from bridge.workflows import Deploying, Removing


@dataclass(frozen=True)
class WorkflowRooms:
    """Everything about workflows; ``public_url`` is where forges and browsers reach the bridge."""

    records: Records
    n8n: N8n
    library: Library
    deploying: Deploying
    removing: Removing
    executions: Room
    receiving: Receiving
    public_url: str


ROOMS = web.AppKey("workflow_rooms", WorkflowRooms)
"""Where a view finds them: ``request.app[ROOMS]``."""
