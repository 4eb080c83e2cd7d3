"""Start git with nothing of the machine's or the tree's configuration, and end it in time."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from bridge.problems import DeadlineExceeded, TooLarge, UpstreamFailed

CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = false
\thooksPath = /dev/null
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tfsmonitor = false
\tuntrackedCache = false
\tprotectHFS = true
\tprotectNTFS = true
\tautocrlf = false
\tpager = cat
\talternateRefsCommand = true
[gc]
\tauto = 0
[maintenance]
\tauto = false
[protocol]
\tallow = never
[submodule]
\trecurse = false
[fetch]
\trecurseSubmodules = false
[http]
\tfollowRedirects = false
[diff]
\trenames = true
[commit]
\tgpgSign = false
[advice]
\tdetachedHead = false
"""
_PLAIN = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ASKPASS": "/bin/false",
    "GIT_EDITOR": "/bin/false",
    "GIT_PAGER": "cat",
    "GIT_LITERAL_PATHSPECS": "1",
}
_LONGEST_COMPLAINT = 400


def make_git_dir(git_dir: Path) -> None:
    """Make an empty git dir that holds our configuration and nothing else."""
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (git_dir / name).mkdir(parents=True, exist_ok=True)
    (git_dir / "HEAD").write_text("ref: refs/heads/main\n")
    (git_dir / "config").write_text(CONFIG)


async def git(
    git_dir: Path,
    *arguments: str,
    tree: Path | None = None,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = 60.0,
    max_output: int = 64 << 20,
    max_file: int | None = None,
    fine: Sequence[int] = (0,),
) -> bytes:
    """Run git on *git_dir* and return its output; raise `UpstreamFailed` with git's last words."""
    tree_env = {"GIT_WORK_TREE": str(tree)} if tree else {}
    limit = ["prlimit", f"--fsize={max_file}", "--"] if max_file else []
    process = await asyncio.create_subprocess_exec(
        *limit, "git", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**_PLAIN, "GIT_DIR": str(git_dir), **tree_env, **(env or {})},
        cwd=tree or git_dir, start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(timeout):
            out, err = await _talk(process, stdin, max_output)
    except TimeoutError:
        raise DeadlineExceeded(f"git {arguments[0]} did not end within {timeout:g} s.") from None
    finally:
        await _end(process)
    if process.returncode not in fine:
        said = err.decode("utf-8", "replace").strip()[-_LONGEST_COMPLAINT:]
        raise UpstreamFailed(f"git {arguments[0]} failed: {said or f'exit code {process.returncode}'}")
    return out


async def _talk(process: asyncio.subprocess.Process, stdin: bytes, max_output: int) -> tuple[bytes, bytes]:
    assert process.stdin is not None  # noqa: S101 - PIPE was asked for
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    giving = asyncio.create_task(_give(process.stdin, stdin))
    complaints = asyncio.create_task(_read(process.stderr, 1 << 20, cut=True))
    try:
        out = await _read(process.stdout, max_output, cut=False)
        err = await complaints
        await process.wait()
    finally:
        giving.cancel()
        complaints.cancel()
    return out, err


async def _give(stream: asyncio.StreamWriter, content: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        stream.write(content)
        await stream.drain()
        stream.close()


async def _read(stream: asyncio.StreamReader, most: int, *, cut: bool) -> bytes:
    pieces, total = [], 0
    while piece := await stream.read(1 << 16):
        total += len(piece)
        if total <= most:
            pieces.append(piece)
        elif not cut:
            raise TooLarge(f"git answered with more than {most} bytes.")
    return b"".join(pieces)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
