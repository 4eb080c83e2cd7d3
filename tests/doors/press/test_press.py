"""Every press: the same promises, whichever way it works."""

import asyncio
import os
import time

import psutil
import pytest

from bridge.doors.press.inline import Inline
from bridge.doors.press.processes import open_press
from bridge.problems import DeadlineExceeded, Unusable


@pytest.fixture(params=["processes", "inline"])
async def press(request, tmp_path):
    (tmp_path / "weekly.md.j2").write_text("# {{ report.title }}", "utf-8")
    (tmp_path / "notes.txt").write_text("no template", "utf-8")
    if request.param == "inline":
        yield Inline({"weekly.md.j2": "# {{ report.title }}"})
    else:
        async with open_press(tmp_path) as made:
            yield made


@pytest.fixture
async def processes():
    async with open_press() as made:
        yield made


async def test_it_returns_what_the_work_returns(press):
    assert await press.work(sum, [1, 2, 3]) == 6


async def test_it_raises_what_the_work_raises_and_works_on(press):
    with pytest.raises(ValueError, match="invalid literal"):
        await press.work(int, "x")
    assert await press.work(int, "7") == 7


async def test_it_keeps_a_deadline(press):
    with pytest.raises(DeadlineExceeded):
        await press.work(time.sleep, 2, timeout=0.5)


async def test_it_knows_the_operators_templates_and_nothing_else_of_the_folder(press):
    assert await press.templates() == {"weekly.md.j2": "# {{ report.title }}"}


async def test_the_event_loop_turns_while_the_press_works(press):
    turns = 0
    work = asyncio.ensure_future(press.work(time.sleep, 0.3))
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100


async def test_work_that_hangs_is_ended_and_the_next_is_done(processes):
    first = await processes.work(os.getpid)
    with pytest.raises(DeadlineExceeded):
        await processes.work(time.sleep, 60, timeout=0.3)
    second = await processes.work(os.getpid)
    assert second not in (first, os.getpid())
    async with asyncio.timeout(5):
        while psutil.pid_exists(first) and psutil.Process(first).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0)


async def test_work_that_kills_its_process_is_a_problem_and_not_the_end(processes):
    with pytest.raises(Unusable):
        await processes.work(os._exit, 3)
    assert await processes.work(int, "7") == 7


async def test_work_that_eats_memory_is_stopped(processes):
    with pytest.raises(Unusable, match="more than a worker may use"):
        await processes.work(bytearray, 5_000_000_000)
    assert await processes.work(int, "7") == 7
