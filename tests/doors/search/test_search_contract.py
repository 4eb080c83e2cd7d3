"""What every search index owes, the one in memory included."""

import pytest

from bridge.doors.search import Batch, Filter, IndexedFile
from bridge.doors.search.embedded import EmbeddedSearch
from bridge.doors.search.in_memory import InMemorySearch
from bridge.retrieval import digest_of, prepared, tokenize
from bridge.retrieval.tokens import terms

EVERYTHING = Filter()


def a_file(path: str, text: str, repo: str = "app", modified: float = 0.0) -> IndexedFile:
    made = prepared(repo, path, digest_of(text), text.encode(), modified)
    assert isinstance(made, IndexedFile)
    return made


@pytest.fixture(params=["embedded", "in memory"])
async def search(request, tmp_path):
    door = EmbeddedSearch(tmp_path / "index", tokenize, "1") if request.param == "embedded" else InMemorySearch()
    yield door
    await door.close()


async def paths(search, question, where=EVERYTHING):
    return [hit.file.path for hit in await search.lexical(terms(question), where, 10)]


async def test_what_was_applied_is_found_by_its_words(search):
    await search.apply(
        Batch(adds=(a_file("src/retry.py", "def back_off():\n    wait()\n"), a_file("src/other.py", "x = 1\n")))
    )
    assert await paths(search, "how do we back off") == ["src/retry.py"]
    assert await paths(search, "nothing like this") == []


async def test_parts_of_an_identifier_find_it(search):
    await search.apply(Batch(adds=(a_file("a.py", "class HttpConnectionPool:\n    pass\n"),)))
    assert await paths(search, "connection") == ["a.py"]
    assert await paths(search, "HttpConnectionPool") == ["a.py"]


async def test_a_replaced_file_is_found_by_its_new_text_only(search):
    await search.apply(Batch(adds=(a_file("a.py", "alpha = 1\n"),)))
    await search.apply(Batch(adds=(a_file("a.py", "omega = 1\n"),)))
    assert await paths(search, "omega") == ["a.py"]
    assert await paths(search, "alpha") == []


async def test_a_deleted_file_is_gone(search):
    await search.apply(Batch(adds=(a_file("a.py", "alpha = 1\n"), a_file("b.py", "alpha = 2\n"))))
    await search.apply(Batch(deletes=(("app", "a.py"),)))
    assert await paths(search, "alpha") == ["b.py"]


async def test_applying_the_same_batch_again_changes_nothing(search):
    batch = Batch(adds=(a_file("a.py", "alpha = 1\n"),))
    await search.apply(batch)
    await search.apply(batch)
    stats = await search.stats()
    assert (stats.files, stats.chunks, stats.waiting) == (1, 1, 0)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(repos=("other",)), {"lib/b.go"}),
        (Filter(languages=("python",)), {"src/a.py"}),
        (Filter(paths=("lib/",)), {"lib/b.go"}),
        (Filter(paths=("*.py",)), {"src/a.py"}),
        (Filter(kinds=("function",)), {"src/a.py"}),
        (Filter(since=500.0), {"lib/b.go"}),
        (Filter(until=500.0), {"src/a.py"}),
        (Filter(modalities=("image",)), set()),
        (Filter(media_types=("text/plain",)), {"src/a.py", "lib/b.go"}),
    ],
)
async def test_each_filter_restricts(search, where, expected):
    await search.apply(
        Batch(
            adds=(
                a_file("src/a.py", "def needle():\n" + "    pass\n" * 10, modified=100.0),
                a_file("lib/b.go", "needle\n", repo="other", modified=1000.0),
            )
        )
    )
    assert set(await paths(search, "needle", where)) == expected


async def test_literals_find_every_piece_that_contains_them_and_history_is_not_text(search):
    await search.apply(Batch(adds=(a_file("a.py", "value = 'a+b==c'\n"), a_file("b.py", "value = 'a+b'\n"))))
    hits = await search.substring(["a+b==c"], EVERYTHING, 10)
    assert {hit.file.path for hit in hits} == {"a.py"}
    assert len(await search.substring([], EVERYTHING, 10)) == 2


async def test_fetched_pieces_hold_their_text_and_place(search):
    await search.apply(Batch(adds=(a_file("a.py", "import os\n\n\ndef needle():\n" + "    work()\n" * 12),)))
    [hit] = await search.lexical(["needl"], EVERYTHING, 1)
    [found] = await search.fetch([hit.chunk, 999_999])
    assert found.text.startswith("def needle():")
    assert found.place == {"start_line": 4, "end_line": 17}
    assert found.symbol == "needle"


async def test_unusual_text_is_kept_as_it_is(search):
    text = "naïve = '日本語テキスト'\n\ud800 lone\n"
    await search.apply(Batch(adds=(IndexedFile("app", "a.py", text, "d", a_file("a.py", "x").chunks),)))
    [(facts, digest)] = await search.files(EVERYTHING)
    assert (facts.path, digest) == ("a.py", "d")
