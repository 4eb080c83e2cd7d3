"""The zip around an Office file: refused when it would unpack to too much; its pictures are analysed in turn."""

import shutil
import zipfile
from pathlib import Path

from bridge.doors.analysers.limits import MAX_PARTS, MAX_RATIO, MAX_UNPACKED, MEGABYTE
from bridge.doors.analysers.tasks import Found, Part, Task
from bridge.problems import Issue

MAX_MEMBERS = 10_000
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")


def is_sound(task: Task, found: Found) -> bool:
    """Whether the package can be opened and stays within the limits; an issue says why not."""
    try:
        with zipfile.ZipFile(task.path) as package:
            words = too_much(package.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        found.issues.append(Issue("unreadable", task.uri, f"The file is damaged: {error}."))
        return False
    if words:
        found.issues.append(Issue("too_large", task.uri, words))
    return not words


def too_much(members: list[zipfile.ZipInfo]) -> str:
    """Say which limit the members would break, or nothing."""
    unpacked, packed = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    if len(members) > MAX_MEMBERS:
        return f"It holds {len(members)} members; {MAX_MEMBERS} is the limit."
    if unpacked > MAX_UNPACKED:
        return f"It would unpack to {unpacked // MEGABYTE} MB; {MAX_UNPACKED // MEGABYTE} MB is the limit."
    if unpacked > 10 * MEGABYTE and unpacked > MAX_RATIO * max(packed, 1):
        return f"It would unpack to {unpacked // max(packed, 1)} times its size; {MAX_RATIO} is the limit."
    return ""


def add_pictures(task: Task, found: Found, folder: str) -> None:
    """Hand each embedded picture on to be analysed."""
    if not task.content:
        return
    with zipfile.ZipFile(task.path) as package:
        names = [each for each in package.namelist() if each.startswith(folder) and each.lower().endswith(PICTURES)]
        found.metadata["pictures"] = len(names)
        for number, name in enumerate(names[:MAX_PARTS]):
            target = Path(task.scratch) / f"{Path(task.path).name}-{Path(folder).name}-{number}{Path(name).suffix}"
            with package.open(name) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
            found.parts.append(Part(str(target), f"{task.uri}!/{name}"))
