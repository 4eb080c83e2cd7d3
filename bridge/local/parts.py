"""What of a machine the bridge, its steps and its tests use: how to find each part and which Debian package has it."""

import ctypes.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from glob import glob
from typing import Literal

from bridge.local.npm import n8n_is_installed

Use = Literal["up", "steps", "tests"]


@dataclass(frozen=True)
class Part:
    """One program or library; ``marker`` names the pytest marker of the tests that cannot run without it."""

    name: str
    use: Use
    purpose: str
    packages: tuple[str, ...]
    found: Callable[[], str]
    marker: str = ""

    @property
    def cure(self) -> str:
        """How to get it on Debian and Ubuntu."""
        return f"apt-get install {' '.join(self.packages)}"


def _program(*names: str) -> Callable[[], str]:
    return lambda: next(filter(None, map(shutil.which, names)), "")


def _library(*names: str) -> Callable[[], str]:
    return lambda: ", ".join(found) if all(found := [ctypes.util.find_library(name) or "" for name in names]) else ""


def postgres_programs() -> str:
    """Return the folder with PostgreSQL's server programs, which Debian keeps off PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return os.path.dirname(on_path)  # noqa: PTH120 - a string is what callers put on PATH
    return next(iter(sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True)), "")  # noqa: PTH207 - as above


def _compiler() -> str:
    """A C++ compiler; only the first installation of n8n needs it."""
    if n8n_is_installed():
        return "not needed any more"
    return (shutil.which("g++") or "") if shutil.which("make") else ""


PARTS = (
    Part("git", "up", "reads repositories", ("git",), _program("git")),
    Part("compiler", "up", "builds n8n's native modules, once", ("g++", "make"), _compiler, "live"),
    Part("bubblewrap", "steps", "the sandbox foreign code runs in", ("bubblewrap",), _program("bwrap"), "sandbox"),
    Part("tesseract", "steps", "reads text in images", ("tesseract-ocr",), _program("tesseract"), "ocr"),
    Part("ffmpeg", "steps", "opens audio and video", ("ffmpeg",), _program("ffmpeg"), "media"),
    Part(
        "pango", "steps", "sets PDF reports", ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
        _library("pango-1.0", "pangoft2-1.0"), "pdf",
    ),
    Part(
        "fonts", "steps", "letters for reports and charts", ("fonts-dejavu-core",),
        lambda: next(iter(glob("/usr/share/fonts/truetype/dejavu/*.ttf")), ""), "pdf",  # noqa: PTH207
    ),
    Part("PostgreSQL", "tests", "the database across machines", ("postgresql",), postgres_programs, "postgres"),
    Part("Redis", "tests", "the queue between n8n processes", ("redis-server",), _program("redis-server"), "redis"),
    Part("chromium", "tests", "looks at n8n's canvas", ("chromium",), _program("chromium", "google-chrome"), "browser"),
    Part("espeak-ng", "tests", "speaks test sentences", ("espeak-ng",), _program("espeak-ng"), "speech"),
    Part("haproxy", "tests", "a real proxy to deploy behind", ("haproxy",), _program("haproxy"), "proxy"),
)  # fmt: skip


def missing(*uses: Use) -> list[Part]:
    """Parts that this machine lacks, of the given uses or of all."""
    return [part for part in PARTS if (not uses or part.use in uses) and not part.found()]


def debian_packages(*uses: Use) -> list[str]:
    """The Debian packages that would bring what is missing."""
    return sorted({package for part in missing(*uses) for package in part.packages})


def python_is_new_enough() -> bool:
    """Whether this Python can run the bridge."""
    return sys.version_info >= (3, 11)
