"""Open the four guarded doors together: they share targets, a private folder and the guarded proxies."""

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.doors.fetcher.guarded import GuardedFetcher
from bridge.doors.fetcher.proxy import GuardedProxy
from bridge.doors.fetcher.targets import read_targets
from bridge.doors.roots.folders import FolderRoots
from bridge.doors.sandbox.bubblewrap import reachable
from bridge.doors.sandbox.confined import ConfinedSandbox
from bridge.doors.worktree.own_git import GitWorktree
from bridge.doors.worktree.sources import Sources
from bridge.settings import Settings


@dataclass(frozen=True)
class Guards:
    """The guarded doors, open."""

    roots: FolderRoots
    fetcher: GuardedFetcher
    sandbox: ConfinedSandbox
    worktree: GitWorktree


@asynccontextmanager
async def open_guards(settings: Settings) -> AsyncIterator[Guards]:
    """Open the guarded doors as *settings* say, and close them again; raise `BadSetting` for a bad bridge.toml."""
    targets = read_targets(settings.config_file)
    place = reachable_place(settings.state)
    fetcher = GuardedFetcher(targets.values(), settings.allowed_hosts)
    registries = GuardedProxy(settings.registries)
    public = GuardedProxy()
    forges = [each for each in targets.values() if each.kind == "forge"]
    sources = Sources(settings.roots, forges, settings.allowed_hosts)
    try:
        yield Guards(
            FolderRoots(settings.roots, settings.state / "snapshots"),
            fetcher,
            ConfinedSandbox(place, proxy=lambda: registries.at_socket(place / "registries.sock")),
            GitWorktree(sources, settings.state / "git", proxy=public.on_loopback),
        )
    finally:
        await fetcher.close()
        await registries.close()
        await public.close()


def reachable_place(state: Path) -> Path:
    """Return a folder that the sandbox's user can reach: in the data folder, else beside the machine's own.

    A service that runs as root keeps its data where nobody else may look; what is mounted into a sandbox
    (prepared dependencies, never a secret) then stands in a folder of its own under the temporary folder.
    """
    place = state / "sandbox"
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o755)
    if reachable(place):
        return place
    name = hashlib.sha256(f"{os.geteuid()}:{state}".encode()).hexdigest()[:12]
    other = Path(tempfile.gettempdir()) / f"bridge-sandbox-{name}"
    other.mkdir(mode=0o755, exist_ok=True)
    if other.is_symlink() or other.stat().st_uid != os.geteuid():
        return place
    return other
