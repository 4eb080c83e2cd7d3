"""Tables: a segment people can read, and the grid of cells as a fact of the document."""

from collections.abc import Sequence
from typing import Any

from bridge.documents import Place, shape_of
from bridge.doors.analysers.tasks import Found

MAX_TABLES, MAX_CELLS = 200, 20_000


def add_table(rows: Sequence[Sequence[Any]], place: Place, found: Found) -> None:
    """Append a table; empty ones are left out."""
    grid = [["" if cell is None else " ".join(str(cell).split()) for cell in row] for row in rows]
    if not any(any(row) for row in grid):
        return
    found.add("table", "\n".join(" | ".join(row) for row in grid), place)
    tables = found.metadata.setdefault("tables", [])
    held = sum(len(row) for table in tables for row in table["cells"])
    if len(tables) < MAX_TABLES and held + sum(len(row) for row in grid) <= MAX_CELLS:
        tables.append({"cells": grid, "place": shape_of(place)})
