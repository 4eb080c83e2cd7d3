"""The way to what must survive: runs, files, executions, workflows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Claimed:
    """Which record an n8n execution belongs to.

    ``accepted`` is False when another n8n execution claimed the record first: this one must end at once.
    ``event`` is the trigger's event as stored with the record; ``trigger`` its type, such as ``git_push``.
    """

    execution_id: str
    accepted: bool
    trigger: str = "manual"
    event: Mapping[str, Any] = field(default_factory=dict)


class Claims(Protocol):
    """Ties executions of n8n to our records of them, exactly one to one.

    ``n8n`` holds at least ``workflow_id`` and ``execution_id``. Both verbs give the same answer again for the
    same n8n execution, so that a repeated call of the gate is no second claimant.
    """

    async def claim(self, token: str, *, tenant: str, n8n: Mapping[str, Any]) -> Claimed:
        """Claim the record this one-time *token* was made for; raise `NotFound` for an unknown token."""
        ...

    async def record(self, event: Mapping[str, Any], *, tenant: str, n8n: Mapping[str, Any]) -> Claimed:
        """Make a record for an execution that nobody here started: by hand in n8n, or an imported workflow."""
        ...
