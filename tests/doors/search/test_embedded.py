"""What only the embedded index promises: it survives crashes, damage and other processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

from bridge.doors.search import Batch, Filter
from bridge.doors.search.embedded import EmbeddedSearch
from bridge.retrieval import digest_of, prepared, tokenize

PROJECT = Path(__file__).parents[3]


def a_file(path: str, text: str):
    return prepared("app", path, digest_of(text), text.encode(), 0.0)


async def found(folder: Path, term: str, version: str = "1") -> set[str]:
    search = EmbeddedSearch(folder, tokenize, version)
    try:
        return {hit.file.path for hit in await search.lexical([term], Filter(), 1000)}
    finally:
        await search.close()


async def test_an_index_of_another_version_is_made_anew_from_the_catalogue(tmp_path):
    search = EmbeddedSearch(tmp_path, tokenize, "1")
    await search.apply(Batch(adds=(a_file("a.py", "alpha\n"),)))
    await search.close()
    assert await found(tmp_path, "alpha", version="2") == {"a.py"}


async def test_a_damaged_engine_is_made_anew_from_the_catalogue(tmp_path):
    search = EmbeddedSearch(tmp_path, tokenize, "1")
    await search.apply(Batch(adds=(a_file("a.py", "alpha\n"),)))
    await search.close()
    (tmp_path / "engine" / "meta.json").write_text("{")
    assert await found(tmp_path, "alpha") == {"a.py"}


async def test_what_a_crash_left_waiting_is_indexed_at_the_next_start(tmp_path):
    search = EmbeddedSearch(tmp_path, tokenize, "1")
    await search.apply(Batch(adds=(a_file("a.py", "alpha\n"),)))
    await search.close()
    with sqlite3.connect(tmp_path / "catalogue.db") as database:
        database.execute("update files set path = 'b.py'")
        database.execute("insert into waiting select id, 0 from files")
    assert await found(tmp_path, "alpha") == {"b.py"}


async def test_a_reader_sees_what_another_process_wrote(tmp_path):
    reader = EmbeddedSearch(tmp_path, tokenize, "1")
    assert await reader.lexical(["alpha"], Filter(), 10) == []
    writer = EmbeddedSearch(tmp_path, tokenize, "1")
    await writer.apply(Batch(adds=(a_file("a.py", "alpha\n"),)))
    assert [hit.file.path for hit in await reader.lexical(["alpha"], Filter(), 10)] == ["a.py"]
    await writer.close()
    await reader.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from bridge.doors.search import Batch
from bridge.doors.search.embedded import EmbeddedSearch
from bridge.retrieval import digest_of, prepared, tokenize

async def main():
    search = EmbeddedSearch(Path(sys.argv[1]), tokenize, "1")
    for number in range(int(sys.argv[2]), 10_000):
        text = f"alpha number {number}"
        await search.apply(Batch(adds=(prepared("app", f"{number}.py", digest_of(text), text.encode(), 0.0),)))
        print(number, flush=True)

asyncio.run(main())
"""


async def test_killed_writers_lose_no_acknowledged_batch(tmp_path):
    acknowledged: set[str] = set()
    for _ in range(5):
        command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path), str(len(acknowledged) * 7)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as writer:
            for line in writer.stdout:
                acknowledged.add(f"{line.strip()}.py")
                if len(acknowledged) % 4 == 0:
                    os.kill(writer.pid, signal.SIGKILL)
                    break
    assert len(acknowledged) >= 5
    assert acknowledged <= await found(tmp_path, "alpha")
