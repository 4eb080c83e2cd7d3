"""Where repositories come from: a folder below a root, or a remote address, each under its own policy."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bridge.doors.fetcher import Target
from bridge.doors.fetcher.guarded import parsed
from bridge.doors.roots.opening import check_regular, open_beneath, parts_of, read_all
from bridge.problems import Forbidden, NotFound, Unusable

_SCP_LIKE = re.compile(r"(?P<user>[A-Za-z0-9_.-]+)@(?P<host>[A-Za-z0-9.-]+):(?P<path>[^:]+)")
_REF_LINE = re.compile(r"(?P<id>[0-9a-f]{40}|[0-9a-f]{64}) (?P<name>refs/[^\s]+)")
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MOST_REFS = 50_000


@dataclass(frozen=True)
class Remote:
    """A remote repository: what git is told, and how it gets there."""

    url: str
    protocol: str
    private: bool = False
    headers: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Local:
    """A repository below a root: its own git dir, which is only ever read as data."""

    path: Path
    git_dir: Path


class Sources:
    """Decides what a repository's name means. *roots* as configured; *forges* may be private."""

    def __init__(
        self, roots: Sequence[str | Path], forges: Sequence[Target] = (), allowed_hosts: Sequence[str] = ()
    ) -> None:
        self._roots = [Path(each).expanduser().absolute() for each in roots]
        self._forges = list(forges)
        self._allowed = {each.lower() for each in allowed_hosts}

    def find(self, repository: str) -> Remote | Local:
        """Return what *repository* names; raise `Forbidden` for another scheme, `NotFound` for no folder."""
        if repository.startswith("file://"):
            return self._local(repository.removeprefix("file://"))
        if "://" in repository:
            return self._remote(repository)
        if scp := _SCP_LIKE.fullmatch(repository):
            return self._ssh(scp["host"], f"ssh://{scp['user']}@{scp['host']}/{scp['path'].lstrip('/')}")
        return self._local(repository)

    def _remote(self, url: str) -> Remote:
        if url.startswith("ssh://"):
            return self._ssh(urlsplit(url).hostname or "", url)
        address = parsed(url)
        if address.query_string:
            raise Forbidden("A repository's address must not carry a query.")
        forge = next((each for each in self._forges if _is_below(str(address), each.url)), None)
        private = forge is not None or self._is_allowed(address.host or "", address.port)
        if address.scheme != "https" and not private:
            raise Forbidden("Repositories are fetched over https or ssh; http needs a forge target or an allowed host.")
        return Remote(str(address), address.scheme, private, dict(forge.headers) if forge else {})

    def _ssh(self, host: str, url: str) -> Remote:
        if host.startswith("-") or not any(urlsplit(each.url).hostname == host for each in self._forges):
            raise Forbidden(f"ssh to {host[:80]!a} needs a forge target of that host in bridge.toml.")
        return Remote(url, "ssh", private=True)

    def _is_allowed(self, host: str, port: int | None) -> bool:
        return host.lower() in self._allowed or f"{host.lower()}:{port}" in self._allowed

    def _local(self, path: str) -> Local:
        for root in self._roots:
            relative = _relative(path, root)
            if relative is None:
                continue
            folder = _folder_below(root, relative, path)
            return Local(folder, _git_dir_of(folder))
        raise Forbidden(f"The repository {path[:200]!a} is outside the configured roots (BRIDGE_ROOTS).")


def _relative(path: str, root: Path) -> str | None:
    if not path.startswith("/"):
        return path
    if path == str(root):
        return "."
    return path[len(str(root)) + 1 :] if path.startswith(f"{root}/") else None


def _is_below(url: str, above: str) -> bool:
    return url == above or url.startswith(above.rstrip("/") + "/")


def _folder_below(root: Path, relative: str, shown: str) -> Path:
    try:
        base = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise NotFound(f"The configured root {root} is not there.") from None
    try:
        opened = open_beneath(base, relative, folder=True)
        os.close(opened)
    except NotFound:
        raise NotFound(f"There is no repository {shown[:200]!a} below the configured roots.") from None
    finally:
        os.close(base)
    return root.joinpath(*parts_of(relative))


def _git_dir_of(folder: Path) -> Path:
    for candidate in (folder / ".git", folder):
        if _is_real_folder(candidate / "objects") and _is_real_folder(candidate / "refs"):
            return candidate
    raise Unusable(f"{folder} is not a git repository (linked work trees and submodules are not followed).")


def _is_real_folder(path: Path) -> bool:
    try:
        return all(stat.S_ISDIR(each.lstat().st_mode) for each in (path, path.parent))
    except OSError:
        return False


def borrow(local: Local, git_dir: Path) -> None:
    """Make our own git dir see the repository's objects and refs; its configuration and hooks stay behind."""
    source = local.git_dir
    if (source / "objects/info/alternates").exists():
        raise Unusable(f"{local.path} borrows objects from another repository; make a full clone of it.")
    (git_dir / "objects/info/alternates").write_text(f"{source / 'objects'}\n")
    refs = dict(_refs_of(source))
    lines = [f"{value} refs/remotes/origin/{name.removeprefix('refs/heads/')}" for name, value in refs.items()
             if name.startswith("refs/heads/")]  # fmt: skip
    lines += [f"{value} {name}" for name, value in refs.items() if name.startswith("refs/tags/")]
    (git_dir / "packed-refs").write_text("".join(f"{line}\n" for line in sorted(lines, key=lambda each: each[41:])))
    if shallow := _text(source, "shallow"):
        kept = [line for line in shallow.split() if _ID.fullmatch(line)]
        (git_dir / "shallow").write_text("".join(f"{line}\n" for line in kept))
    (git_dir / "origin-head").write_text(_head_of(source, refs))


def _head_of(source: Path, refs: dict[str, str]) -> str:
    head = _text(source, "HEAD").strip()
    if head.startswith("ref: refs/heads/"):
        name = head.removeprefix("ref: ")
        return f"refs/remotes/origin/{name.removeprefix('refs/heads/')}" if name in refs else ""
    return head if _ID.fullmatch(head) else ""


def _refs_of(source: Path) -> Iterator[tuple[str, str]]:
    for match in _REF_LINE.finditer(_text(source, "packed-refs")):
        yield match["name"], match["id"]
    count = 0
    for folder, folders, names in os.walk(source / "refs", followlinks=False):
        folders[:] = sorted(each for each in folders if not Path(folder, each).is_symlink())
        for name in names:
            count += 1
            path = str(Path(folder, name).relative_to(source))
            value = _text(source, path).strip()
            if count <= _MOST_REFS and _ID.fullmatch(value) and not any(letter.isspace() for letter in path):
                yield path, value


def _text(source: Path, path: str) -> str:
    """Read one of the repository's own files as text, without following a link; empty when it cannot be read."""
    try:
        opened = os.open(source / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        check_regular(opened, path, 32 << 20)
        return read_all(opened, path, 32 << 20).decode("utf-8", "replace")
    except (Forbidden, OSError):
        return ""
    finally:
        os.close(opened)
