"""Engine processes of our own: warm, few, watched, and killed one by one when a job overstays."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import psutil

from bridge.doors.analysers.limits import ENGINES, WALL, Allowance, Lane
from bridge.doors.analysers.tasks import Found, Task, pack, unpack_found

LOOK_EVERY = 0.05
ANSWER = 24_000_000
"""Largest answer of an engine, in bytes: more is refused, so that reading it cannot hold up the service."""
JOBS_PER_PROCESS = 200
"""Engines leak; a process is replaced after this many jobs, or when it has grown over half of its limit."""


class EngineStopped(Exception):
    """A job was killed; ``code`` is too_slow, too_much_memory or crashed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class EngineMissing(Exception):
    """An engine's library is not installed; the message is the module's name."""


class EngineProcess:
    """One engine process: takes one task at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._watched = psutil.Process(process.pid)
        self._jobs = 0
        self.worn = False

    @classmethod
    async def start(cls) -> "EngineProcess":
        """Start a process that sees our code and nothing of our environment."""
        environment = {
            "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": tempfile.gettempdir(),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge.doors.analysers.worker", stdin=PIPE, stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL, env=environment, start_new_session=True, limit=2**20,
        )  # fmt: skip
        return cls(process)

    async def perform(self, task: Task, seconds: float, memory: int) -> Found:
        """Run one task within its limits; the process is dead afterwards when it broke one."""
        self._jobs += 1
        answer = asyncio.ensure_future(self._exchange(pack(task)))
        try:
            await self._watch(answer, task.engine, seconds, memory)
            raw = await answer
        except BaseException as error:
            answer.cancel()
            self.kill()
            if isinstance(error, (asyncio.IncompleteReadError, ConnectionError)):
                raise EngineStopped("crashed", f"The {task.engine} engine crashed on it.") from error
            raise
        self.worn = self._jobs >= JOBS_PER_PROCESS or self._size() > memory / 2
        given = await asyncio.to_thread(orjson.loads, raw)
        if "missing" in given:
            raise EngineMissing(given["missing"])
        return await asyncio.to_thread(unpack_found, given)

    async def _exchange(self, raw: bytes) -> bytes:
        writer, reader = self._process.stdin, self._process.stdout
        if writer is None or reader is None:
            raise ConnectionError
        writer.write(len(raw).to_bytes(4, "big") + raw)
        await writer.drain()
        size = int.from_bytes(await reader.readexactly(4), "big")
        if size > ANSWER:
            raise EngineStopped("too_large", "It holds more than one answer can carry; analyze it in parts.")
        return await reader.readexactly(size)

    async def _watch(self, answer: "asyncio.Future[bytes]", engine: str, seconds: float, memory: int) -> None:
        began, worked = time.monotonic(), self._worked()
        while not answer.done():
            await asyncio.wait({answer}, timeout=LOOK_EVERY)
            if answer.done():
                return
            if self._size() > memory:
                raise EngineStopped("too_much_memory", f"The {engine} engine needed more than {memory // 10**6} MB.")
            if self._worked() - worked > seconds or time.monotonic() - began > seconds * WALL:
                raise EngineStopped("too_slow", f"The {engine} engine needed more than {seconds:.0f} s.")

    def _worked(self) -> float:
        with contextlib.suppress(psutil.Error):
            times = self._watched.cpu_times()
            return float(times.user + times.system + times.children_user + times.children_system)
        return 0.0

    def _size(self) -> int:
        with contextlib.suppress(psutil.Error):
            return int(self._watched.memory_info().rss)
        return 0

    def kill(self) -> None:
        """Kill the process and every program it started."""
        self.worn = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill the process and wait for it."""
        self.kill()
        if self._process.stdin:
            self._process.stdin.close()
        await self._process.wait()


class Pool:
    """At most ``light`` processes for quick engines and ``heavy`` for OCR, speech and video; started when needed."""

    def __init__(self, light: int = 2, heavy: int = 1) -> None:
        self._sizes: dict[Lane, int] = {"light": light, "heavy": heavy}
        self._free: dict[Lane, list[EngineProcess]] = {"light": [], "heavy": []}
        self._turns: dict[Lane, asyncio.Semaphore] = {}
        self._alive: set[EngineProcess] = set()

    async def perform(self, task: Task, *, megabytes: float = 0, duration: float = 0) -> Found:
        """Run *task* when a process is free; raise `EngineStopped` or `EngineMissing`."""
        allowance: Allowance = ENGINES[task.engine]
        seconds = allowance.seconds + allowance.per_megabyte * megabytes + allowance.per_second * duration
        async with self._process(allowance.lane) as process:
            return await process.perform(task, seconds, allowance.memory)

    @asynccontextmanager
    async def _process(self, lane: Lane) -> AsyncIterator[EngineProcess]:
        turn = self._turns.setdefault(lane, asyncio.Semaphore(self._sizes[lane]))
        async with turn:
            process = self._free[lane].pop() if self._free[lane] else await EngineProcess.start()
            self._alive.add(process)
            try:
                yield process
            finally:
                if process.worn:
                    self._alive.discard(process)
                    await asyncio.shield(process.end())
                else:
                    self._free[lane].append(process)

    async def close(self) -> None:
        """End all processes."""
        processes, self._alive = self._alive, set()
        self._free = {"light": [], "heavy": []}
        await asyncio.gather(*(each.end() for each in processes))
