"""Fingerprints: the same finding keeps its name when lines move, spacing changes or a file is reformatted."""

import re
from hashlib import sha256


def fingerprint(rule_id: str, snippet: str, symbol: str | None = None, nth: int = 0) -> str:
    """Name a finding by its rule, the code it points at without spacing, and the enclosing symbol.

    ``nth`` tells equal snippets inside one symbol apart, counted from the top.
    """
    words = re.sub(r"\s+", "", snippet).replace('"', "'").rstrip(";,")
    return sha256("\0".join((rule_id, words, symbol or "", str(nth))).encode()).hexdigest()[:32]
