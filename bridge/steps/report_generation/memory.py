"""Ask the ledger how today's findings stand, and write down what was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bridge.authoring import Ledger, LedgerPage, NotFound, Remembered, RunContext, Seen, compare, one_line
from bridge.steps.report_generation.blocks import Noted
from bridge.steps.report_generation.gathering import Source
from bridge.steps.report_generation.noting import severity_of
from bridge.steps.report_generation.reading import mapping, objects


@dataclass(frozen=True)
class Memory:
    """What the ledger says of a report's findings; without a page nothing is remembered."""

    page: LedgerPage | None = None
    standings: Mapping[str, str] = field(default_factory=dict)
    fixed: tuple[Noted, ...] = ()
    dismissed: tuple[Noted, ...] = ()

    def judged(self, findings: Sequence[Noted]) -> list[Noted]:
        """Return the findings that count, each with its standing; dismissed ones are kept apart."""
        said = [replace(each, standing=self.standings.get(each.fingerprint, "")) for each in findings]
        return [each for each in said if each.standing != "dismissed"]

    def counts(self, findings: Sequence[Noted]) -> dict[str, int]:
        """How many findings stand how."""
        by = {name: sum(each.standing == name for each in findings) for name in ("new", "open", "reopened")}
        return {**by, "fixed": len(self.fixed), "dismissed": len(self.dismissed)}

    def told(self, findings: Sequence[Noted]) -> str:
        """The same in words: ``1 new, 2 fixed``."""
        return ", ".join(f"{count} {name}" for name, count in self.counts(findings).items() if count) or "None new"


@dataclass(frozen=True)
class Dismissal:
    """A finding somebody decided to leave as it is."""

    fingerprint: str
    by: str
    why: str


async def remember(
    ledger: Ledger,
    pages: Sequence[LedgerPage],
    findings: Sequence[Noted],
    *,
    dismissals: Sequence[Dismissal],
    looked_at: set[str],
    context: RunContext,
) -> Memory:
    """Compare with the first of *pages*, what the others know counting as known, and record what was seen."""
    page, *bases = pages
    now = datetime.now(UTC)
    elsewhere = [each for base in bases for each in await ledger.recall(base)]
    seen = [_seen(each) for each in findings if mapping(each.raw).get("fingerprint")]
    execution = str(context.n8n.get("execution_id") or context.run_id)
    first = compare(
        await ledger.recall(page), seen, looked_at=looked_at, execution=execution, now=now, elsewhere=elsewhere
    )
    await ledger.record(page, first.record)
    for each in dismissals:
        name = _named(each.fingerprint, await ledger.recall(page), page)
        await ledger.dismiss(page, name, by=each.by, why=each.why, now=now)
    known = await ledger.recall(page)
    final = compare(known, seen, looked_at=looked_at, execution=execution, now=now, elsewhere=elsewhere)
    return Memory(
        page,
        final.standings,
        tuple(_told(each) for each in final.fixed),
        tuple(_told(each, f"dismissed by {each.dismissed_by}: {each.dismissed_why}") for each in final.dismissed),
    )


def _named(prefix: str, known: Sequence[Remembered], page: LedgerPage) -> str:
    found = [each.fingerprint for each in known if each.fingerprint.startswith(prefix)]
    if len(found) != 1:
        how = "no finding" if not found else f"{len(found)} findings"
        raise NotFound(
            f"The ledger of {page.repository} {page.branch} knows {how} whose fingerprint starts with "
            f"'{one_line(prefix, 64)}'; the report in format json lists every fingerprint."
        )
    return found[0]


def _seen(note: Noted) -> Seen:
    uri = one_line(mapping(note.raw.get("place")).get("uri"), 500)
    return Seen(note.fingerprint, note.rule_id, note.severity, note.message, uri, note.where)


def _told(each: Remembered, note: str = "") -> Noted:
    seen = each.seen
    return Noted(
        rule_id=seen.rule_id, severity=severity_of(seen.severity), confidence=1.0, message=seen.message, help="",
        where=seen.where, source="", fingerprint=seen.fingerprint, standing=each.state, note=one_line(note, 600),
        raw={"place": {"uri": seen.uri}},
    )  # fmt: skip


def looked_at(sources: Sequence[Source], event: Mapping[str, Any]) -> set[str]:
    """The files that were analysed, and those that are gone: only there can a finding be fixed."""
    gone = {
        str(each.get("path")) for each in objects(event.get("files")) if each.get("status") in ("deleted", "removed")
    }
    read = set()
    for source in sources:
        for document in objects(mapping(source.result.get("analysis")).get("documents")):
            read.add(one_line(document.get("uri"), 500))
            read |= {one_line(mapping(each.get("place")).get("uri"), 500) for each in objects(document.get("segments"))}
    return (gone | read) - {""}
