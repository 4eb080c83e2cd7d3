"""Deriving: a push that touches an API's or a schema's files is also an api_change or a schema_change."""

from collections.abc import Iterable

import pathspec

from bridge.deliveries.forges import Event

PATTERNS = {
    "api_change": ("openapi*.y*ml", "openapi*.json", "swagger*.y*ml", "swagger*.json", "asyncapi*.y*ml", "*.proto",
                   "*.graphql", "*.graphqls", "*.gql", "**/routes/**", "**/routes.*", "**/api/**"),
    "schema_change": ("*.sql", "*.prisma", "**/migrations/**", "**/alembic/versions/**", "*.schema.json", "*.avsc",
                      "*.xsd", "**/schema.*", "**/models.py", "**/models/**"),
}  # fmt: skip
_SPECS = {kind: pathspec.GitIgnoreSpec.from_lines(lines) for kind, lines in PATTERNS.items()}


def derived(event: Event) -> Iterable[Event]:
    """Yield the events that follow from a push; what changed exactly is for the step change_detection to say."""
    if event.type != "git_push":
        return
    for kind, spec in _SPECS.items():
        touched = [each for each in event.data.get("files") or () if spec.match_file(str(each.get("path", "")))]
        if touched:
            change = {"to": event.data.get("after", ""), "changes": touched}
            if before := event.data.get("before"):
                change["from"] = before
            yield Event(kind, {**event.data, "change": change})
