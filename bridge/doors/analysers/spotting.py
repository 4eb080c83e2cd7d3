"""The search for secrets in documents that are no source code: each segment is looked at."""

from dataclasses import replace

from bridge.doors.analysers.code.secrets import secrets
from bridge.doors.analysers.code.sources import Source
from bridge.doors.analysers.code.spots import findings_of
from bridge.doors.analysers.tasks import Found, Task


def spot_secrets(task: Task, found: Found) -> None:
    """Add a finding for each secret in the segments, at the segment's page or time."""
    if not task.security:
        return
    for each in found.segments:
        source = Source(each.text, "", None, each.text.split("\n"))
        for finding in findings_of(source, task.uri, secrets(each.text), None):
            place = finding.place if each.place.start_line else replace(each.place, uri=task.uri)
            found.findings.append(replace(finding, place=place))
