"""`bridge dev`: on every save regenerate, rebuild, reinstall and restart, and say how long it took to the canvas."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from watchfiles import Change, DefaultFilter, watch

from bridge.local import packages
from bridge.local.up import Installation, Wishes, standing
from bridge.problems import Problem

WATCHED = ("node_specs", "bridge/steps", "n8n-nodes")
WRITTEN = frozenset({"transport", "credentials", "icons", "test"})


class Sources(DefaultFilter):
    """Lets through what people write, not what is generated or built from it."""

    def __init__(self, project: Path) -> None:
        """Watch below *project*."""
        super().__init__()
        self._project = project

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change of *path* should start a rebuild."""
        parts = Path(path).relative_to(self._project).parts
        # Only these folders of a node package are written by people; `bridge generate` writes the rest.
        written = parts[0] != "n8n-nodes" or (len(parts) > 3 and parts[2] in WRITTEN)
        return super().__call__(change, path) and written


def watch_and_rebuild(project: Path) -> None:
    """Bring everything up, then rebuild on every save until ^C."""
    console = Console(stderr=True)
    with standing(Wishes(), console) as installation:
        folders = [folder for name in WATCHED if (folder := project / name).is_dir()]
        console.print(f"watching {', '.join(str(each.relative_to(project)) for each in folders)}")
        for changes in watch(*folders, watch_filter=Sources(project), raise_interrupt=True):
            _rebuild_and_say(project, installation, [Path(path) for _, path in changes])


def _rebuild_and_say(project: Path, installation: Installation, changed: list[Path]) -> None:
    console = installation.console
    begun = max((path.stat().st_mtime for path in changed if path.exists()), default=time.time())
    console.print(f"[bold]{', '.join(sorted({path.name for path in changed}))}[/] saved")
    try:
        rebuild(project, installation, changed)
    except (Problem, subprocess.CalledProcessError) as problem:
        # A broken spec is the usual state while one is being written: say it and wait for the next save.
        console.print(f"[red]✗[/] {problem}", highlight=False)
        return
    console.print(f"[green]✓[/] from save to canvas [bold]{time.time() - begun:.1f} s[/]")


def rebuild(project: Path, installation: Installation, changed: Iterable[Path]) -> None:
    """Bring the running bridge and n8n up to what is on disk."""
    with installation.doing("generated files are up to date"):
        _generate(project)
    only_python = all(path.suffix == ".py" for path in changed)
    with ThreadPoolExecutor(1) as beside:
        # The bridge restarts while the package is built. Programs are started in this thread alone: the kernel
        # ends a program whose parent thread has ended.
        building = None if only_python else beside.submit(packages.our_package, installation.say)
        with installation.doing("the bridge is restarted"):
            installation.restart_bridge()
        if installation.server and building:
            with installation.doing("the node package is built and installed"):
                packages.install_package(building.result(), installation.server.packages)
            with installation.doing("n8n is restarted"):
                installation.restart_n8n()


def _generate(project: Path) -> None:
    """Generate in a fresh process, which sees the handlers as they are now."""
    environment = {**os.environ, "PYTHONPATH": str(project)}
    command = [sys.executable, "-m", "bridge", "generate", "--project", str(project)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise Problem(done.stderr.strip()[-2000:] or "bridge generate failed")
