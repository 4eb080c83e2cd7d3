"""A set of generated files: compare it with the disk, or write it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Files = dict[Path, str]
IGNORED = frozenset({"__pycache__"})


@dataclass(frozen=True)
class Stale:
    """One generated file that is not what its generator would write."""

    kind: Literal["missing", "orphaned", "edited"]
    path: Path


def stale(files: Files, owned: Sequence[Path]) -> list[Stale]:
    """Say what differs between *files* and the folders the generators own, orphans included."""
    found = {path for folder in owned for path in folder.rglob("*") if path.is_file() and not IGNORED & set(path.parts)}
    found |= {path for path in files if path.is_file()}
    return [
        *(Stale("missing", path) for path in sorted(files.keys() - found)),
        *(Stale("orphaned", path) for path in sorted(found - files.keys())),
        *(Stale("edited", path) for path in sorted(files.keys() & found) if path.read_text("utf-8") != files[path]),
    ]


def write(files: Files, owned: Sequence[Path]) -> list[Stale]:
    """Bring the disk up to *files*; return what was changed."""
    changed = stale(files, owned)
    for each in changed:
        if each.kind == "orphaned":
            each.path.unlink()
        else:
            each.path.parent.mkdir(parents=True, exist_ok=True)
            each.path.write_text(files[each.path], "utf-8")
    return changed
