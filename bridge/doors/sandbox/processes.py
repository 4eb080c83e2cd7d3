"""One started program: output read through a cap, results through a pipe, and an end that always comes."""

import asyncio
import contextlib
import io
import os
import re
import signal
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import psutil

from bridge.doors.sandbox import Job

GRACE = 0.9
"""Seconds between a job's own timeout and the moment when everything is killed from outside."""

_MOST_COLLECTED = 512 << 20
_MOST_FILES = 20_000
_LONGEST_END = 5.0
_LOOK_AT_MEMORY_EVERY = 0.4
_CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


@dataclass
class Ended:
    """How the program ended and what it left."""

    code: int
    stdout: bytes = b""
    stderr: bytes = b""
    archive: bytes = b""
    duration: float = 0.0
    killed: str = ""


@dataclass
class Reading:
    """Collects output up to a cap shared by both streams."""

    room: int
    on_output: Callable[[bytes], None] | None
    streams: dict[str, bytearray] = field(default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()})
    full: asyncio.Event = field(default_factory=asyncio.Event)

    def both(self) -> tuple[bytes, bytes]:
        """Return what was read so far: standard output and errors."""
        return bytes(self.streams["stdout"]), bytes(self.streams["stderr"])

    async def read(self, name: str, stream: asyncio.StreamReader) -> None:
        """Read *stream* to its end and keep it up to the cap; a writer is never left blocked."""
        while piece := await stream.read(1 << 16):
            kept = piece[: max(self.room, 0)]
            self.room -= len(piece)
            self.streams[name] += kept
            if kept and name == "stdout" and self.on_output is not None:
                self.on_output(kept)
            if self.room < 0:
                self.full.set()


async def run_to_the_end(
    command: Sequence[str],
    job: Job,
    *,
    descriptors: Sequence[int] = (),
    results: tuple[int, int] | None = None,
    tree: tuple[int, int] | None = None,
    info: tuple[int, int] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_output: Callable[[bytes], None] | None = None,
) -> Ended:
    """Start *command* and follow it to its end; whatever happens, nothing of it is alive afterwards.

    *results*, *tree* and *info* (where bubblewrap names its first process) are (read, write) ends of pipes.
    This must run on the main thread's event loop: the sandbox dies with the thread that started it.
    """
    ours = [*([results[1]] if results else []), *([tree[0]] if tree else []), *([info[1]] if info else [])]
    ended, started = Ended(-1), time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE if job.stdin else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(_CLEAN if env is None else env),
        cwd=cwd,
        pass_fds=[*descriptors, *ours],
        start_new_session=True,
    )
    for each in ours:
        os.close(each)
    following = _Following(process, job, Reading(job.limits.output, on_output), ended)
    try:
        await following.to_the_end(tree[1] if tree else None, results[0] if results else None)
    finally:
        await _make_sure(process, info[0] if info else None)
    ended.code = -1 if process.returncode is None else process.returncode
    ended.duration = time.monotonic() - started
    ended.stdout, ended.stderr = following.reading.both()
    return ended


@dataclass
class _Following:
    process: asyncio.subprocess.Process
    job: Job
    reading: Reading
    ended: Ended

    async def to_the_end(self, tree: int | None, results: int | None) -> None:
        """Feed the program and read it until it ends, is full, too big or too late."""
        assert self.process.stdout is not None  # noqa: S101 - PIPE was asked for
        assert self.process.stderr is not None  # noqa: S101
        feeding = asyncio.create_task(_feed_tree(self.job.tree, tree))
        reading = [
            asyncio.create_task(self.reading.read("stdout", self.process.stdout)),
            asyncio.create_task(self.reading.read("stderr", self.process.stderr)),
            asyncio.create_task(self._collect(results)),
        ]
        others = [feeding, asyncio.create_task(self._give_input()), asyncio.create_task(self._watch_memory())]
        try:
            await self._wait(feeding)
            if not self.ended.killed:
                await asyncio.wait(reading, timeout=2)
        finally:
            for each in (*reading, *others):
                each.cancel()
            await asyncio.gather(*reading, *others, return_exceptions=True)

    async def _wait(self, feeding: "asyncio.Task[None]") -> None:
        gone = asyncio.create_task(self.process.wait())
        full = asyncio.create_task(self.reading.full.wait())
        try:
            await asyncio.wait({gone, full, feeding}, return_when=asyncio.FIRST_COMPLETED, timeout=120)
            await asyncio.wait(
                {gone, full}, return_when=asyncio.FIRST_COMPLETED, timeout=self.job.limits.timeout + GRACE
            )
            if not gone.done() and not self.ended.killed:
                self.ended.killed = "output" if full.done() else "time"
        finally:
            full.cancel()
            if not gone.done():
                _kill(self.process)
                gone.cancel()

    async def _give_input(self) -> None:
        if self.process.stdin is None:
            return
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(self.job.stdin)
            await self.process.stdin.drain()
            self.process.stdin.close()

    async def _collect(self, results: int | None) -> None:
        if results is None:
            return
        pieces, total = [], 0
        reader, transport = await _reader_of(results)
        try:
            while piece := await reader.read(1 << 18):
                total += len(piece)
                if total > _MOST_COLLECTED:
                    break
                pieces.append(piece)
        finally:
            transport.close()
            self.ended.archive = b"".join(pieces)

    async def _watch_memory(self) -> None:
        """Bound what all processes use together; the limits inside bound only each one."""
        while True:
            await asyncio.sleep(_LOOK_AT_MEMORY_EVERY)
            used = await asyncio.to_thread(_memory_of, self.process.pid)
            if used > self.job.limits.memory:
                self.ended.killed = "memory"
                _kill(self.process)
                return


