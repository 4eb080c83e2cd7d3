"""What every view may use, put together once in the composition root."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bridge.doors.store import Store
from bridge.runs import BoundStep, Desk
from bridge.settings import Settings
from bridge.specs import Catalogue
from bridge.templates import Library
from bridge.web.keys import Keys
from bridge.web.measures import Measures
from bridge.web.rooms import WorkflowRooms

Check = Callable[[], Awaitable[str]]
"""Looks at one part; returns nothing when it is well, or what is wrong with it."""


@dataclass(frozen=True)
class Service:
    """The rooms behind the addresses; a new room is a new field here and its construction in `bridge.app`.

    ``parts`` are looked at by /health; ``openapi`` is the document as it is sent; ``stopping`` is set as
    soon as the process is asked to end, so that waiting answers are given at once.
    """

    settings: Settings
    keys: Keys
    catalogue: Catalogue
    steps: Mapping[str, BoundStep]
    store: Store
    desk: Desk
    library: Library
    rooms: WorkflowRooms
    measures: Measures
    openapi: bytes
    parts: Mapping[str, Check] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


SERVICE = web.AppKey("service", Service)
"""Where a view finds it: ``request.app[SERVICE]``."""
