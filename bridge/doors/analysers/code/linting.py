"""Python through ruff, isolated from the project's own configuration."""

import subprocess
from typing import Any

import orjson
from ruff import find_ruff_bin

from bridge.doors.analysers.code.sources import Source
from bridge.doors.analysers.code.spots import Spot
from bridge.doors.analysers.tasks import Found
from bridge.findings import Fix, Severity
from bridge.problems import Issue

FAMILIES = {
    "security": "S",
    "performance": "PERF,ASYNC,C4",
    "quality": "F,B,E9,PLE,PLW0602,PLW0127,PLW0129,PLW1508,PLW1509,RUF006",
}
NOISE = "S101,S311,S404,S403,S405,S406,S407,S408,S409,S603,S607,S110,B008,F403,F405"
"""Rules that flag far more good lines than bad ones, measured on clean projects."""
WEAKNESSES: dict[str, tuple[str, Severity, float]] = {
    "S102": ("CWE-95", "high", 0.8), "S103": ("CWE-732", "medium", 0.8), "S104": ("CWE-605", "low", 0.6),
    "S105": ("CWE-798", "medium", 0.5), "S106": ("CWE-798", "medium", 0.5), "S107": ("CWE-798", "medium", 0.5),
    "S108": ("CWE-377", "low", 0.5), "S113": ("CWE-400", "low", 0.8), "S201": ("CWE-489", "high", 0.9),
    "S202": ("CWE-22", "high", 0.7), "S301": ("CWE-502", "high", 0.7), "S302": ("CWE-502", "high", 0.8),
    "S303": ("CWE-328", "medium", 0.8), "S304": ("CWE-327", "high", 0.8), "S305": ("CWE-327", "medium", 0.8),
    "S306": ("CWE-377", "medium", 0.8), "S307": ("CWE-95", "high", 0.8), "S308": ("CWE-79", "medium", 0.6),
    "S310": ("CWE-918", "low", 0.4), "S312": ("CWE-319", "medium", 0.8), "S314": ("CWE-611", "medium", 0.6),
    "S321": ("CWE-319", "medium", 0.7), "S323": ("CWE-295", "high", 0.9), "S324": ("CWE-328", "medium", 0.7),
    "S501": ("CWE-295", "high", 0.9), "S502": ("CWE-327", "high", 0.8), "S503": ("CWE-327", "medium", 0.8),
    "S505": ("CWE-326", "high", 0.8), "S506": ("CWE-502", "high", 0.8), "S507": ("CWE-295", "high", 0.9),
    "S508": ("CWE-319", "medium", 0.8), "S602": ("CWE-78", "high", 0.8), "S604": ("CWE-78", "medium", 0.6),
    "S605": ("CWE-78", "high", 0.7), "S606": ("CWE-78", "low", 0.4), "S608": ("CWE-89", "high", 0.6),
    "S609": ("CWE-78", "medium", 0.6), "S610": ("CWE-89", "medium", 0.6), "S611": ("CWE-89", "medium", 0.6),
    "S612": ("CWE-502", "high", 0.8), "S701": ("CWE-79", "high", 0.8), "S702": ("CWE-79", "medium", 0.7),
    "S704": ("CWE-79", "medium", 0.6),
}  # fmt: skip
SECONDS = 15


def lint(source: Source, kinds: set[str], found: Found, uri: str) -> list[Spot]:
    """Run the families of *kinds* on a Python file."""
    if source.language != "python":
        return []
    chosen = ",".join(FAMILIES[kind] for kind in sorted(kinds))
    command = [
        find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--preview", "--target-version", "py313",
        "--select", chosen, "--ignore", NOISE, "--output-format", "json", "--stdin-filename", "source.py", "-",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, input=source.text.encode("utf-8", "replace"), capture_output=True, timeout=SECONDS, check=False
        )
        answers: list[dict[str, Any]] = orjson.loads(done.stdout or b"[]")
    except (subprocess.TimeoutExpired, orjson.JSONDecodeError):
        found.issues.append(Issue("linter", uri, "ruff did not come to an end with this file."))
        return []
    broken = [each for each in answers if each["code"] in (None, "invalid-syntax")]
    if broken:
        line = broken[0]["location"]["row"]
        found.issues.append(Issue("syntax", f"{uri}:{line}", f"Not valid Python: {broken[0]['message']}."))
    return [_spot(each, source) for each in answers if each not in broken]


def _spot(answer: dict[str, Any], source: Source) -> Spot:
    code, start, end = answer["code"], answer["location"], answer["end_location"]
    severity: Severity = "low"
    cwe: tuple[str, ...] = ()
    confidence = 0.7
    if code in WEAKNESSES:
        weakness, severity, confidence = WEAKNESSES[code]
        cwe = (weakness,)
    elif code.startswith(("F821", "E9", "PLE", "F7", "B0", "B9", "S")):
        severity = "medium"
    return Spot(
        f"ruff/{code}", severity, confidence, answer["message"], start["row"], max(start["row"], end["row"]),
        start["column"], end["column"], help=answer.get("url"), cwe=cwe, fix=_fix(answer, source),
    )  # fmt: skip


def _fix(answer: dict[str, Any], source: Source) -> Fix | None:
    fix = answer.get("fix")
    if not fix or not fix.get("message"):
        return None
    lines = source.text.splitlines(keepends=True)
    edits = fix.get("edits", [])
    if fix.get("applicability") != "safe" or len(edits) != 1:
        return Fix(str(fix["message"]))
    start, end = edits[0]["location"], edits[0]["end_location"]
    return Fix(str(fix["message"]), _patch(lines, start, end, edits[0]["content"]))


def _patch(lines: list[str], start: dict[str, int], end: dict[str, int], content: str) -> str | None:
    first, last = start["row"] - 1, end["row"] - 1
    if last >= len(lines):
        return None
    old = lines[first : last + 1]
    new = (old[0][: start["column"] - 1] + content + old[-1][end["column"] - 1 :]).splitlines(keepends=True)
    header = f"@@ -{first + 1},{len(old)} +{first + 1},{len(new)} @@\n"
    return header + "".join(f"-{line}" for line in old) + "".join(f"+{line}" for line in new)