def _memory_of(pid: int) -> int:
    total = 0
    with contextlib.suppress(psutil.Error):
        for each in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                about = each.memory_info()
                total += about.rss - getattr(about, "shared", 0)
    return total


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        process.kill()


async def _make_sure(process: asyncio.subprocess.Process, info: int | None) -> None:
    """Kill what is left and wait until it is gone, even while this task is being canceled."""
    _kill(process)
    waiting = asyncio.ensure_future(_gone(process, info))
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await waiting
        raise


async def _gone(process: asyncio.subprocess.Process, info: int | None) -> None:
    """Wait for the launcher, then for the sandbox's first process: the kernel ends it after all others inside."""
    draining = [asyncio.create_task(_drain(each)) for each in (process.stdout, process.stderr) if each is not None]
    try:
        await asyncio.wait({asyncio.ensure_future(process.wait())}, timeout=_LONGEST_END)
    finally:
        for each in draining:
            each.cancel()
        await asyncio.gather(*draining, return_exceptions=True)
    if info is None:
        return
    try:
        os.set_blocking(info, False)
        found = re.search(rb'"child-pid": *(\d+)', os.read(info, 4096))
        if found:
            await _exit_of(int(found[1]))
    except OSError:
        return
    finally:
        os.close(info)


async def _drain(stream: asyncio.StreamReader) -> None:
    """Empty a pipe: asyncio calls a process ended only when its pipes are."""
    while await stream.read(1 << 16):
        pass


async def _exit_of(pid: int) -> None:
    opened = os.pidfd_open(pid)
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    loop.add_reader(opened, ended.cancel)
    try:
        await asyncio.wait({ended}, timeout=_LONGEST_END)
    finally:
        loop.remove_reader(opened)
        os.close(opened)


async def _feed_tree(tree: Path | None, write: int | None) -> None:
    """Send the tree into the sandbox as a tar stream; it is never mounted, so nothing in it can be changed."""
    if tree is None or write is None:
        return
    try:
        process = await asyncio.create_subprocess_exec(
            "tar", "-C", str(tree), "--sort=none", "-cf", "-", ".",
            stdin=asyncio.subprocess.DEVNULL, stdout=write, stderr=asyncio.subprocess.DEVNULL, env=_CLEAN,
        )  # fmt: skip
    finally:
        os.close(write)
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _reader_of(descriptor: int) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    reader = asyncio.StreamReader(limit=1 << 20)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
    )
    return reader, transport


def unpack(archive: bytes) -> dict[str, bytes]:
    """Return the regular files of a tar stream by path; links, devices and paths that escape are left out."""
    found: dict[str, bytes] = {}
    with contextlib.suppress(tarfile.TarError, EOFError, ValueError, OverflowError):
        found.update(_members(archive))
    return found


def _members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    total = 0
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r|") as tar:
        for count, member in enumerate(tar):
            total += member.size
            if count >= _MOST_FILES or total > _MOST_COLLECTED:
                return
            path = PurePosixPath(member.name)
            plain = member.isreg() and not member.issparse() and not path.is_absolute() and ".." not in path.parts
            content = tar.extractfile(member) if plain else None
            if content is not None:
                yield str(path), content.read()
