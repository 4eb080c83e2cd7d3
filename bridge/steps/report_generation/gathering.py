"""Find what a report is about: results of the execution, results named one by one, or given items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.authoring import Earlier, InvalidInput, Issue, Results

UNREPORTED = frozenset({"gate", "report_generation", "notification"})
WAYS = (
    "There is nothing to report. Run at least one step before this one in the same execution, "
    "or name results in `sources` (node:<name> or run:<id>), or hand over results in `items`."
)


@dataclass(frozen=True)
class Source:
    """One result to report."""

    title: str
    step: str
    result: Mapping[str, Any] = field(repr=False)
    run_id: str = ""


async def gather(sources: Sequence[str], items: Sequence[Mapping[str, Any]], results: Results) -> list[Source]:
    """Return every result the report is about, in the order it came to be; raise `InvalidInput` for none."""
    found = [_given(each, number) for number, each in enumerate(items, 1)]
    named = [earlier for reference in dict.fromkeys(sources) for earlier in await results.of(reference)]
    if not sources and not items:
        named = [each for each in await results.of_execution() if each.step not in UNREPORTED]
    found += [_earlier(each) for each in named]
    if not found:
        raise InvalidInput(WAYS, issues=[Issue("no_sources", "/sources", WAYS)])
    return found


def _earlier(each: Earlier) -> Source:
    title = each.node or each.step.replace("_", " ").capitalize()
    return Source(title, each.step, each.result, each.run_id)


def _given(item: Mapping[str, Any], number: int) -> Source:
    title = item.get("title") or item.get("node") or item.get("step") or f"Item {number}"
    step, run_id = item.get("step"), item.get("run_id")
    return Source(
        str(title),
        step if isinstance(step, str) else "",
        {key: value for key, value in item.items() if key != "title"},
        run_id if isinstance(run_id, str) else "",
    )
