"""Idempotency keys: the same key means the same work, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bridge.doors.store.runs import Run


@dataclass(frozen=True)
class IdempotencyKey:
    """A caller's key. Scope is tenant + route; ``fingerprint`` is a hash over the parsed input."""

    tenant: str
    route: str
    key: str
    fingerprint: str
    expires_at: datetime


class IdempotencyKeys(Protocol):
    """Keys and the work they stand for. Keys of other rooms (starts of executions) may use `take`."""

    async def add_run(self, key: IdempotencyKey, run: Run, now: datetime) -> Run:
        """Keep *run* under a new key in one transaction, or return the run the key already stands for.

        Raise `Unusable` when the key was used with another fingerprint; an expired key counts as new.
        """
        ...

    async def take(self, key: IdempotencyKey, subject: str, now: datetime) -> str:
        """File *subject* (any id) under a new key, or return the subject it already stands for; as `add_run`."""
        ...

    async def forget(self, subject: str) -> None:
        """Forget all keys of a subject, so that the caller's own retry does the work again."""
        ...

    async def remove(self, *, expired_before: datetime) -> int:
        """Remove old keys; return how many."""
        ...
