"""The sandbox door: foreign code in bubblewrap or not at all, our own tools there or in a limited child process."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bridge.doors.sandbox import Job, Outcome, Prepared, Status, Tier, seccomp
from bridge.doors.sandbox.bubblewrap import Descriptors, arguments, inside, launcher, limited, reachable
from bridge.doors.sandbox.preparing import Preparations
from bridge.doors.sandbox.processes import Ended, run_to_the_end, unpack
from bridge.doors.sandbox.selftest import Verdict, try_to_escape
from bridge.problems import SandboxUnavailable, Unavailable

_TESTED_FOR = 60.0
_HELD_FOR_REFUSED = 5.0


class ConfinedSandbox:
    """Runs jobs. *place* is a folder of its own; *proxy* the socket of the registries' proxy, made when asked for."""

    def __init__(
        self,
        place: Path,
        *,
        program: str = "bwrap",
        proxy: Callable[[], Awaitable[Path]] | None = None,
    ) -> None:
        self._place = place
        self._program = program
        self._proxy = proxy
        self._status: Status | None = None
        self._tested = 0.0
        self._testing = asyncio.Lock()
        self._preparations = Preparations(place / "prepared")

    async def run(self, job: Job, *, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Run foreign code; raise `SandboxUnavailable` without a sandbox."""
        status = await self.status()
        if status.foreign is None:
            raise SandboxUnavailable(
                f"Foreign code is not run: {status.detail} Set the sandbox up as docs/sandbox.md says; "
                "`bridge doctor` tests it.",
                retry_after=60,
            )
        return await self._bubblewrapped(job, on_output)

    async def run_tool(self, job: Job, *, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Run one of our own tools as confined as this machine allows."""
        status = await self.status()
        found = _program_of(job)
        mounts = _mounts_for(found)
        if status.tools == "bubblewrap" and mounts is not None and job.network == "none":
            inner = replace(job, argv=(found, *job.argv[1:]), mounts={**mounts, **job.mounts})
            return await self._bubblewrapped(inner, on_output)
        return await self._as_child(replace(job, argv=(found, *job.argv[1:])), on_output)

    async def prepared(self, key: str, job: Job, folder: str) -> Prepared:
        """Run *job* once per *key* and keep the *folder* it makes."""
        return await self._preparations.get(key, job, folder, self.run)

    async def status(self) -> Status:
        """Say which tiers hold; the self-test runs at most once a minute."""
        async with self._testing:
            held = _TESTED_FOR if self._status and self._status.foreign else _HELD_FOR_REFUSED
            if self._status is None or time.monotonic() - self._tested > held or not self._there():
                self._status = await self._test()
                self._tested = time.monotonic()
            return self._status

    def _there(self) -> bool:
        return shutil.which(self._program) is not None

    async def _test(self) -> Status:
        if not self._there():
            return Status(None, "process", "bubblewrap is not installed.")
        if not seccomp.knows():
            return Status(None, "process", f"There is no system call list for {os.uname().machine}.")
        self._place.mkdir(parents=True, exist_ok=True)
        verdict: Verdict = await try_to_escape(self._bubblewrapped)
        if verdict.holds:
            return Status("bubblewrap", "bubblewrap", verdict.detail)
        return Status(None, "process", verdict.detail)

    async def _bubblewrapped(self, job: Job, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        proxy = await self._proxy_for(job)
        unreachable = [str(each) for each in job.mounts if not reachable(each)]
        if unreachable:
            raise Unavailable(f"The sandbox's user cannot read {', '.join(unreachable)}; open the folders above it.")
        memory = Descriptors()
        try:
            tree = os.pipe() if job.tree is not None else None
            results = os.pipe() if job.collect else None
            info = os.pipe()
            listed = arguments(job, memory, seccomp.program(), proxy=proxy)
            told = memory.of("\0".join(listed).encode() + b"\0")
            inner = inside(job, tree and tree[0], results and results[1])
            command = [
                *launcher(self._program),
                "--info-fd",
                str(info[1]),
                "--args",
                str(told),
                "--",
                *limited(job),
                *inner,
            ]
            ended = await run_to_the_end(
                command, job, descriptors=memory.opened, results=results, tree=tree, info=info, on_output=on_output
            )
        finally:
            memory.close()
        return await _outcome(ended, job, "bubblewrap", await asyncio.to_thread(unpack, ended.archive))

    async def _proxy_for(self, job: Job) -> Path | None:
        if job.network == "none":
            return None
        if self._proxy is None:
            raise Unavailable("No package registry is configured (BRIDGE_REGISTRIES), so nothing can be fetched.")
        return await self._proxy()

    async def _as_child(self, job: Job, on_output: Callable[[bytes], None] | None) -> Outcome:
        async with self._copy_of(job) as work:
            env = {"PATH": _path(), "HOME": str(work), "LANG": "C.UTF-8", "TMPDIR": str(work), **job.env}
            limit = ["timeout", "-s", "TERM", "-k", "0.5", f"{job.limits.timeout:.3f}"]
            ended = await run_to_the_end(
                [*limited(job), *limit, *job.argv], replace(job, tree=None), env=env, cwd=work, on_output=on_output
            )
            files = await asyncio.to_thread(_collected, work, job)
        return await _outcome(ended, job, "process", files)

    @asynccontextmanager
    async def _copy_of(self, job: Job) -> AsyncIterator[Path]:
        self._place.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="tool-", dir=self._place))
        try:
            if job.tree is not None:
                source = job.tree
                await asyncio.to_thread(shutil.copytree, source, work, symlinks=True, dirs_exist_ok=True)
            yield work
        finally:
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)


