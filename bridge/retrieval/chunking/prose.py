"""Sections of Markdown and reStructuredText by heading, each with its trail of headings."""

import re

from bridge.retrieval.chunking.lines import Piece

ATX = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*$")
FENCE = re.compile(r"\s*(```|~~~)")
UNDERLINE = re.compile(r"([=\-~^\"'`#*+.:_<>])\1{2,}\s*$")


def sections(text: str, language: str) -> list[Piece]:
    """One piece per heading, up to the next one."""
    lines = text.split("\n")
    found = _markdown(lines) if language == "markdown" else _underlined(lines)
    trail: list[tuple[int, str]] = []
    pieces: list[Piece] = []
    for index, (line, level, title) in enumerate(found):
        trail = [each for each in trail if each[0] < level] + [(level, title)]
        last = found[index + 1][0] - 1 if index + 1 < len(found) else len(lines)
        pieces.append(Piece(line, last, " > ".join(name for _, name in trail), "heading"))
    return pieces


def _markdown(lines: list[str]) -> list[tuple[int, int, str]]:
    found = []
    fence = ""
    for number, line in enumerate(lines, 1):
        mark = FENCE.match(line)
        if mark:
            fence = "" if fence == mark[1] else fence or mark[1]
        elif not fence and (heading := ATX.match(line)):
            found.append((number, len(heading[1]), heading[2]))
    return found


def _underlined(lines: list[str]) -> list[tuple[int, int, str]]:
    found = []
    styles: list[str] = []
    for number in range(1, len(lines)):
        title, under = lines[number - 1], lines[number]
        if (
            title.strip()
            and not title[0].isspace()
            and UNDERLINE.match(under)
            and len(under.rstrip()) >= len(title.rstrip())
        ):
            if UNDERLINE.match(title):
                continue
            if under[0] not in styles:
                styles.append(under[0])
            found.append((number, styles.index(under[0]) + 1, title.strip()))
    return found
