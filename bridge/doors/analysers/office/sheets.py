"""xlsx, xls and ods: values by sheet in blocks of rows, formulas, hidden sheets and notes."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import python_calamine

from bridge.documents import Place
from bridge.doors.analysers.limits import MAX_SEGMENTS
from bridge.doors.analysers.office.packages import add_pictures, is_sound
from bridge.doors.analysers.office.tables import add_table
from bridge.doors.analysers.spotting import spot_secrets
from bridge.doors.analysers.tasks import Found, Task
from bridge.problems import Issue

BLOCK = 100
MAX_ROWS = 100_000
MAX_FORMULAS = 1_000
FORMULA_SIZE = 5_000_000
"""Bytes up to which a file is opened a second time for its formulas."""


def read(task: Task, found: Found) -> None:
    """Read one workbook."""
    old = task.options.get("media_type") == "application/vnd.ms-excel"
    if not old and not is_sound(task, found):
        return
    try:
        book = python_calamine.CalamineWorkbook.from_path(task.path)
    except (python_calamine.CalamineError, OSError) as error:
        words = str(error).replace(task.path, task.uri)
        locked = "password" in words.lower()
        code, words = "encrypted" if locked else "unreadable", f"The workbook cannot be opened: {words}."
        found.issues.append(Issue(code, task.uri, words))
        return
    _sheets(book, task, found)
    if not old and task.options.get("size", 0) <= FORMULA_SIZE:
        _formulas(task, found)
    spot_secrets(task, found)
    if not old:
        add_pictures(task, found, "xl/media/")


def _sheets(book: Any, task: Task, found: Found) -> None:
    facts: list[dict[str, Any]] = []
    left = MAX_ROWS
    for number, meta in enumerate(book.sheets_metadata, 1):
        if not str(meta.typ).endswith("WorkSheet"):
            continue
        rows = book.get_sheet_by_name(meta.name).to_python(nrows=left)
        hidden = not str(meta.visible).endswith(".Visible")
        facts.append({"name": meta.name, "rows": len(rows), "columns": len(rows[0]) if rows else 0, "hidden": hidden})
        for start in range(0, len(rows), BLOCK):
            block = [[_plain(cell) for cell in row] for row in rows[start : start + BLOCK]]
            place = Place(task.uri, start + 1, start + len(block), symbol=meta.name, page=number)
            add_table(block, place, found)
        left -= len(rows)
        if left <= 0 or len(found.segments) > MAX_SEGMENTS:
            found.issues.append(Issue("cut", task.uri, f"Only the first {MAX_ROWS} rows are read."))
            break
    found.metadata["sheets"] = facts


def _plain(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _formulas(task: Task, found: Found) -> None:
    import openpyxl

    # The file has no extension of its own here; a file object is opened by content.
    with open(task.path, "rb") as file:  # noqa: PTH123
        book = openpyxl.load_workbook(file, read_only=True, data_only=False)
        formulas = list(islice(_cells_with_formulas(book), MAX_FORMULAS))
    if formulas:
        found.metadata["formulas"] = formulas
        text = "\n".join(f"{each['sheet']}!{each['cell']} {each['formula']}" for each in formulas)
        found.add("formulas", text, Place(task.uri))


def _cells_with_formulas(book: Any) -> Iterator[dict[str, str]]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in (each for each in row if each.data_type == "f"):
                yield {"sheet": sheet.title, "cell": cell.coordinate, "formula": str(cell.value)[:500]}
