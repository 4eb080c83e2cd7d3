"""docx: headings, paragraphs, lists and tables in their order, headers and footers, core properties."""

from typing import Any

import docx
from docx.table import Table

from bridge.documents import Place
from bridge.doors.analysers.office.packages import add_pictures, is_sound
from bridge.doors.analysers.office.tables import add_table
from bridge.doors.analysers.spotting import spot_secrets
from bridge.doors.analysers.tasks import Found, Task

PIECE = 2_000


def read(task: Task, found: Found) -> None:
    """Read one text document."""
    if not is_sound(task, found):
        return
    document = docx.Document(task.path)
    found.metadata |= properties(document.core_properties)
    _body(document, task, found)
    _margins(document, task, found)
    spot_secrets(task, found)
    add_pictures(task, found, "word/media/")


def properties(given: Any) -> dict[str, Any]:
    """Title, author and dates of an Office file."""
    facts = {"title": given.title, "author": given.author, "subject": given.subject, "keywords": given.keywords}
    dates = {"created": given.created, "modified": given.modified}
    return {key: value for key, value in facts.items() if value} | {
        key: value.isoformat() for key, value in dates.items() if value
    }


def _body(document: Any, task: Task, found: Found) -> None:
    heading: str | None = None
    waiting: list[str] = []

    def flush() -> None:
        if waiting:
            found.add("text", "\n".join(waiting), Place(task.uri, symbol=heading))
            waiting.clear()

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            flush()
            add_table([[cell.text for cell in row.cells] for row in block.rows], Place(task.uri, symbol=heading), found)
            continue
        text, style = block.text.strip(), (block.style.name or "") if block.style is not None else ""
        if style.startswith(("Heading", "Title")) and text:
            flush()
            heading = text
            found.add("heading", text, Place(task.uri, symbol=heading))
        elif text:
            waiting.append(("- " if style.startswith("List") else "") + text)
            if sum(map(len, waiting)) > PIECE:
                flush()
    flush()


def _margins(document: Any, task: Task, found: Found) -> None:
    seen = set()
    for section in document.sections:
        for kind, part in (("header", section.header), ("footer", section.footer)):
            text = "\n".join(each.text for each in part.paragraphs if each.text.strip())
            if text and (kind, text) not in seen:
                seen.add((kind, text))
                found.add(kind, text, Place(task.uri))
