"""Titles and descriptions in the house style that n8n's linter enforces."""

import re

SMALL = frozenset(
    ["a", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "nor", "of", "off", "on", "or", "per", "the",
     "to", "up", "via", "vs", "with"]
)  # fmt: skip
ACRONYMS = {
    each.lower(): each
    for each in (
        "ID", "IDs", "JSON", "URL", "URLs", "URI", "PDF", "OCR", "API", "APIs", "HTML", "CSV", "XML", "SQL", "HTTP",
        "CEL", "SARIF", "AI", "UI", "CPU", "TLS", "SSH", "YAML", "JUnit",
    )
}  # fmt: skip
EMOJI = re.compile("[\U0001f000-\U0001faff\u2190-\u21ff\u2600-\u27bf\ufe0f\u200d]")
SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z\"'(]|$)")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs)\.$", re.IGNORECASE)


def title(text: str) -> str:
    """Title Case without emoji, as labels and option names must be."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", re.sub(r"[_\-.]+", " ", EMOJI.sub("", text)))
    words = spaced.split() or ["Value"]
    last = len(words) - 1
    return " ".join(_title_word(word, 0 < place < last) for place, word in enumerate(words))


def _title_word(word: str, inside: bool) -> str:
    lower = word.lower()
    if lower in ACRONYMS:
        return ACRONYMS[lower]
    if inside and lower in SMALL:
        return lower
    return word if word.isupper() else word[:1].upper() + word[1:]


def sentence(text: str, *, boolean: bool = False) -> str:
    """A description: trimmed, escaped, capitalised, and with a final period only if there are several sentences."""
    words = " ".join(EMOJI.sub("", text).replace("`", "").split())
    words = re.sub(r"<\s*/?\s*br\s*/?\s*>", " ", words, flags=re.IGNORECASE)
    words = words.replace("<", "&lt;").replace(">", "&gt;")
    words = re.sub(r"\b[iI]d(s?)\b", r"ID\1", words)
    words = re.sub(r"\b[uU]rl(s?)\b", r"URL\1", words)
    words = re.sub(r"\b[jJ]son\b", "JSON", words)
    words = re.sub(r"\bcomma separated\b", "comma-separated", words, flags=re.IGNORECASE)
    words = re.sub(r"(?<![/\w.])www\.", "https://www.", words)
    words = " ".join(words.split())
    if boolean and words and not words.startswith("Whether"):
        words = f"Whether to {words[0].lower()}{words[1:]}"
    return _period(words[:1].upper() + words[1:])


def _period(words: str) -> str:
    body = words.rstrip(".") if words.endswith(".") and not ABBREVIATION.search(words) else words
    ends = [each for each in SENTENCE_END.finditer(body) if not ABBREVIATION.search(body[: each.end()])]
    several = any(each.end() < len(body) for each in ends)
    return f"{body}." if several and not body.endswith(("!", "?", ".")) else body


def plain(text: str) -> str:
    """One line of plain text for a placeholder or hint."""
    return re.sub(r"\b([iI])d\b", "ID", " ".join(text.split()))
