"""Boxes and arrows of a diagram as a graph, where they can be read; the confidence says how well."""

from typing import Any

import cv2
import numpy as np
from PIL import Image

Corners = tuple[tuple[float, float], ...]
Box = tuple[int, int, int, int]
SMALLEST, MOST = 24, 60


def graph_of(picture: Image.Image, lines: list[tuple[str, Corners]]) -> dict[str, Any] | None:
    """Return nodes (boxes with text) and edges (strokes that join two boxes), or None when there are no two boxes."""
    grey = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    ink = (np.abs(grey.astype(np.int16) - int(np.median(grey))) > 40).astype(np.uint8)
    boxes = _boxes(ink, picture.width * picture.height)
    named = [(box, " ".join(text for text, corners in lines if _holds(box, corners))) for box in boxes]
    named = [(box, name) for box, name in named if name]
    if not 2 <= len(named) <= MOST:
        return None
    edges = _edges(ink, [box for box, _ in named], [corners for _, corners in lines])
    if not edges:
        return None
    nodes = [{"id": number, "text": name[:200]} for number, (_, name) in enumerate(named)]
    joined = {end for first, second in edges for end in (first, second)}
    return {
        "nodes": nodes, "edges": [{"between": [first, second]} for first, second in sorted(edges)],
        "confidence": round(0.6 * len(joined) / len(nodes), 2), "directed": False,
    }  # fmt: skip


def _boxes(ink: Any, area: int) -> list[Box]:
    contours, _ = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    found: list[Box] = []
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        if width < SMALLEST or height < SMALLEST or width * height > area * 0.4:
            continue
        filled = cv2.contourArea(contour) / (width * height)
        corners = len(cv2.approxPolyDP(contour, 0.03 * cv2.arcLength(contour, closed=True), closed=True))
        if filled > 0.85 and corners <= 8 and not any(_same((x, y, width, height), other) for other in found):
            found.append((x, y, width, height))
    return [box for box in found if not any(_inside(other, box) for other in found if other != box)]


def _same(first: Box, second: Box) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(first, second, strict=True))


def _inside(inner: Box, outer: Box) -> bool:
    return (
        outer[0] < inner[0] and outer[1] < inner[1]
        and inner[0] + inner[2] < outer[0] + outer[2] and inner[1] + inner[3] < outer[1] + outer[3]
    )  # fmt: skip


def _holds(box: Box, corners: Corners) -> bool:
    x, y = sum(each[0] for each in corners) / len(corners), sum(each[1] for each in corners) / len(corners)
    return box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]


def _edges(ink: Any, boxes: list[Box], labels: list[Corners]) -> set[tuple[int, int]]:
    strokes = ink.copy()
    for x, y, width, height in boxes:
        strokes[y - 2 if y > 2 else 0 : y + height + 2, x - 2 if x > 2 else 0 : x + width + 2] = 0
    for corners in labels:
        xs, ys = [int(each[0]) for each in corners], [int(each[1]) for each in corners]
        strokes[max(min(ys), 0) : max(ys), max(min(xs), 0) : max(xs)] = 0
    # Labels cut strokes in two; closing bridges gaps of a few pixels.
    strokes = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, marks = cv2.connectedComponents(strokes)
    edges: set[tuple[int, int]] = set()
    touching: dict[int, list[int]] = {}
    for number, (x, y, width, height) in enumerate(boxes):
        around = marks[max(y - 6, 0) : y + height + 6, max(x - 6, 0) : x + width + 6]
        for mark in np.unique(around):
            if 0 < mark < count:
                touching.setdefault(int(mark), []).append(number)
    for ends in touching.values():
        if len(ends) == 2:
            edges.add((ends[0], ends[1]))
    return edges
