"""The sandbox's self-test: three small attacks that must fail, and proof that the attacker really ran."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psutil

from bridge.doors.sandbox import Job, Limits, Outcome
from bridge.problems import Problem

_ATTACK = """
echo started
cat "$1" 2>/dev/null && echo leaked-file
(exec 3<>/dev/tcp/127.0.0.1/"$2") 2>/dev/null && echo leaked-network
setsid sleep "$3" </dev/null >/dev/null 2>&1 &
echo ended
"""


@dataclass(frozen=True)
class Verdict:
    """Whether the sandbox holds, and why not."""

    holds: bool
    detail: str


async def try_to_escape(run: Callable[[Job], Awaitable[Outcome]]) -> Verdict:
    """Attack the sandbox behind *run* and look at the effects from outside."""
    connected: list[bool] = []

    def reached(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(True)
        writer.close()

    server = await asyncio.start_server(reached, "127.0.0.1", 0)
    mark = f"{86_000 + os.getpid() % 1000}.{int.from_bytes(os.urandom(4)):010d}"
    with tempfile.NamedTemporaryFile(prefix="bridge-canary-") as canary:
        os.fchmod(canary.fileno(), 0o644)  # the secret is guarded by the sandbox alone
        port = str(server.sockets[0].getsockname()[1])
        job = Job(
            ("/bin/bash", "-c", _ATTACK, "bash", canary.name, port, mark),
            limits=Limits(timeout=10, memory=256 << 20, disk=16 << 20, processes=32, output=65_536),
        )
        try:
            outcome = await run(job)
        except (Problem, OSError) as error:
            return Verdict(False, f"bubblewrap could not be started: {error}.")
        finally:
            server.close()
            await server.wait_closed()
    return _judge(outcome, connected=bool(connected), daemon=await asyncio.to_thread(_lives, mark))


def _judge(outcome: Outcome, *, connected: bool, daemon: bool) -> Verdict:
    said = outcome.stdout.decode("utf-8", "replace")
    if "started" not in said or "ended" not in said:
        why = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
        return Verdict(False, f"bubblewrap does not work here ({why[-1][:200] if why else 'no message'}).")
    broken = [
        name
        for name, leaked in (
            ("a file of the host was read", "leaked-file" in said),
            ("a listener of the host was reached", connected or "leaked-network" in said),
            ("a process stayed behind", daemon),
        )
        if leaked
    ]
    if broken:
        return Verdict(False, f"The sandbox's self-test failed: {'; '.join(broken)}.")
    return Verdict(True, "bubblewrap holds: reading a host file, reaching a listener and leaving a process all failed.")


def _lives(mark: str) -> bool:
    return any(mark in (each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"]))
