"""Doors: the only ways to the outside; each is a small Protocol with adapters beside it.

`Doors` lists what a step's handler may ask for, by type.
"""

from dataclasses import dataclass

from bridge.doors.analysers import Analysers
from bridge.doors.claims import Claims
from bridge.doors.fetcher import Fetcher
from bridge.doors.notifier import Notifier
from bridge.doors.press import Press
from bridge.doors.probes import Probes
from bridge.doors.roots import Roots
from bridge.doors.sandbox import Sandbox
from bridge.doors.search import Search
from bridge.doors.store import Ledger
from bridge.doors.worktree import Worktree


@dataclass(frozen=True)
class Doors:
    """The doors open to steps; picked once, in `bridge.app`."""

    roots: Roots
    fetcher: Fetcher
    sandbox: Sandbox
    worktree: Worktree
    claims: Claims
    analysers: Analysers
    search: Search
    probes: Probes
    press: Press
    notifier: Notifier
    ledger: Ledger
