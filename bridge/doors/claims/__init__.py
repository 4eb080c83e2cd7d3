"""The way a started workflow says which of our executions it is; asked for by the step `gate`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class N8nPlace:
    """Where in n8n a call comes from, as the X-N8N-* headers say; ``tenant`` is the caller's API key's name."""

    workflow_id: str
    execution_id: str
    node: str = ""
    tenant: str = ""


@dataclass(frozen=True)
class Claimed:
    """The answer to a claim.

    ``duplicate`` means that another n8n execution claimed this one before: the caller ends as
    skipped. ``event`` is the trigger's event as contract 6 has it (its ``data``, with ``type``).
    """

    execution_id: str
    duplicate: bool = False
    event: Mapping[str, Any] = field(default_factory=dict)


class Claims(Protocol):
    """Claiming executions. The same n8n execution may ask again and gets the same answer."""

    async def claim(self, execution_id: str, claim: str, place: N8nPlace, event: Mapping[str, Any]) -> Claimed:
        """Bind our *execution_id* to the n8n execution that asks.

        With no execution id (run by hand, or imported) a new record with trigger ``manual`` is made
        and *event* is kept with it. Raise `Forbidden` when *claim* is not the one that was sent.
        """
        ...

    async def skipped(self, execution_id: str, reasons: list[Mapping[str, Any]]) -> None:
        """Keep why the gate stayed closed, so that the execution ends as completed with outcome skipped."""
        ...
