"""pptx: titles, text, tables and notes by slide."""

from collections.abc import Iterator
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from bridge.documents import Place
from bridge.doors.analysers.office.packages import add_pictures, is_sound
from bridge.doors.analysers.office.tables import add_table
from bridge.doors.analysers.office.word import properties
from bridge.doors.analysers.spotting import spot_secrets
from bridge.doors.analysers.tasks import Found, Task

DEEPEST = 8


def read(task: Task, found: Found) -> None:
    """Read one presentation."""
    if not is_sound(task, found):
        return
    with open(task.path, "rb") as file:  # noqa: PTH123 - a file without extension is opened by content
        deck = Presentation(file)
    found.metadata |= properties(deck.core_properties) | {"slides": len(deck.slides)}
    for number, slide in enumerate(deck.slides, 1):
        _slide(slide, number, task, found)
    spot_secrets(task, found)
    add_pictures(task, found, "ppt/media/")


def _slide(slide: Any, number: int, task: Task, found: Found) -> None:
    title = slide.shapes.title
    name = title.text_frame.text.strip() if title is not None and title.has_text_frame else ""
    place = Place(task.uri, page=number, symbol=name or None)
    if name:
        found.add("heading", name, place)
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if getattr(shape, "has_table", False):
            add_table([[cell.text for cell in row.cells] for row in shape.table.rows], place, found)
        elif shape.has_text_frame and (text := shape.text_frame.text.strip()):
            found.add("text", text, place)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        if notes:
            found.add("notes", notes, place)


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < DEEPEST:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape
