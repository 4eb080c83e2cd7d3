"""The press as a few spare processes, each with a memory limit; one that hangs is ended and replaced."""

import asyncio
import resource
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from multiprocessing import get_context
from pathlib import Path

from bridge.doors.press import Result
from bridge.problems import DeadlineExceeded, Unusable

_SUFFIX = ".j2"
_LARGEST_TEMPLATE = 1_000_000


class Processes:
    """Up to *size* workers, started when first needed and kept."""

    def __init__(self, templates: Path | None = None, *, size: int = 1, memory: int = 2_000_000_000) -> None:
        self._folder = templates
        self._memory = memory
        self._slots = asyncio.Semaphore(size)
        self._idle: list[ProcessPoolExecutor] = []

    async def work(self, function: Callable[..., Result], *given: object, timeout: float = 60.0) -> Result:
        """Call *function* in a worker."""
        async with self._slots:
            worker = self._idle.pop() if self._idle else self._started()
            healthy = False
            try:
                result = await self._within(worker, timeout, function, *given)
                healthy = True
            except (DeadlineExceeded, Unusable, asyncio.CancelledError):
                raise
            except Exception:
                healthy = True
                raise
            finally:
                if healthy:
                    self._idle.append(worker)
                else:
                    _end(worker)
        return result

    async def _within(
        self, worker: ProcessPoolExecutor, timeout: float, function: Callable[..., Result], *given: object
    ) -> Result:
        name = getattr(function, "__name__", "the work").replace("_", " ")
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.get_running_loop().run_in_executor(worker, function, *given)
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"Rendering ({name}) took longer than {timeout:g} s; report fewer things."
            ) from error
        except (BrokenProcessPool, MemoryError) as error:
            raise Unusable(f"Rendering ({name}) needed more than a worker may use; report fewer things.") from error

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, get_context("spawn"), initializer=_confine, initargs=(self._memory,))

    async def templates(self) -> Mapping[str, str]:
        """Read the folder anew, so that a changed template counts at once."""
        return await asyncio.to_thread(self._read) if self._folder else {}

    def _read(self) -> dict[str, str]:
        found = {}
        for each in sorted(self._folder.glob(f"*{_SUFFIX}")) if self._folder and self._folder.is_dir() else ():
            if each.is_file() and each.stat().st_size <= _LARGEST_TEMPLATE:
                found[each.name] = each.read_text("utf-8", errors="replace")
        return found

    def close(self) -> None:
        """End every worker."""
        while self._idle:
            _end(self._idle.pop())


@asynccontextmanager
async def open_press(templates: Path | None = None, *, size: int = 1) -> AsyncIterator[Processes]:
    """Open a press and end its workers afterwards."""
    press = Processes(templates, size=size)
    try:
        yield press
    finally:
        press.close()


def _confine(memory: int) -> None:
    """Limit what a worker may allocate; address space is not limited, for engines reserve much and use little."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends its workers itself
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end(worker: ProcessPoolExecutor) -> None:
    # The executor has no verb for ending a worker that hangs (Python 3.14 adds kill_workers).
    for process in list((worker._processes or {}).values()):  # noqa: SLF001 - see above
        process.kill()
    worker.shutdown(wait=False, cancel_futures=True)
