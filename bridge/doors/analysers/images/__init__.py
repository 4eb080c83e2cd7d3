"""Pictures: facts that need no model - size, kind, EXIF, colours, hash, bar codes; OCR is a part of its own."""

from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from bridge.documents import Place
from bridge.doors.analysers import Degraded
from bridge.doors.analysers.images.kinds import colours, difference_hash, kind_of
from bridge.doors.analysers.limits import MAX_PIXELS, install_command
from bridge.doors.analysers.tasks import Found, Part, Task
from bridge.problems import Issue

NEEDS_A_MODEL = "What a picture shows is described only by a remote engine; none of our own can."
SIDE = 1024


def read(task: Task, found: Found) -> None:
    """Read the facts of one picture and ask for its text."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(task.path) as opened:
            _facts(opened, task, found)
            if opened.width * opened.height > MAX_PIXELS:
                words = f"{opened.width}x{opened.height} pixels are over {MAX_PIXELS // 10**6} million; not decoded."
                found.issues.append(Issue("too_large", task.uri, words))
                return
            opened.draft("RGB", (SIDE * 2, SIDE * 2))
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        words = str(error).replace(task.path, task.uri)
        found.issues.append(Issue("unreadable", task.uri, f"The picture cannot be decoded: {words}."))
        return
    small = picture.copy()
    small.thumbnail((SIDE, SIDE))
    kind, confidence = kind_of(small)
    found.metadata.update(
        kind=kind, kind_confidence=confidence, colours=colours(small), perceptual_hash=difference_hash(small)
    )
    found.metadata["description"] = NEEDS_A_MODEL
    if task.content:
        _codes(picture, task, found)
        found.parts.append(Part(task.path, task.uri, engine="ocr", into="segments"))


def _facts(picture: Image.Image, task: Task, found: Found) -> None:
    found.metadata.update(width=picture.width, height=picture.height, format=picture.format, mode=picture.mode)
    frames = getattr(picture, "n_frames", 1)
    if frames > 1:
        found.metadata["frames"] = frames
    try:
        exif = _exif(picture)
    except (OSError, ValueError, SyntaxError, ZeroDivisionError) as error:
        found.issues.append(Issue("broken_exif", task.uri, f"The EXIF data cannot be read: {error}."))
        return
    if exif:
        found.metadata["exif"] = exif


def _exif(picture: Image.Image) -> dict[str, Any]:
    given = picture.getexif()
    tags = dict(given) | dict(given.get_ifd(ExifTags.IFD.Exif))
    facts = {
        str(ExifTags.TAGS.get(tag, tag)): _plain(value) for tag, value in tags.items() if not isinstance(value, bytes)
    }
    if gps := given.get_ifd(ExifTags.IFD.GPSInfo):
        facts["GPS"] = {str(ExifTags.GPSTAGS.get(tag, tag)): _plain(value) for tag, value in gps.items()}
    return facts


def _plain(value: Any) -> Any:
    if isinstance(value, (int, float)) or value is None:
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value][:20]
    try:
        return float(value) if hasattr(value, "numerator") else str(value)[:500]
    except (ValueError, ZeroDivisionError):
        return str(value)[:500]


def _codes(picture: Image.Image, task: Task, found: Found) -> None:
    try:
        import zxingcpp
    except ModuleNotFoundError:
        found.degraded.append(Degraded("barcodes", f"zxing-cpp is not installed; {install_command('ocr')} brings it."))
        return
    codes = []
    for code in zxingcpp.read_barcodes(picture):
        corners = (
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_right,
            code.position.bottom_left,
        )
        box = box_of([(corner.x, corner.y) for corner in corners], picture.width, picture.height)
        codes.append({"format": str(code.format).rpartition(".")[2], "text": code.text})
        found.add("barcode", code.text, Place(task.uri, box=box), modality="image", confidence=1.0)
    if codes:
        found.metadata["barcodes"] = codes


def box_of(corners: list[tuple[float, float]], width: int, height: int) -> tuple[float, float, float, float]:
    """The upright box around *corners* as shares of the picture."""
    across, down = [x for x, _ in corners], [y for _, y in corners]

    def share(value: float, of: int) -> float:
        return round(min(max(value / of, 0.0), 1.0), 4)

    return share(min(across), width), share(min(down), height), share(max(across), width), share(max(down), height)
