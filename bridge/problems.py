"""Every error the bridge raises on purpose; knows no HTTP.

Problem
├── InvalidInput          syntax, schema, configuration key
├── UnknownTemplate
├── Unauthenticated · Forbidden
├── NotFound              a step, run, file, workflow or execution that is not there
├── Conflict              right call, wrong moment
├── Unusable              valid, but nothing can be done with it
├── TooLarge · TooSlow    the caller's body
├── TooManyRequests       a limit of ours
├── Unavailable           a part of ours or an engine is missing
│   └── SandboxUnavailable
├── StorageFull
├── UpstreamFailed        a system behind a door answered badly
├── DeadlineExceeded
├── Canceled
├── HandlerFailed         a step's code raised
├── StepBrokeContract     a step returned what its spec forbids
└── BadSpec · BadTemplate · BadSetting · UnknownDoor      found at start-up or by a command
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Issue:
    """One thing wrong at one place: enough for a person to find and mend it.

    ``where`` is a JSON pointer (``/analysis_type``) or a place in a file.
    """

    code: str
    where: str
    message: str


@dataclass(frozen=True)
class Upstream:
    """What the system behind a door said, in its own words."""

    status: int
    message: str


class Problem(Exception):
    """Something went wrong that the caller can be told about.

    The message is written for the person who will see it: thing, place, cure.
    A subclass's docstring is its default message.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        issues: Sequence[Issue] = (),
        retry_after: int | None = None,
        upstream: Upstream | None = None,
    ) -> None:
        super().__init__(message or " ".join((self.__doc__ or "").split()))
        self.issues = tuple(issues)
        self.retry_after = retry_after
        self.upstream = upstream

    @property
    def code(self) -> str:
        """The stable machine name of this problem, e.g. ``invalid-input``."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")

    @property
    def title(self) -> str:
        """The kind of problem in words, the same for every occurrence."""
        return self.code.replace("-", " ").capitalize()


class InvalidInput(Problem):
    """The input does not match what is documented; the issues name each field."""


class UnknownTemplate(Problem):
    """There is no template with this name."""


class Unauthenticated(Problem):
    """No valid API key was sent. Send `Authorization: Bearer <key>`."""


class Forbidden(Problem):
    """This API key's role does not allow that."""


class NotFound(Problem):
    """There is nothing with this name or id, or it was kept long enough and removed."""


class Conflict(Problem):
    """The thing is not in a state that allows this."""


class Unusable(Problem):
    """The request is well formed, but nothing can be done with it."""


class TooLarge(Problem):
    """What was sent is larger than the configured limit."""


class TooSlow(Problem):
    """The request body did not arrive in time."""


class TooManyRequests(Problem):
    """A limit of this bridge is reached; try again later."""

    retryable = True


class Unavailable(Problem):
    """A part this needs is not there at the moment."""

    retryable = True


class SandboxUnavailable(Unavailable):
    """This machine has no working sandbox, so foreign code is not run. `bridge doctor` says what is missing."""


class StorageFull(Problem):
    """The bridge's disk is full; nothing was changed."""

    retryable = True


class UpstreamFailed(Problem):
    """A system the bridge calls answered with an error."""

    retryable = True


class DeadlineExceeded(Problem):
    """The work did not end before its deadline."""


class Canceled(Problem):
    """The run was canceled."""


class HandlerFailed(Problem):
    """The step's own code failed."""


class StepBrokeContract(Problem):
    """The step returned something its own spec forbids."""


class BadSpec(Problem):
    """A node spec cannot be used."""


class BadTemplate(Problem):
    """A template cannot be compiled."""


class BadSetting(Problem):
    """A setting cannot be used."""


class UnknownDoor(Problem):
    """A step asks for something that no door provides."""
