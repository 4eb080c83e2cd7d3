"""Tell people how an execution went, on channels the bridge knows by name."""

import asyncio
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bridge.authoring import (
    Delivery,
    Earlier,
    Message,
    NotFound,
    Notifier,
    Results,
    RunContext,
    Tone,
    Unusable,
    calm,
    clean,
    escape_markdown_line,
    one_line,
)
from bridge.generated.models.notification import NotificationInput, NotificationOutput, NotificationOutputDeliveries
from bridge.generated.models.shapes import Reason, Verdict

SIGNS = {"pass": "✅", "fail": "❌", "inconclusive": "⚠️", "skipped": "⏭️"}
TONES: dict[str, Tone] = {"pass": "success", "fail": "failure", "inconclusive": "warning", "skipped": "info"}
WORDS = {"pass": "Passed", "fail": "Failed", "inconclusive": "Inconclusive", "skipped": "Skipped"}
_MOST_STEPS = 30


async def run(
    given: NotificationInput, *, notifier: Notifier, results: Results, context: RunContext
) -> NotificationOutput:
    """Write the message, send it to every channel at once, and say what became of each."""
    _known(given.channels, notifier)
    before = await _ended(given.sources or [], results)
    steps = [each for each in before if each.step not in ("gate", "notification")]
    message = write(given, steps, context.event)
    if given.dry_run:
        return _answer(message, [], notifier, "skipped", "This is a dry run; nothing was sent.")
    outcome = overall(steps)
    if (given.only_on == "failure" and outcome != "fail") or (given.only_on == "not_pass" and outcome == "pass"):
        return _answer(message, [], notifier, "skipped", f"The execution's outcome is {outcome}; nothing was sent.")
    sent = references(before) if given.edit_in_place else {}
    deliveries = await asyncio.gather(
        *(notifier.send(name, message, replacing=sent.get(name, "")) for name in given.channels)
    )
    return _answer(message, deliveries, notifier)


def _known(wanted: Sequence[str], notifier: Notifier) -> None:
    known = [each.name for each in notifier.channels()]
    unknown = [one_line(each, 64) for each in wanted if each not in known]
    if unknown:
        have = f"Configured: {', '.join(known)}." if known else "None is configured."
        raise Unusable(
            f"There is no channel named {', '.join(unknown)}; nothing was sent. {have} To add one, write "
            f'[channels.{unknown[0]}] with url_env = "NAME_OF_A_VARIABLE" into bridge.toml and put the address '
            "(slack://..., mailto://..., json://...) into that environment variable."
        )


async def _ended(sources: Sequence[str], results: Results) -> list[Earlier]:
    if not sources:
        try:
            return await results.of_execution()
        except NotFound:
            return []
    return [earlier for reference in dict.fromkeys(sources) for earlier in await results.of(reference)]


def references(before: Sequence[Earlier]) -> dict[str, str]:
    """What this execution sent before, by channel: the newest reference counts."""
    deliveries = [
        delivery
        for each in before
        if each.step == "notification"
        for delivery in each.result.get("deliveries") or []
        if delivery.get("delivered")
    ]
    return {each["channel"]: each["reference"] for each in deliveries if each.get("reference")}


def overall(steps: Sequence[Earlier]) -> Verdict:
    """The worst verdict of the steps; ``skipped`` when none judged."""
    found = [each.result.get("verdict") for each in steps]
    return next((each for each in ("fail", "inconclusive", "pass") if each in found), "skipped")


def write(given: NotificationInput, steps: Sequence[Earlier], event: Mapping[str, Any]) -> Message:
    """Return the message in every dress a channel may want."""
    outcome = overall(steps)
    title = calm(one_line(given.title, 200)) if given.title else _title(outcome, event)
    own = calm(clean(given.message or "", 20_000)).strip()
    lines = [_line(each) for each in steps[:_MOST_STEPS]] if given.include_summary else []
    if given.include_summary and len(steps) > _MOST_STEPS:
        lines.append(("", f"and {len(steps) - _MOST_STEPS} more steps", ""))
    text = "\n".join(filter(None, [own, *(" ".join(filter(None, each)) for each in lines)]))
    return Message(
        title=title,
        text=text or title,
        markdown=_markdown(own, lines) or str(escape_markdown_line(title)),
        html=_html(own, lines) or f"<p>{escape(title)}</p>",
        tone=TONES[outcome],
    )


