"""Figures from what happened: how much is used, how long it takes, how often it works, how people like it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from statistics import mean, quantiles
from typing import Any

from bridge.doors.store import AnalyticsEvent, Records
from bridge.executions.pace import now

ENDS = ("execution.completed", "execution.skipped", "execution.failed", "execution.canceled")


class Figures:
    """Answers GET /analytics."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def report(self, days: int = 30) -> dict[str, Any]:
        """Figures of the last *days*; a share without anything to divide by is absent."""
        events = await self._records.analytics.since(now() - timedelta(days=days))
        workflows = await self._records.workflows.find()
        kinds = Counter(each.event_type for each in events)
        ended = [each for each in events if each.event_type in ENDS]
        good = kinds["execution.completed"] + kinds["execution.skipped"]
        called = [bool(each.event_data.get("ok")) for each in events if each.event_type == "n8n.called"]
        created = [each for each in events if each.event_type == "workflow.created"]
        found = {
            "since": (now() - timedelta(days=days)).isoformat(),
            "workflows": len(workflows),
            "events": dict(kinds),
            "users": len({name for each in events if (name := each.event_data.get("user_id"))}),
            "executions": {
                "ended": len(ended),
                "completed": kinds["execution.completed"],
                "skipped": kinds["execution.skipped"],
                "failed": kinds["execution.failed"],
                "canceled": kinds["execution.canceled"],
                "success_rate": _share(good, good + kinds["execution.failed"]),
                "seconds": _spread(ended),
            },
            "creation_seconds": _spread(created),
            "n8n_success_rate": _share(sum(called), len(called)),
            "from_templates": _share(sum(bool(each.template_name) for each in workflows), len(workflows)),
            "templates": dict(
                Counter(str(name) for each in ended if (name := each.event_data.get("template_name"))).most_common(50)
            ),
            "rating": _rating(events),
            "by_day": _by_day(ended),
        }
        return {key: value for key, value in found.items() if value is not None}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _spread(events: Sequence[AnalyticsEvent]) -> dict[str, float] | None:
    took = sorted(float(each.event_data["seconds"]) for each in events if "seconds" in each.event_data)
    if not took:
        return None
    cuts = quantiles(took, n=20, method="inclusive") if len(took) > 1 else took * 19
    return {"count": len(took), "mean": round(mean(took), 3), "p50": round(cuts[9], 3), "p95": round(cuts[18], 3)}


def _rating(events: Sequence[AnalyticsEvent]) -> dict[str, float] | None:
    newest = {each.execution_id: int(each.event_data["rating"]) for each in events if each.event_type == "rating.given"}
    return {"count": len(newest), "mean": round(mean(newest.values()), 2)} if newest else None


def _by_day(ended: Sequence[AnalyticsEvent]) -> list[dict[str, Any]]:
    days: dict[str, Counter[str]] = {}
    for each in ended:
        days.setdefault(each.timestamp.date().isoformat(), Counter())[each.event_type.partition(".")[2]] += 1
    return [{"day": day, **counts} for day, counts in sorted(days.items())]