async def _outcome(ended: Ended, job: Job, tier: Tier, files: Mapping[str, bytes]) -> Outcome:
    late = ended.killed == "time" or (ended.code in (124, 137) and ended.duration >= job.limits.timeout)
    whole = not late and not ended.killed and ended.code >= 0
    return Outcome(
        exit_code=ended.code if whole else None,
        stdout=ended.stdout,
        stderr=ended.stderr,
        files=files,
        duration=ended.duration,
        timed_out=late,
        truncated=ended.killed == "output",
        out_of_memory=ended.killed == "memory",
        tier=tier,
    )


def _path() -> str:
    return f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"


def _program_of(job: Job) -> str:
    found = shutil.which(job.argv[0], path=_path())
    if found is None:
        raise Unavailable(f"The program {job.argv[0]!r} is not installed.")
    return found


def _mounts_for(program: str) -> Mapping[Path, str] | None:
    """Return what must be mounted for a tool to start, or None when the sandbox's user cannot reach it."""
    if program.startswith(("/usr/", "/bin/")):
        return {}
    prefix = Path(sys.prefix)
    wanted: list[Path] = []
    if Path(program).is_relative_to(prefix):
        wanted.append(prefix)
        if _is_script(program):
            wanted += [Path(sys.base_prefix), Path(__file__).parents[3]]
    else:
        wanted.append(Path(program).parent)
    if not all(reachable(each) for each in wanted):
        return None
    return {each: str(each) for each in wanted if not each.is_relative_to("/usr")}


def _is_script(program: str) -> bool:
    real = Path(program).resolve()
    if "python" in real.name:
        return True
    with real.open("rb") as file:
        return file.read(2) == b"#!"


def _collected(work: Path, job: Job) -> dict[str, bytes]:
    """Read what a tool made, without following a link or waiting for a FIFO."""
    found: dict[str, bytes] = {}
    for name in job.collect:
        path = work / name
        if path.is_symlink() or not path.resolve().is_relative_to(work.resolve()):
            continue
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if each.is_file() and not each.is_symlink() and each.stat().st_size <= job.limits.file:
                found[str(each.relative_to(work))] = each.read_bytes()
    return found
