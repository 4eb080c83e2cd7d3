"""The door to other programs: one contract for real and scripted, and what only the real one can show."""

import asyncio
import os
import time

import psutil
import pytest

from bridge.doors.sandbox import Job, Limits, Outcome, seccomp
from bridge.doors.sandbox.confined import ConfinedSandbox
from bridge.doors.sandbox.scripted import ScriptedSandbox
from bridge.problems import SandboxUnavailable, Unavailable


@pytest.fixture
def place(tmp_path_factory):
    top = tmp_path_factory.mktemp("sandbox")
    for each in (top, *list(top.parents)[:2]):
        each.chmod(0o755)
    return top


@pytest.fixture
def sandbox(place):
    return ConfinedSandbox(place)


@pytest.fixture(params=["bubblewrap", "scripted"])
def either(request, place):
    if request.param == "scripted":
        return ScriptedSandbox([Outcome(3, b"out\n", b"err\n", {"made.txt": b"made\n"}, 0.01)])
    return ConfinedSandbox(place)


def shell(script, **job):
    return Job(("/bin/sh", "-c", script), **job)


async def test_a_job_gives_back_code_output_and_files(either):
    heard = []
    job = shell("echo out; echo err >&2; echo made > made.txt; exit 3", collect=("made.txt",))
    done = await either.run(job, on_output=heard.append)
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert done.files == {"made.txt": b"made\n"}
    assert b"".join(heard) == b"out\n"


async def test_the_status_names_the_tier(either):
    status = await either.status()
    assert (status.foreign, status.tools) == ("bubblewrap", "bubblewrap")


async def test_without_a_sandbox_foreign_code_is_refused_and_not_run(place, tmp_path):
    mark = tmp_path / "ran"
    for sandbox in (ConfinedSandbox(place, program="no-such-program"), ScriptedSandbox(foreign=False)):
        with pytest.raises(SandboxUnavailable):
            await sandbox.run(shell(f"touch {mark}"))
        assert not mark.exists()
        assert (await sandbox.status()).foreign is None


async def test_a_sandbox_that_does_not_hold_is_not_used(place, tmp_path):
    pretender = tmp_path / "bwrap"
    pretender.write_text('#!/bin/bash\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    pretender.chmod(0o755)
    tmp_path.chmod(0o755)
    sandbox = ConfinedSandbox(place, program=str(pretender))
    with pytest.raises(SandboxUnavailable):
        await sandbox.run(shell("true"))


async def test_our_tools_still_run_without_a_sandbox_and_say_so(place, tmp_path):
    (tmp_path / "a.txt").write_text("given")
    sandbox = ConfinedSandbox(place, program="no-such-program")
    done = await sandbox.run_tool(Job(("cat", "a.txt"), tree=tmp_path))
    assert (done.stdout, done.tier) == (b"given", "process")


async def test_the_tree_is_a_copy(sandbox, tmp_path):
    (tmp_path / "a.txt").write_text("given")
    done = await sandbox.run(
        shell("cat a.txt; echo changed > a.txt; rm -f a.txt; touch b.txt"),
    )
    done = await sandbox.run(shell("cat a.txt; rm -f a.txt; touch b.txt", tree=tmp_path))
    assert done.stdout == b"given"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


async def test_input_reaches_the_program(sandbox):
    assert (await sandbox.run(Job(("cat",), stdin=b"x" * 300_000))).stdout == b"x" * 300_000


async def test_only_regular_files_come_out(sandbox):
    script = "mkdir d; echo a > d/a; ln -s /etc/passwd d/link; mkfifo d/fifo; ln -s /etc top; echo b > b"
    done = await sandbox.run(shell(script, collect=("d", "top", "b", "missing", "../etc/passwd")))
    assert done.files == {"d/a": b"a\n", "b": b"b\n"}


async def test_a_timeout_ends_everything_and_keeps_what_was_made(sandbox):
    script = "echo early > early.txt; trap '' TERM; sleep 30 & setsid sleep 30 & wait"
    started = time.monotonic()
    done = await sandbox.run(shell(script, collect=("early.txt",), limits=Limits(timeout=1)))
    assert time.monotonic() - started < 2.5
    assert (done.timed_out, done.exit_code) == (True, None)
    assert done.files == {"early.txt": b"early\n"}


async def test_cancelling_kills_everything_within_a_second(sandbox):
    mark = f"{77_000 + os.getpid() % 1000}.25"
    running, begun = None, asyncio.Event()
    await sandbox.status()
    script = f"echo begun; (setsid sleep {mark} &) ; trap '' TERM; sleep {mark}"
    running = asyncio.create_task(sandbox.run(shell(script), on_output=lambda _: begun.set()))
    await asyncio.wait_for(begun.wait(), 10)
    started = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - started < 1
    assert not [each for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or [])]


async def test_endless_output_is_cut(sandbox):
    done = await sandbox.run(Job(("yes",), limits=Limits(timeout=20, output=100_000)))
    assert done.truncated
    assert len(done.stdout) == 100_000
    assert done.duration < 5


async def test_all_processes_together_stay_under_the_memory_limit(sandbox):
    hog = "import time; x = bytearray(90_000_000); print('held', flush=True); time.sleep(20)"
    script = f'for i in 1 2 3 4; do python3 -c "{hog}" & done; wait'
    done = await sandbox.run(shell(script, limits=Limits(timeout=20, memory=200_000_000)))
    assert done.out_of_memory
    assert done.duration < 10


async def test_the_disk_is_bounded_and_is_not_the_hosts(sandbox):
    script = "for i in 1 2 3 4 5 6; do head -c 20000000 /dev/zero > f$i || break; done; du -sb . | cut -f1"
    done = await sandbox.run(shell(script, limits=Limits(disk=50_000_000)))
    assert int(done.stdout.split()[-1]) <= 50_100_000
    assert b"No space" in done.stderr


async def test_a_mount_the_sandbox_cannot_read_is_named(sandbox, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    if os.geteuid() == 0:
        with pytest.raises(Unavailable, match="closed"):
            await sandbox.run(Job(("true",), mounts={closed: "/mnt"}))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_system_call_list_is_a_whole_program(machine):
    made = seccomp.program(machine)
    assert len(made) % 8 == 0
    assert len(made) // 8 < 256, "jumps are one byte wide"
