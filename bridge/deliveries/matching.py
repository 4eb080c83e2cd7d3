"""Matching: which trigger an event concerns, and why not when it does not."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pathspec

from bridge.deliveries.forges import Event

Config = Mapping[str, Any]
PULL_REQUEST_ACTIONS = ("opened", "reopened", "synchronize", "ready_for_review")


def refusal(event: Event, config: Config, hook: str) -> str:
    """Return why this trigger does not concern itself with the event; nothing when it does."""
    data = event.data
    repository = str((data.get("repository") or {}).get("full_name", ""))
    request = data.get("pull_request") or {}
    tag = str((data.get("release") or {}).get("tag", ""))
    for key, value in (
        ("hooks", hook),
        ("repositories", repository),
        ("branches", str(request.get("base") or data.get("branch") or "")),
        ("tags", tag),
        ("authors", str(data.get("actor", ""))),
    ):
        if (wanted := words(config, key)) and not any(fnmatchcase(value, each) for each in wanted):
            return f"{key}: '{value}' is not among {', '.join(wanted)}"
    if event.type == "pull_request":
        return _pull_request(request, config)
    return _paths(data.get("files") or (), words(config, "paths"))


def _pull_request(request: Config, config: Config) -> str:
    wanted = words(config, "actions") or PULL_REQUEST_ACTIONS
    if request.get("action") not in wanted:
        return f"actions: '{request.get('action', '')}' is not among {', '.join(wanted)}"
    if request.get("draft") and not config.get("drafts"):
        return "drafts: the pull request is a draft"
    return ""


def _paths(files: Sequence[Config], wanted: Sequence[str]) -> str:
    """A forge that sends no list of files leaves the decision to the entry gate, which can ask git."""
    if not wanted or not files:
        return ""
    spec = pathspec.GitIgnoreSpec.from_lines(wanted)
    if any(spec.match_file(str(each.get("path", ""))) for each in files):
        return ""
    return f"paths: none of {len(files)} changed files matches {', '.join(wanted)}"


def words(config: Config, key: str) -> list[str]:
    """Return a setting that may be one word, a comma-separated line or a list."""
    given = config.get(key) or config.get(key.removesuffix("s").removesuffix("e")) or ()
    if isinstance(given, str):
        return [each.strip() for each in given.split(",") if each.strip()]
    return [str(each) for each in given]


def lane(event: Event, workflow_id: str) -> str:
    """Name what a newer event of the same kind supersedes; nothing for what must never be left out."""
    data = event.data
    repository = str((data.get("repository") or {}).get("full_name", ""))
    if event.type in ("git_push", "api_change", "schema_change"):
        return f"{workflow_id} {event.type} {repository} {data.get('branch', '')}"[:400]
    if event.type == "pull_request":
        return f"{workflow_id} {event.type} {repository} #{data['pull_request'].get('number', '')}"[:400]
    return ""
