"""Programs that run beside ours: started with a log file, awaited until they answer, stopped with their children."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from bridge.problems import Unavailable


class Child:
    """One started program; `stop` ends it and everything it started."""

    def __init__(self, name: str, command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> None:
        """Start *command* with *env*; everything it prints goes to *log*."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        # setpriv asks the kernel to end the program when we die without a chance to stop it.
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [*guard, *map(str, command)], env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    def await_ready(self, ready: Callable[[], bool], timeout: float) -> float:
        """Wait until *ready* says so; return the seconds it took. Raises with the log's end when it does not come."""
        begun = time.monotonic()
        while not ready():
            if not self.running:
                raise Unavailable(f"{self.name} ended while starting ({self.log}):\n{self.tail()}")
            if time.monotonic() - begun > timeout:
                self.stop()
                raise Unavailable(f"{self.name} was not ready after {timeout:.0f} s ({self.log}):\n{self.tail()}")
            time.sleep(0.1)
        return time.monotonic() - begun

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def wait(self) -> int:
        """Wait for the program to end by itself."""
        return self._process.wait()

    def kill(self) -> None:
        """End it at once and without a chance to tidy up, as a crash would."""
        family = self._family()
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        self._process.wait()

    def stop(self, patience: float = 20) -> None:
        """Ask the program to end, then end what is left of it and its children."""
        family = self._family()
        if self.running:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        left = psutil.wait_procs(family, timeout=1)[1]
        for member in left:
            with contextlib.suppress(psutil.Error):
                member.kill()
        psutil.wait_procs(left, timeout=10)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _family(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        return []
