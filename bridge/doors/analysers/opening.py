"""Opening the analysers a configuration asks for, and closing them again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.doors.analysers import Analysers
from bridge.doors.analysers.embedded import Embedded


@asynccontextmanager
async def open_analysers() -> AsyncIterator[Analysers]:
    """Yield our own engines; their processes end with the service."""
    engines = Embedded()
    try:
        yield engines
    finally:
        await engines.close()
