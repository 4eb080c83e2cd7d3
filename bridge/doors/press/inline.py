"""The press without processes: a thread of this one, for tests and for trying things out."""

import asyncio
from collections.abc import Callable, Mapping

from bridge.doors.press import Result
from bridge.problems import DeadlineExceeded, Unusable


class Inline:
    """Works in a thread; a deadline is kept, but the work behind it goes on until it ends by itself."""

    def __init__(self, templates: Mapping[str, str] | None = None) -> None:
        self._templates = dict(templates or {})

    async def work(self, function: Callable[..., Result], *given: object, timeout: float = 60.0) -> Result:
        """Call *function* in a thread."""
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.to_thread(function, *given)
        except TimeoutError as error:
            raise DeadlineExceeded(f"Rendering took longer than {timeout:g} s; report fewer things.") from error
        except MemoryError as error:
            raise Unusable("Rendering needed more memory than there is; report fewer things.") from error

    async def templates(self) -> Mapping[str, str]:
        """What the test handed over."""
        return self._templates
