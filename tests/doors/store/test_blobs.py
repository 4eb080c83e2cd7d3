"""What every store promises about bytes and their names."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from bridge.doors.store import StoredFile
from bridge.problems import InvalidInput, NotFound, TooLarge
from tests.doors.store.test_runs import NOW

DIGEST = sha256(b"hello world").hexdigest()


async def chunks(*given):
    for each in given:
        yield each


async def broken():
    yield b"hello"
    raise ConnectionResetError


def named(**changed):
    return replace(StoredFile("f1", "alice", "r1", DIGEST, "a.txt", "text/plain", 11, NOW), **changed)


async def test_bytes_are_kept_under_their_hash(stores):
    blob = await stores.blobs.put(chunks(b"hello ", b"world"), max_bytes=100)
    assert (blob.sha256, blob.size) == (DIGEST, 11)
    assert (await stores.blobs.get(DIGEST)).path.read_bytes() == b"hello world"


async def test_the_same_bytes_twice_are_one_blob(stores, tmp_path):
    for _ in range(2):
        await stores.blobs.put(chunks(b"hello world"), max_bytes=100)
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 1


async def test_too_much_leaves_nothing_behind(stores, tmp_path):
    with pytest.raises(TooLarge):
        await stores.blobs.put(chunks(b"hello ", b"world"), max_bytes=10)
    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


async def test_a_broken_upload_leaves_nothing_behind(stores, tmp_path):
    with pytest.raises(ConnectionResetError):
        await stores.blobs.put(broken(), max_bytes=100)
    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize("wrong", ["", "..", "../" * 22, "A" * 64, "/etc/passwd"])
async def test_what_is_no_hash_is_refused(stores, wrong):
    with pytest.raises(InvalidInput):
        await stores.blobs.get(wrong)


async def test_what_is_not_there_is_not_found(stores):
    for look in (stores.blobs.get("0" * 64), stores.blobs.file("f1"), stores.blobs.named("alice", DIGEST)):
        with pytest.raises(NotFound):
            await look


async def test_files_name_bytes_for_their_tenant(stores):
    await stores.blobs.name(named())
    await stores.blobs.name(named(id="f2", name="b.txt", created_at=NOW + timedelta(seconds=1)))
    assert (await stores.blobs.file("f1")) == named()
    assert (await stores.blobs.named("alice", DIGEST)).name == "b.txt"
    with pytest.raises(NotFound):
        await stores.blobs.named("bob", DIGEST)


async def test_bytes_go_with_their_last_name(stores):
    await stores.blobs.put(chunks(b"hello world"), max_bytes=100)
    await stores.blobs.name(named())
    await stores.blobs.name(named(id="f2", created_at=NOW + timedelta(days=1)))
    assert await stores.blobs.remove(named_before=NOW + timedelta(hours=1)) == 1
    assert (await stores.blobs.get(DIGEST)).size == 11
    assert await stores.blobs.remove(named_before=NOW + timedelta(days=2), keep_runs={"r1"}) == 0
    assert await stores.blobs.remove(named_before=NOW + timedelta(days=2)) == 1
    with pytest.raises(NotFound):
        await stores.blobs.get(DIGEST)
