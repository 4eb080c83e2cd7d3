"""One contract for every adapter of the door to files, and what only the real one can show."""

import asyncio
import os
import socket
import time

import pytest

from bridge.doors.roots.folders import FolderRoots
from bridge.doors.roots.memory import MemoryRoots
from bridge.problems import Forbidden, NotFound, TooLarge, Unusable

FILES = {
    "ok.txt": b"hello",
    "src/app.py": b"print(1)\n",
    "src/deep/er.py": b"x = 1\n",
    "notes/a.md": b"# a",
    ".gitignore": b"*.log\n",
    "noise.log": b"n",
}


@pytest.fixture(params=["openat2", "walk", "memory"])
def roots(request, tmp_path):
    top = tmp_path / "ws"
    if request.param == "memory":
        return MemoryRoots(FILES, str(top))
    for path, content in FILES.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(content)
    return FolderRoots([top], tmp_path / "private", portable=request.param == "walk")


async def test_a_file_is_read_by_its_relative_and_its_absolute_path(roots, tmp_path):
    assert await roots.read("ok.txt") == b"hello"
    assert await roots.read(f"{tmp_path}/ws/src/app.py") == b"print(1)\n"
    assert await roots.read("./src//app.py") == b"print(1)\n"


async def test_entries_follow_patterns_and_ignore_files(roots):
    assert [each.path for each in await roots.entries(".")] == [
        ".gitignore",
        "notes/a.md",
        "ok.txt",
        "src/app.py",
        "src/deep/er.py",
    ]
    assert [each.path for each in await roots.entries("src", patterns=["*.py"])] == ["app.py", "deep/er.py"]
    assert len(await roots.entries(".", limit=2)) == 2


async def test_folders_are_told_from_files(roots):
    assert await roots.is_folder("src")
    assert not await roots.is_folder("ok.txt")
    with pytest.raises(NotFound):
        await roots.is_folder("nowhere")


async def test_a_file_over_the_limit_is_refused(roots):
    assert await roots.read("ok.txt", max_bytes=5) == b"hello"
    with pytest.raises(TooLarge):
        await roots.read("ok.txt", max_bytes=4)
    with pytest.raises(TooLarge):
        await roots.snapshot("src", max_bytes=4)


async def test_snapshots_are_private_and_go_away(roots):
    file, folder = await roots.snapshot("ok.txt"), await roots.snapshot("src")
    assert file.path.read_bytes() == b"hello"
    assert (folder.path / "deep/er.py").read_bytes() == b"x = 1\n"
    await roots.release(file)
    await roots.release(folder)
    assert not file.path.exists()
    assert not folder.path.exists()


async def test_what_is_written_can_be_read(roots):
    await roots.write("src/new.py", b"new")
    assert await roots.read("src/new.py") == b"new"
    with pytest.raises(NotFound):
        await roots.write("nowhere/new.py", b"new")


OUTSIDE = [
    "../secret.txt", "src/../../secret.txt", "/etc/passwd", "..", "src/..\\..\\secret.txt", "ok.txt\0", "", "\ud800",
    ".git/config", ".GIT/config", "a\nb", "x" * 5000, "{top}-evil/secret.txt", "{top}/../secret.txt", "//etc/passwd",
    "/proc/self/environ", "file:///etc/passwd", "{top}/./../secret.txt",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE, ids=range(len(OUTSIDE)))
async def test_no_path_leads_outside(roots, tmp_path, path):
    (tmp_path / "secret.txt").write_text("CANARY")
    (tmp_path / "ws-evil").mkdir(exist_ok=True)
    (tmp_path / "ws-evil/secret.txt").write_text("CANARY")
    path = path.replace("{top}", f"{tmp_path}/ws")
    for verb in (roots.read, roots.snapshot, roots.is_folder):
        with pytest.raises((Forbidden, NotFound)):
            await verb(path)
    with pytest.raises((Forbidden, NotFound)):
        await roots.write(path, b"x")


def plant_traps(top, secret):
    os.symlink(secret, top / "link")
    os.symlink("..", top / "up")
    os.symlink("/proc/self/root", top / "rootlink")
    os.symlink("loop", top / "loop")
    os.mkfifo(top / "fifo")
    os.link(secret, top / "hard")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(top / "sock"))
    os.mknod(top / "null", 0o666 | 0o020000, os.makedev(1, 3))
    with open(top / "sparse", "wb") as file:
        file.truncate(8 << 30)


TRAPS = ["link", "up/secret.txt", "rootlink/etc/passwd", "loop", "fifo", "hard", "sock", "null", "sparse"]


@pytest.mark.parametrize("portable", [False, True], ids=["openat2", "walk"])
async def test_no_trap_opens_blocks_or_lands_in_a_snapshot(tmp_path, portable):
    top = tmp_path / "ws"
    top.mkdir()
    (top / "ok.txt").write_text("hello")
    (tmp_path / "secret.txt").write_text("CANARY")
    plant_traps(top, tmp_path / "secret.txt")
    assert (top / "link").read_text() == "CANARY", "the control: the trap works on a careless reader"
    roots = FolderRoots([top], tmp_path / "private", portable=portable)
    for trap in TRAPS:
        with pytest.raises((Forbidden, NotFound, TooLarge)):
            await asyncio.wait_for(roots.read(trap, max_bytes=1 << 20), 2)
    (top / "sparse").unlink()
    copy = await asyncio.wait_for(roots.snapshot(str(top)), 5)
    assert sorted(each.name for each in copy.path.rglob("*")) == ["ok.txt"]


async def test_writing_replaces_a_link_and_never_follows_it(tmp_path):
    top = tmp_path / "ws"
    top.mkdir()
    (tmp_path / "secret.txt").write_text("CANARY")
    os.symlink(tmp_path / "secret.txt", top / "link")
    await FolderRoots([top], tmp_path / "private").write("link", b"mine")
    assert (tmp_path / "secret.txt").read_text() == "CANARY"
    assert (top / "link").read_bytes() == b"mine"


async def test_a_folder_swapped_for_a_link_in_a_loop_is_never_followed(tmp_path):
    top, outside = tmp_path / "ws", tmp_path / "outside"
    for folder in (top / "a", outside):
        folder.mkdir(parents=True)
    (top / "a/f").write_text("inside")
    (outside / "f").write_text("CANARY")
    roots, seen, stop = FolderRoots([top], tmp_path / "private"), set(), time.monotonic() + 1.5

    def swap():
        while time.monotonic() < stop:
            os.rename(top / "a", top / "b")
            os.symlink(outside, top / "a")
            os.unlink(top / "a")
            os.rename(top / "b", top / "a")

    swapping = asyncio.create_task(asyncio.to_thread(swap))
    while not swapping.done():
        try:
            seen.add(await roots.read("a/f"))
        except (Forbidden, NotFound) as error:
            seen.add(type(error).__name__)
    await swapping
    assert b"inside" in seen
    assert b"CANARY" not in seen


async def test_without_roots_every_path_is_refused(tmp_path):
    with pytest.raises(Unusable, match="BRIDGE_ROOTS"):
        await FolderRoots([], tmp_path).read("ok.txt")
