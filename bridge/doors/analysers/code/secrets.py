"""Secrets in text: known prefixes, private keys, and assignments whose value looks random."""

import math
import re
from collections import Counter

from bridge.doors.analysers.code.spots import Spot
from bridge.findings import Fix

KNOWN: dict[str, tuple[str, str]] = {
    "aws-key": (r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b", "an AWS access key id"),
    "github-token": (r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})", "a GitHub token"),
    "gitlab-token": (r"\bglpat-[\w-]{20,}", "a GitLab token"),
    "slack-token": (r"\bxox[abposr]-[\w-]{10,}", "a Slack token"),
    "slack-webhook": (r"https://hooks\.slack\.com/services/T\w+/B\w+/\w{20,}", "a Slack webhook"),
    "stripe-key": (r"\b[sr]k_live_[A-Za-z0-9]{20,}", "a Stripe live key"),
    "google-key": (r"\bAIza[\w-]{35}\b", "a Google API key"),
    "openai-key": (r"\bsk-(?:proj-|ant-\w+-)?[A-Za-z0-9_-]{32,}", "a key of a model provider"),
    "npm-token": (r"\bnpm_[A-Za-z0-9]{36}\b", "an npm token"),
    "pypi-token": (r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}", "a PyPI token"),
    "sendgrid-key": (r"\bSG\.[\w-]{20,}\.[\w-]{40,}", "a SendGrid key"),
    "twilio-key": (r"\bSK[0-9a-f]{32}\b", "a Twilio key"),
    "telegram-token": (r"\b\d{8,10}:AA[\w-]{33}\b", "a Telegram bot token"),
    "jwt": (r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}", "a signed JSON web token"),
    "private-key": (r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----", "a private key"),
    "password-in-url": (
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>{}$]{1,60}:[^\s/:@'\"<>{}$*]{3,80}@[\w.-]",
        "a password in an address",
    ),
}
PATTERNS = {name: re.compile(pattern) for name, (pattern, _) in KNOWN.items()}
ASSIGNED = re.compile(
    r"""(?ix)\b([\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential)[\w-]*)
    ["']?\s*(?::=|=>|[:=])\s*["']([^"'\s]{6,120})["']"""
)
PLACEHOLDER = re.compile(
    r"""(?ix)example|changeme|placeholder|your[_-]|<.*>|\$\{|\{\{|%\(|^x{4,}|^\*{3,}|dummy|sample|test|fake|todo|
    ^(?:none|null|true|false|password|secret|token|string|env|process)|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$"""
)
LONGEST_LINE = 4_000


def secrets(text: str) -> list[Spot]:
    """Point at what looks like a live secret, by its first characters only."""
    spots = []
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) < 12:
            continue
        spots += _in_line(line[:LONGEST_LINE], number)
    return spots


def _in_line(line: str, number: int) -> list[Spot]:
    spots = []
    for name, pattern in PATTERNS.items():
        if (match := pattern.search(line)) and not PLACEHOLDER.search(match.group().partition("://")[2]):
            spots.append(_spot(f"secrets/{name}", 0.9, KNOWN[name][1], number, match.span(), match.group()))
    if not spots and (match := ASSIGNED.search(line)) and _looks_live(match.group(2)):
        spots.append(
            _spot("secrets/assigned", 0.6, f"a value for {match.group(1)}", number, match.span(2), match.group(2))
        )
    return spots


def _looks_live(value: str) -> bool:
    if PLACEHOLDER.search(value):
        return False
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w]"))
    return (entropy(value) >= 3.0 and kinds >= 2) or (entropy(value) >= 2.5 and kinds >= 3)


def entropy(value: str) -> float:
    """Bits per character of *value*."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _spot(rule_id: str, confidence: float, what: str, line: int, span: tuple[int, int], value: str) -> Spot:
    return Spot(
        rule_id, "high", confidence, f"This looks like {what} ({value[:4]}…).", line, line, span[0] + 1, span[1] + 1,
        help="Whoever can read the file can use it, and version control never forgets it.",
        cwe=("CWE-798",), fix=Fix("Revoke it, then read it from the environment or a secret store."),
        snippet=rule_id + value[:4] + str(len(value)),
    )  # fmt: skip
