"""The way to spare processes that render, and to the report templates of the operator's own folder."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Press(Protocol):
    """Work that takes a processor for longer than the event loop may wait."""

    async def work(self, function: Callable[..., Result], *given: object, timeout: float = 60.0) -> Result:
        """Call *function*, a function of a module, with *given* outside the event loop and return its answer.

        What it raises is raised here. Raises `DeadlineExceeded` after ``timeout`` seconds, and `Unusable`
        when the work needed more memory than a worker has or ended its process.
        """
        ...

    async def templates(self) -> Mapping[str, str]:
        """The operator's own templates by file name, such as ``weekly.md.j2``."""
        ...
