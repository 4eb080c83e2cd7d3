"""PDF: text by page in reading order, tables with their cells, outline, links; pages without text go to OCR."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from bridge.documents import Place
from bridge.doors.analysers.limits import MAX_PAGES
from bridge.doors.analysers.office.tables import add_table
from bridge.doors.analysers.spotting import spot_secrets
from bridge.doors.analysers.tasks import Found, Part, Task
from bridge.problems import Issue

RESOLUTION = 150
MAX_SCANNED = 30
MAX_SIDE = 3_000
TABLE_SECONDS = 6.0
"""Processor seconds given to tables; their reader is a hundred times slower than the text's."""
Rect = tuple[float, float, float, float]


def read(task: Task, found: Found) -> None:
    """Read one PDF."""
    try:
        document = pypdfium2.PdfDocument(task.path)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        words = "The PDF is encrypted; remove its password first." if locked else f"The PDF cannot be opened: {error}."
        found.issues.append(Issue("encrypted" if locked else "unreadable", task.uri, words))
        return
    found.metadata["pages"] = len(document)
    found.metadata |= {key.lower(): value for key, value in document.get_metadata_dict(skip_empty=True).items()}
    if len(document) > MAX_PAGES:
        words = f"Only the first {MAX_PAGES} of {len(document)} pages are read."
        found.issues.append(Issue("cut", task.uri, words))
    _outline(document, found)
    if task.content or task.security:
        _pages(document, task, found)
    spot_secrets(task, found)


def _outline(document: Any, found: Found) -> None:
    entries = []
    for entry in document.get_toc(max_depth=6):
        target = entry.get_dest()
        index = target.get_index() if target else None
        place = {} if index is None else {"page": index + 1}
        entries.append({"title": entry.get_title(), "level": entry.level + 1} | place)
        if len(entries) >= 500:
            break
    if entries:
        found.metadata["outline"] = entries


def _pages(document: Any, task: Task, found: Found) -> None:
    ruled: list[int] = []
    scanned: list[int] = []
    for number in range(1, min(len(document), MAX_PAGES) + 1):
        try:
            page = document[number - 1]
            text = _text(page)
            lines = _count_lines(page)
        except pypdfium2.PdfiumError as error:
            found.issues.append(Issue("unreadable", f"{task.uri}#page={number}", f"This page cannot be read: {error}."))
            continue
        if text.strip():
            found.add("text", text, Place(task.uri, page=number))
            if lines >= 4:
                ruled.append(number)
        else:
            scanned.append(number)
        page.close()
    if task.content:
        _tables(task, found, ruled)
        _scans(document, task, found, scanned)


def _count_lines(page: Any) -> int:
    paths = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3)
    return sum(1 for _ in islice(paths, 4))


def _text(page: Any) -> str:
    page_text = page.get_textpage()
    try:
        rects = [page_text.get_rect(number) for number in range(min(page_text.count_rects(), 3_000))]
        gap = _gap(rects, page.get_width())
        if gap is None:
            return _tidy(page_text.get_text_range())
        return _tidy("\n".join(page_text.get_text_bounded(*rect) for rect in _by_columns(rects, gap)))
    finally:
        page_text.close()


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "-").replace("\0", "")


def _gap(rects: list[Rect], width: float) -> float | None:
    """The middle of a white strip between two columns, or None: some lines may cross it, as headings do."""
    if len(rects) < 12 or width <= 0:
        return None
    best: tuple[int, float] | None = None
    for share in range(30, 71, 2):
        x = width * share / 100
        crossing = sum(left < x < right for left, _, right, _ in rects)
        on_left, on_right = [r for r in rects if r[2] <= x], [r for r in rects if r[0] >= x]
        if crossing > len(rects) * 0.1 or min(len(on_left), len(on_right)) < 5:
            continue
        strip = min(r[0] for r in on_right) - max(r[2] for r in on_left)
        if strip > 8 and _wide(on_left, width) and _wide(on_right, width) and (best is None or crossing < best[0]):
            best = (crossing, (min(r[0] for r in on_right) + max(r[2] for r in on_left)) / 2)
    return best[1] if best else None


def _wide(rects: list[Rect], width: float) -> bool:
    """Whether most lines fill a column, which cells of a table do not."""
    widths = sorted(right - left for left, _, right, _ in rects)
    return widths[len(widths) // 2] > width * 0.2


def _by_columns(rects: list[Rect], gap: float) -> Iterator[Rect]:
    left: list[Rect] = []
    right: list[Rect] = []
    for rect in sorted(rects, key=lambda each: (-each[3], each[0])):
        if rect[0] < gap < rect[2]:
            yield from (*left, *right, rect)
            left, right = [], []
        else:
            (left if rect[2] <= gap else right).append(rect)
    yield from (*left, *right)


def _tables(task: Task, found: Found, pages: list[int]) -> None:
    """Tables with ruled cells, page by page, each page let go before the next: kept pages fill the memory."""
    if not pages:
        return
    import pdfplumber

    began = time.process_time()
    for position, number in enumerate(pages):
        if time.process_time() - began > TABLE_SECONDS:
            words = f"Tables are not read on {len(pages) - position} of {len(pages)} pages with ruled lines."
            found.issues.append(Issue("cut", task.uri, words))
            return
        with pdfplumber.open(task.path, pages=[number]) as opened:
            page = opened.pages[0]
            for table in page.find_tables():
                left, top, right, bottom = table.bbox
                box = _share(left / page.width, top / page.height, right / page.width, bottom / page.height)
                add_table(table.extract(), Place(task.uri, page=number, box=box), found)
            page.close()


def _share(*values: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(min(max(float(value), 0.0), 1.0), 4) for value in values)
    return left, top, right, bottom


def _scans(document: Any, task: Task, found: Found, pages: list[int]) -> None:
    found.metadata["pages_without_text"] = pages[:MAX_PAGES]
    if len(pages) > MAX_SCANNED:
        words = f"Only {MAX_SCANNED} of {len(pages)} pages without text are read as pictures."
        found.issues.append(Issue("cut", task.uri, words))
    for number in pages[:MAX_SCANNED]:
        page = document[number - 1]
        if not any(True for _ in page.get_objects(max_depth=2)):
            continue
        longest = max(page.get_width(), page.get_height(), 1)
        picture = page.render(scale=min(RESOLUTION / 72, MAX_SIDE / longest)).to_pil()
        path = Path(task.scratch) / f"{Path(task.path).name}-page-{number}.png"
        picture.save(path)
        found.parts.append(Part(str(path), task.uri, engine="ocr", into="segments", page=number))
        page.close()
