"""From matching chunks to ranked files: chunks summed with decay, a prior by kind of file, history added."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.doors.search import FileFacts, Hit

DECAY = 0.3
"""Share of each further chunk of the same file."""
COUNTED = 4
"""Chunks of a file that count."""
HISTORY = 0.3
"""Weight of the history, both sides scaled to their best. Reciprocal rank fusion measured worse (.569 against .645)."""
CHANGELOG = re.compile(
    r"(^|/)(CHANGES?|CHANGELOG|HISTORY|NEWS|RELEASES?)[^/]*$|(^|/)(newsfragments|changelog\.d|CHANGES)/", re.IGNORECASE
)
TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|spec|testdata)/|(^|/)(test_|conftest)[^/]*$"
    r"|[._](test|tests|spec)\.\w+$|_test\.\w+$",
    re.IGNORECASE,
)
CONFIGURATION = re.compile(r"\.(toml|ya?ml|json|ini|cfg|lock)$|(^|/)(Makefile|Dockerfile|\.[^/]+)$", re.IGNORECASE)
PRIORS = ((CHANGELOG, 0.5), (TEST, 0.8), (CONFIGURATION, 0.8))


@dataclass
class Ranked:
    """One file with its matching chunks, best first; ``parts`` explain the score."""

    file: FileFacts
    score: float
    hits: list[Hit]
    parts: dict[str, float] = field(default_factory=dict)


def prior(path: str) -> float:
    """How likely a file of this kind is what somebody looks for."""
    return next((weight for pattern, weight in PRIORS if pattern.search(path)), 1.0)


def rank(hits: Iterable[Hit]) -> list[Ranked]:
    """Sum the chunks of each file with decay and weigh by the prior; ties go by path."""
    by_file: dict[FileFacts, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_file[hit.file].append(hit)
    ranked = []
    for file, own in by_file.items():
        own.sort(key=lambda hit: (-hit.score, hit.chunk))
        words = sum(hit.score * DECAY**at for at, hit in enumerate(own[:COUNTED]))
        weight = prior(file.path)
        ranked.append(Ranked(file, words * weight, own, {"words": words, "prior": weight}))
    ranked.sort(key=lambda each: (-each.score, each.file.path))
    return ranked


def history_scores(commits: Sequence[Hit]) -> dict[tuple[str, str], float]:
    """What earlier commits with similar titles say about (repo, path): each commit shares its score among its files."""
    scores: dict[tuple[str, str], float] = defaultdict(float)
    for hit in commits:
        for path in hit.file.touches:
            scores[hit.file.repo, path] += hit.score / len(hit.file.touches) ** 0.5
    return dict(scores)


def with_history(
    ranked: list[Ranked], scores: Mapping[tuple[str, str], float], known: Mapping[tuple[str, str], FileFacts]
) -> list[Ranked]:
    """Add the history at its weight to files that still exist."""
    if not scores:
        return ranked
    best = max((each.score for each in ranked), default=0.0) or 1.0
    top = max(scores.values()) or 1.0
    by_key = {(each.file.repo, each.file.path): each for each in ranked}
    for key, score in scores.items():
        if key not in known:
            continue
        each = by_key.setdefault(key, Ranked(known[key], 0.0, [], {"words": 0.0, "prior": prior(key[1])}))
        each.parts["history"] = HISTORY * score / top * best * each.parts["prior"]
        each.score += each.parts["history"]
    return sorted(by_key.values(), key=lambda each: (-each.score, each.file.path))
