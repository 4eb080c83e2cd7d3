"""Text in pictures: rapidocr, or tesseract when only that is there; boxes and arrows become a graph."""

import csv
import functools
import io
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any

from PIL import Image

from bridge.documents import Place
from bridge.doors.analysers import Degraded
from bridge.doors.analysers.code.secrets import secrets
from bridge.doors.analysers.code.sources import Source
from bridge.doors.analysers.code.spots import findings_of
from bridge.doors.analysers.images import box_of
from bridge.doors.analysers.limits import MAX_PIXELS, install_command
from bridge.doors.analysers.tasks import Found, Task

LONGEST_SIDE = 2_600
SURE = 0.5


@dataclass(frozen=True)
class Line:
    """One line of text: ``corners`` in pixels of the picture that was read."""

    text: str
    corners: tuple[tuple[float, float], ...]
    confidence: float


def read(task: Task, found: Found) -> None:
    """Read the text of one picture."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with Image.open(task.path) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    lines = _in_reading_order(_lines(picture, found))
    for line in lines:
        box = box_of(list(line.corners), picture.width, picture.height)
        found.add("ocr", line.text, Place(task.uri, box=box), modality="image", confidence=round(line.confidence, 3))
    if lines:
        found.metadata["ocr_confidence"] = round(sum(each.confidence for each in lines) / len(lines), 3)
    if task.security and lines:
        text = "\n".join(each.text for each in lines)
        found.findings.extend(findings_of(Source(text, "", None, text.split("\n")), task.uri, secrets(text), None))
    _graph(picture, lines, found)


def _graph(picture: Image.Image, lines: list[Line], found: Found) -> None:
    try:
        from bridge.doors.analysers.images.diagrams import graph_of
    except ModuleNotFoundError:
        return
    graph = graph_of(picture, [(each.text, each.corners) for each in lines])
    if graph:
        found.metadata["graph"] = graph


def _lines(picture: Image.Image, found: Found) -> list[Line]:
    try:
        engine = _rapidocr()
    except ModuleNotFoundError as error:
        if shutil.which("tesseract") is None:
            raise
        reason = f"{error.name} is not installed; {install_command('ocr')} brings it."
        found.degraded.append(Degraded("ocr", reason, "tesseract"))
        return _by_tesseract(picture)
    import numpy as np

    # The recogniser expects blue before red, as its own file reader delivers it.
    answer = engine(np.ascontiguousarray(np.asarray(picture)[:, :, ::-1]))
    if answer.boxes is None:
        return []
    return [
        Line(text, tuple((float(x), float(y)) for x, y in box), float(score))
        for box, text, score in zip(answer.boxes, answer.txts, answer.scores, strict=True)
        if score >= SURE and text.strip()
    ]


@functools.cache
def _rapidocr() -> Any:
    import cv2
    import rapidocr

    cv2.setNumThreads(1)
    options = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1,
               "Global.log_level": "error"}  # fmt: skip
    return rapidocr.RapidOCR(params=options)


def _by_tesseract(picture: Image.Image) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/page.png"
        picture.save(path)
        command = ["tesseract", path, "stdout", "--psm", "3", "tsv"]
        done = subprocess.run(
            command, capture_output=True, timeout=60, check=False, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
        )
    rows = csv.DictReader(io.StringIO(done.stdout.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE)
    grouped: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows:
        if row.get("text", "").strip() and float(row["conf"]) > 0:
            grouped.setdefault((row["block_num"], row["par_num"], row["line_num"]), []).append(row)
    return [_tesseract_line(words) for words in grouped.values()]


def _tesseract_line(words: list[dict[str, str]]) -> Line:
    left, top = min(int(each["left"]) for each in words), min(int(each["top"]) for each in words)
    right = max(int(each["left"]) + int(each["width"]) for each in words)
    bottom = max(int(each["top"]) + int(each["height"]) for each in words)
    confidence = sum(float(each["conf"]) for each in words) / len(words) / 100
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line(" ".join(each["text"] for each in words), corners, confidence)


def _in_reading_order(lines: list[Line]) -> list[Line]:
    """Rows from top to bottom, each from left to right: two boxes share a row when their middles overlap."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        height = max(y for _, y in line.corners) - min(y for _, y in line.corners)
        if rows and abs(_middle(line) - _middle(rows[-1][0])) < height * 0.5:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda each: min(x for x, _ in each.corners))]


def _middle(line: Line) -> float:
    return sum(y for _, y in line.corners) / len(line.corners)
