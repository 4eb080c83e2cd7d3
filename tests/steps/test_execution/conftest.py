"""Real doors over the small repositories of tests/fixtures/repos; dependencies are prepared once per machine."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from bridge.doors.fetcher.proxy import GuardedProxy
from bridge.doors.roots.folders import FolderRoots
from bridge.doors.sandbox.confined import ConfinedSandbox
from bridge.doors.worktree.own_git import GitWorktree
from bridge.doors.worktree.sources import Sources
from bridge.settings import REGISTRIES

REPOS = Path(__file__).parents[2] / "fixtures/repos"


@pytest.fixture
async def doors(tmp_path):
    """Everything test_execution asks for, over a copy of the fixtures."""
    roots = tmp_path / "roots"
    shutil.copytree(REPOS, roots)
    place = Path(tempfile.gettempdir()) / f"bridge-tests-sandbox-{os.geteuid()}"
    place.mkdir(mode=0o755, exist_ok=True)
    proxy = GuardedProxy(REGISTRIES)
    yield {
        "roots": FolderRoots([roots], tmp_path / "private"),
        "worktree": GitWorktree(Sources([roots]), tmp_path / "git"),
        "sandbox": ConfinedSandbox(place, proxy=lambda: proxy.at_socket(place / "registries.sock")),
    }
    await proxy.close()
