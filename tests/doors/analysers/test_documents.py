"""PDF, Office files and archives: text in order, tables with cells, what is inside them."""

import pytest

from tests.doors.analysers import making

TABLE = "Item | Price\nApple | 12\nPear | 34"


def texts(document, kind=None):
    return [each.text for each in document.segments if kind in (None, each.kind)]


async def test_a_pdf_gives_its_text_by_page_its_table_and_its_outline(analyse):
    document = (await analyse("report.pdf", making.pdf())).documents[0]
    assert document.metadata["pages"] == 2
    assert [(each.place.page, each.kind) for each in document.segments] == [(1, "text"), (2, "text"), (1, "table")]
    assert "quarterly report" in document.segments[0].text
    assert texts(document, "table") == [TABLE]
    assert document.metadata["tables"][0]["cells"] == making.CELLS
    assert document.metadata["outline"] == [{"title": "Second part", "level": 1, "page": 2}]


async def test_a_page_without_text_is_read_as_a_picture(analyse):
    document = (await analyse("scan.pdf", making.scanned_pdf())).documents[0]
    line = next(each for each in document.segments if each.kind == "ocr")
    assert "2288" in line.text
    assert line.place.page == 1


async def test_columns_are_read_one_after_the_other(analyse):
    document = (await analyse("columns.pdf", making.two_columns_pdf())).documents[0]
    text = " ".join(document.segments[0].text.split())
    assert text.index("left column sentence number 11") < text.index("right column sentence number 0")


async def test_a_text_document_gives_headings_tables_header_and_pictures(analyse):
    analysed = await analyse("plan.docx", making.word())
    document, picture = analysed.documents
    assert document.metadata["title"] == "Plan"
    assert texts(document, "heading") == ["Goals"]
    assert texts(document, "table") == [TABLE]
    assert texts(document, "header") == ["Confidential header"]
    assert "- First point" in texts(document, "text")[0]
    assert picture.uri == "plan.docx!/word/media/image1.png"
    assert "4711" in picture.segments[0].text


async def test_a_workbook_gives_values_formulas_and_hidden_sheets(analyse):
    document = (await analyse("prices.xlsx", making.sheet())).documents[0]
    assert "Apple | 12" in texts(document, "table")[0]
    assert [(each["name"], each["hidden"]) for each in document.metadata["sheets"]] == [
        ("Prices", False),
        ("Secret plan", True),
    ]
    assert document.metadata["formulas"] == [{"sheet": "Prices", "cell": "C1", "formula": "=SUM(B2:B3)"}]


async def test_slides_give_titles_tables_and_notes(analyse):
    document = (await analyse("road.pptx", making.slides())).documents[0]
    assert [each.kind for each in document.segments] == ["heading", "text", "table", "notes"]
    assert texts(document, "notes") == ["Mention the budget"]


async def test_members_of_an_archive_are_analysed_in_turn(analyse):
    inner = making.zipped({"deep.py": "eval(input())"})
    analysed = await analyse("a.zip", making.zipped({"x/app.js": "eval(input)", "inner.zip": inner}))
    assert [each.uri for each in analysed.documents] == [
        "a.zip",
        "a.zip!/x/app.js",
        "a.zip!/inner.zip",
        "a.zip!/inner.zip!/deep.py",
    ]
    assert {each.place.uri for each in analysed.findings} == {"a.zip!/x/app.js", "a.zip!/inner.zip!/deep.py"}
    assert analysed.documents[0].metadata["member_count"] == 2


@pytest.mark.parametrize("extension", ["pdf", "docx", "png", "bin"])
async def test_the_type_is_told_by_content_not_by_name(analyse, extension):
    document = (await analyse(f"report.{extension}", making.pdf())).documents[0]
    assert document.media_type == "application/pdf"
    assert document.metadata["pages"] == 2