def _title(outcome: Verdict, event: Mapping[str, Any]) -> str:
    repository = event.get("repository")
    name = repository.get("full_name") if isinstance(repository, Mapping) else ""
    place = " ".join(one_line(each, 100) for each in (name, event.get("branch")) if each)
    said = WORDS[outcome] if outcome != "skipped" else "Finished"
    return calm(f"{said}: {place}" if place else f"{said}: workflow execution")


def _line(each: Earlier) -> tuple[str, str, str]:
    """A sign, the step's name, and what it says of itself."""
    result = each.result
    name = calm(one_line(each.node or each.step.replace("_", " "), 100))
    said = result.get("summary")
    if not isinstance(said, str) or not said:
        reasons = [each for each in result.get("reasons") or [] if isinstance(each, Mapping)]
        telling = [each for each in reasons if each.get("outcome") == result.get("verdict")] or reasons
        said = "; ".join(one_line(each.get("message"), 200) for each in telling[:2])
    return SIGNS.get(str(result.get("verdict")), "•"), f"{name}:" if said else name, calm(one_line(said, 400))


def _markdown(own: str, lines: Sequence[tuple[str, str, str]]) -> str:
    told = [" ".join(str(escape_markdown_line(part)) for part in each if part) for each in lines]
    paragraphs = "\n\n".join(str(escape_markdown_line(each)) for each in own.split("\n\n") if each.strip())
    return "\n\n".join(filter(None, [paragraphs, "\n".join(f"- {each}" for each in told)]))


def _html(own: str, lines: Sequence[tuple[str, str, str]]) -> str:
    paragraphs = "".join(
        f"<p>{escape(each).replace(chr(10), '<br>')}</p>" for each in own.split("\n\n") if each.strip()
    )
    rows = "".join(
        f"<tr>{_cell(sign)}{_cell(f'<b>{escape(name)}</b>')}{_cell(escape(said))}</tr>" for sign, name, said in lines
    )
    table = f'<table style="border-collapse:collapse;font-family:sans-serif;font-size:14px">{rows}</table>'
    return paragraphs + (table if rows else "")


def _cell(content: str) -> str:
    return f'<td style="padding:4px 12px 4px 0;vertical-align:top">{content}</td>'


def _answer(
    message: Message, deliveries: Sequence[Delivery], notifier: Notifier, verdict: Verdict = "pass", why: str = ""
) -> NotificationOutput:
    kinds = {each.name: each.kind for each in notifier.channels()}
    failed = [each for each in deliveries if not each.delivered]
    reasons = [_reason(each) for each in deliveries]
    if why:
        reasons = [Reason(code="not_sent", message=why, outcome=verdict)]
    return NotificationOutput(
        deliveries=[_delivery(each, kinds[each.channel]) for each in deliveries],
        title=message.title,
        message=message.text,
        verdict="fail" if failed else verdict,
        reasons=reasons,
        issues=[
            {"code": "not_delivered", "where": f"/channels/{each.channel}", "message": each.reason} for each in failed
        ],
    )


def _delivery(each: Delivery, kind: str) -> NotificationOutputDeliveries:
    return NotificationOutputDeliveries(
        channel=each.channel,
        kind=kind,
        delivered=each.delivered,
        edited=each.edited,
        attempts=each.attempts,
        reference=each.reference or None,
        reason=each.reason or None,
    )


def _reason(each: Delivery) -> Reason:
    if each.delivered:
        done = "edited" if each.edited else "sent"
        return Reason(code="delivered", message=f"{each.channel}: {done}", outcome="pass")
    message = f"{each.channel}: not delivered after {each.attempts} attempts: {each.reason}"
    return Reason(code="not_delivered", message=message, outcome="fail")
