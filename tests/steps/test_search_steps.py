"""index_content and intelligent_search together, on the index in memory and the embedded one."""

import pytest

from bridge.authoring import Earlier, InvalidInput, Unusable
from bridge.doors.search.embedded import EmbeddedSearch
from bridge.retrieval import tokenize

CODE = (
    "import time\n\n\ndef back_off(attempt):\n    '''Wait longer after each failure.'''\n    time.sleep(2 ** attempt)\n"
)
NOTES = "# Retries\n\nCalls are retried three times.\n\n# Payment\n\nInvoices are due in 14 days.\n"


@pytest.fixture
async def search(tmp_path):
    door = EmbeddedSearch(tmp_path / "index", tokenize, "1")
    yield door
    await door.close()


@pytest.fixture
async def indexed(try_step, search):
    texts = [{"uri": "src/retry.py", "text": CODE}, {"uri": "docs/notes.md", "text": NOTES}]
    result = await try_step("index_content", {"texts": texts}, search=search, roots=None, worktree=None)
    assert result["added"] == 2
    return search


async def ask(try_step, search, query, **more):
    return await try_step("intelligent_search", {"query": query, **more}, search=search)


async def test_a_question_finds_the_place_and_cites_its_lines(try_step, indexed):
    result = await ask(try_step, indexed, "how long do we wait after a failure")
    first = result["results"][0]
    assert first["document"]["uri"] == "src/retry.py"
    assert first["citation"] == "default:src/retry.py#L4-L7"
    assert "«failure»" in first["snippet"]
    assert "time.sleep" in result["context"]["unified_context"]
    assert result["context"]["citations"]


async def test_a_heading_finds_its_section(try_step, indexed):
    result = await ask(try_step, indexed, "when are invoices due")
    assert result["results"][0]["segment"]["place"]["symbol"] in ("Payment", "Retries Payment")


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ('"retried three times"', "phrase"),
        ("/retr(y|ied) \\w+ times/", "regex"),
        ("time.sleep(2 **", "substring"),
        ("back_off", "identifier"),
    ],
)
async def test_modes_are_detected_and_find_exactly_their_file(try_step, indexed, query, mode):
    result = await ask(try_step, indexed, query)
    assert result["mode"] == mode
    expected = "docs/notes.md" if "retr" in query else "src/retry.py"
    assert [each["document"]["uri"] for each in result["results"]] == [expected]


async def test_indexing_again_changes_nothing(try_step, indexed):
    texts = [{"uri": "src/retry.py", "text": CODE}]
    result = await try_step("index_content", {"texts": texts}, search=indexed, roots=None, worktree=None)
    assert (result["added"], result["unchanged"]) == (0, 1)


async def test_documents_of_an_analysis_are_found_by_page(try_step, search):
    segment = {
        "id": "1",
        "modality": "image",
        "kind": "ocr",
        "text": "Emergency exit left",
        "place": {"page": 3, "box": [0, 0, 1, 1]},
    }
    document = {
        "id": "a" * 64,
        "uri": "scan.pdf",
        "media_type": "application/pdf",
        "size": 1,
        "metadata": {},
        "segments": [segment],
        "issues": [],
    }
    from datetime import UTC, datetime

    try_step.results.earlier = [
        Earlier("r1", "multimodal_analysis", "Analyse", {"analysis": {"documents": [document]}}, datetime.now(UTC))
    ]
    await try_step("index_content", {"sources": ["node:Analyse"]}, search=search, roots=None, worktree=None)
    result = await ask(try_step, search, "where is the emergency exit", modalities=["image"])
    assert result["results"][0]["citation"] == "default:scan.pdf#page=3"
    assert result["results"][0]["segment"]["modality"] == "image"


async def test_results_without_documents_are_refused(try_step, search):
    from datetime import UTC, datetime

    try_step.results.earlier = [Earlier("r1", "gate", "Gate", {}, datetime.now(UTC))]
    with pytest.raises(Unusable, match="Multimodal Analysis"):
        await try_step("index_content", {"sources": ["run:r1"]}, search=search, roots=None, worktree=None)


@pytest.mark.parametrize("query", ["   ", "/(unclosed/", "/(?<=a)b/"])
async def test_what_cannot_be_asked_is_refused_with_the_reason(try_step, indexed, query):
    with pytest.raises(InvalidInput):
        await ask(try_step, indexed, query)


async def test_unknown_filters_are_refused(try_step, indexed):
    with pytest.raises(InvalidInput, match="author"):
        await ask(try_step, indexed, "x", filters={"author": ["me"]})


@pytest.mark.parametrize("query", ["!!!???", "x" * 9999, "/(a+)+$/", "(" * 500, "\u202e日本", "SELECT * FROM t; --"])
async def test_ugly_queries_have_an_honest_answer(try_step, indexed, query):
    result = await ask(try_step, indexed, query)
    assert isinstance(result["results"], list)


async def test_an_empty_index_says_so(try_step, search):
    result = await ask(try_step, search, "anything")
    assert result["issues"][0]["code"] == "index-empty"
