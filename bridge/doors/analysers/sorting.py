"""What a file is, told by its content: magic bytes first, then a model for text; a name only breaks ties."""

import ast
import functools
import shutil
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import filetype

from bridge.doors.analysers.tasks import Found, Task
from bridge.problems import Issue

LANGUAGES = {
    "py": "python", "pyi": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "jsx",
    "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx", "go": "go", "java": "java",
    "rs": "rust", "c": "c", "h": "c", "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "hpp": "cpp", "cs": "csharp",
    "php": "php", "rb": "ruby", "kt": "kotlin", "kts": "kotlin", "swift": "swift", "scala": "scala",
    "sh": "bash", "bash": "bash",
}  # fmt: skip
LABELS = {
    "python": "python", "javascript": "javascript", "typescript": "typescript", "jsx": "jsx", "tsx": "tsx",
    "go": "go", "java": "java", "rust": "rust", "c": "c", "cpp": "cpp", "cs": "csharp", "php": "php",
    "ruby": "ruby", "kotlin": "kotlin", "swift": "swift", "scala": "scala", "shell": "bash",
}  # fmt: skip
OFFICE = {
    "word/document.xml": "word",
    "xl/workbook.xml": "sheet",
    "xl/workbook.bin": "sheet",
    "ppt/presentation.xml": "slides",
}
OFFICE_TYPES = {
    "word": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "sheet": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "slides": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
ARCHIVES = {"application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz"}
HINTS = {
    "application/x-encrypted-office": ("encrypted", "The Office file is encrypted; remove its password first."),
    "application/x-ole-storage": ("unknown_type", "This is an old Office format; save it as docx or pptx first."),
}
SURE = 0.6


def sort(task: Task, found: Found) -> None:
    """Put id, size, media type, engine and language of the file into the metadata."""
    path = Path(task.path)
    facts = found.metadata
    facts["size"] = path.stat().st_size
    facts["id"] = _digest(path)
    with path.open("rb") as file:
        head = file.read(300_000)
    if not head:
        facts.update(media_type="application/x-empty", engine="")
        found.issues.append(Issue("empty", task.uri, "The file is empty."))
        return
    facts.update(_by_magic(path, head) or _by_text(path, head, task.name) or _unknown(task, found))
    if hint := HINTS.get(facts["media_type"]):
        code, words = hint
        found.issues.append(Issue(code, task.uri, words))
    if facts["engine"] == "audio":
        facts["duration"] = _duration(path)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _by_magic(path: Path, head: bytes) -> dict[str, Any] | None:
    if b"%PDF-" in head[:1024]:
        return {"media_type": "application/pdf", "engine": "pdf"}
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _by_compound(head, path)
    kind = filetype.guess(head[:8192])
    if head[:2] == b"PK" or (kind and kind.mime == "application/zip"):
        return _by_members(path)
    if kind is None:
        return None
    media_type = str(kind.mime)
    group = media_type.split("/", maxsplit=1)[0]
    if media_type in ARCHIVES:
        return {"media_type": media_type, "engine": "archive"}
    if group in {"image", "audio", "video"}:
        return {"media_type": media_type, "engine": group}
    return None if b"\0" not in head[:8192] else {"media_type": media_type, "engine": ""}


def _by_compound(head: bytes, path: Path) -> dict[str, Any]:
    if len(head) < path.stat().st_size:
        with path.open("rb") as file:
            file.seek(-min(path.stat().st_size, 200_000), 2)
            head += file.read()
    if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in head:
        return {"media_type": "application/x-encrypted-office", "engine": ""}
    if b"W\0o\0r\0k\0b\0o\0o\0k" in head:
        return {"media_type": "application/vnd.ms-excel", "engine": "sheet"}
    return {"media_type": "application/x-ole-storage", "engine": ""}


def _by_members(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:5000])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return {"media_type": "application/zip", "engine": "archive"}
    for member, engine in OFFICE.items():
        if member in names:
            return {"media_type": OFFICE_TYPES[engine], "engine": engine}
    if {"mimetype", "content.xml"} <= names:
        return {"media_type": "application/vnd.oasis.opendocument", "engine": "sheet"}
    return {"media_type": "application/zip", "engine": "archive"}


def _by_text(path: Path, head: bytes, name: str) -> dict[str, Any] | None:
    text = decode(head)
    if text is None:
        return None
    if _is_diff(text):
        return {"media_type": "text/x-diff", "engine": "diff"}
    extension = Path(name or path.name).suffix.lower().lstrip(".")
    label, media_type, score = _ask_model(head)
    language = LANGUAGES.get(extension) or (LABELS.get(label) if score >= SURE else None)
    if language is None and not extension and _is_python(text):
        language = "python"
    if language:
        return {"media_type": f"text/x-{language}", "engine": "code", "language": language}
    known = {"md": "text/markdown", "markdown": "text/markdown", "html": "text/html", "htm": "text/html",
             "json": "application/json", "csv": "text/csv", "yaml": "application/yaml", "yml": "application/yaml",
             "svg": "image/svg+xml", "xml": "text/xml", "txt": "text/plain"}  # fmt: skip
    guessed = media_type if score >= SURE and media_type != "application/octet-stream" else "text/plain"
    return {"media_type": known.get(extension, guessed), "engine": "text", "format": label}


def _unknown(task: Task, found: Found) -> dict[str, Any]:
    found.issues.append(Issue("unknown_type", task.uri, "No engine here reads this type of file."))
    return {"media_type": "application/octet-stream", "engine": ""}


def decode(raw: bytes) -> str | None:
    """Return *raw* as text, or None when it is none (UTF-8, UTF-16 with a mark, else Latin-1 without controls)."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw[:8192]:
        return None
    try:
        return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(raw) - 4:
            return raw[: error.start].decode("utf-8")
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in raw[:8192])
    return None if controls > len(raw[:8192]) // 100 else raw.decode("cp1252", "replace")


def _is_diff(text: str) -> bool:
    lines = text[:20_000].splitlines()
    return any(line.startswith(("diff --git ", "--- ")) for line in lines[:40]) and any(
        line.startswith("@@ -") and "@@" in line[3:] for line in lines
    )


def _is_python(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    telling = (ast.Call, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, telling) for node in ast.walk(tree))


@functools.cache
def _model() -> Any:
    from magika import Magika

    return Magika()


def _ask_model(head: bytes) -> tuple[str, str, float]:
    answer = _model().identify_bytes(head)
    return str(answer.output.label), str(answer.output.mime_type), float(answer.score)


def _duration(path: Path) -> float:
    try:
        import soundfile

        return float(soundfile.info(str(path)).duration)
    except (ImportError, RuntimeError, OSError):
        pass
    if probe := shutil.which("ffprobe"):
        asked = [probe, "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
        done = subprocess.run(asked, capture_output=True, timeout=10, check=False)
        with_digits = done.stdout.decode("ascii", "replace").strip()
        return float(with_digits) if with_digits.replace(".", "", 1).isdigit() else 0.0
    return 0.0
