"""What every view may use, put together once in the composition root."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bridge.runs import BoundStep
from bridge.settings import Settings
from bridge.specs import Catalogue
from bridge.templates import Library
from bridge.web.keys import Keys


@dataclass(frozen=True)
class Service:
    """The rooms behind the addresses; a new room is a new field here and its construction in `bridge.app`."""

    settings: Settings
    keys: Keys
    catalogue: Catalogue
    steps: Mapping[str, BoundStep]
    library: Library


SERVICE = web.AppKey("service", Service)
"""Where a view finds it: ``request.app[SERVICE]``."""
