"""The worktree door over git, always with a git dir and a configuration of our own."""

import asyncio
import base64
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bridge.doors.roots.opening import parts_of
from bridge.doors.worktree import Checkout, Commit, Diff
from bridge.doors.worktree.reading import read_changes, read_log, read_tree
from bridge.doors.worktree.running_git import git, make_git_dir
from bridge.doors.worktree.sources import Local, Remote, Sources, borrow
from bridge.problems import Conflict, Forbidden, NotFound, TooLarge, Unusable, UpstreamFailed

_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@{}^~+-]{0,250}")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,200}")
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_AUTHOR = {
    "GIT_AUTHOR_NAME": "n8n Multimodal Bridge",
    "GIT_AUTHOR_EMAIL": "bridge@localhost.invalid",
    "GIT_COMMITTER_NAME": "n8n Multimodal Bridge",
    "GIT_COMMITTER_EMAIL": "bridge@localhost.invalid",
}
Proxy = Callable[[], Awaitable[str]]


class GitWorktree:
    """Git in repositories we do not trust. *place* holds clones and trees; *proxy* is the way to public remotes."""

    def __init__(
        self,
        sources: Sources,
        place: Path,
        *,
        proxy: Proxy | None = None,
        max_tree: int = 2_000_000_000,
        max_pack: int = 2_000_000_000,
        timeout: float = 300.0,
    ) -> None:
        self._sources, self._place, self._proxy = sources, place, proxy
        self._max_tree, self._max_pack, self._timeout = max_tree, max_pack, timeout
        self._fetching: dict[str, asyncio.Lock] = {}

    async def checkout(self, repository: str, ref: str | None = None, *, depth: int | None = None) -> Checkout:
        """Check out *ref* into a private tree."""
        source = await asyncio.to_thread(self._sources.find, repository)
        if ref is not None:
            _check_revision(ref)
        place = await asyncio.to_thread(self._new_place)
        try:
            git_dir = place / "git"
            await asyncio.to_thread(make_git_dir, git_dir)
            await self._objects(source, git_dir, ref, depth)
            commit, branch = await self._resolve(git_dir, ref, repository)
            await self._fill(git_dir, place / "tree", commit)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
            raise
        return Checkout(repository, place / "tree", git_dir, commit, branch)

    async def diff(self, checkout: Checkout, base: str | None, head: str | None = None) -> Diff:
        """Compare two revisions."""
        to = await self._commit_of(checkout, head or checkout.commit)
        empty = base is None or not base.strip("0")
        since = _EMPTY_TREE if empty else await self._commit_of(checkout, str(base))
        plain = ("--no-color", "--no-ext-diff", "--no-textconv", "-M", "--end-of-options", since, to, "--")
        if empty:
            await git(checkout.git_dir, "hash-object", "-t", "tree", "-w", "--stdin")
        raw = await git(checkout.git_dir, "diff", "--raw", "-z", *plain)
        lines = await git(checkout.git_dir, "diff", "-U0", *plain)
        patch = await git(checkout.git_dir, "diff", *plain)
        changed = await asyncio.to_thread(read_changes, raw, lines)
        return Diff(None if empty else since, to, changed, patch.decode("utf-8", "replace"))

    async def show(self, checkout: Checkout, revision: str, path: str) -> bytes:
        """Return one file's content at a revision."""
        commit = await self._commit_of(checkout, revision)
        name = "/".join(parts_of(path))
        try:
            return await git(checkout.git_dir, "cat-file", "blob", f"{commit}:{name}")
        except UpstreamFailed:
            raise NotFound(f"There is no file {path[:200]!a} at {revision[:80]}.") from None

    async def log(self, checkout: Checkout, *, limit: int = 1000, since: str | None = None) -> list[Commit]:
        """Return the commits that lead to the checkout."""
        span = checkout.commit if since is None else f"{await self._commit_of(checkout, since)}..{checkout.commit}"
        form = "--format=%x01%H%x02%at%x02%an%x02%s"
        raw = await git(
            checkout.git_dir, "log", "-z", "--name-only", "--no-renames", "--no-show-signature", form,
            f"--max-count={limit}", "--end-of-options", span, "--",
        )  # fmt: skip
        return await asyncio.to_thread(read_log, raw)

    async def commit(self, checkout: Checkout, branch: str, message: str, changes: Mapping[str, bytes | None]) -> str:
        """Commit *changes* on *branch* without touching the tree."""
        _check_branch(branch)
        names = {path: "/".join(parts_of(path)) for path in changes}
        parent = await self._tip(checkout, branch) or checkout.commit
        env = {**_AUTHOR, "GIT_INDEX_FILE": str(checkout.git_dir / f"index-{os.urandom(8).hex()}")}
        await git(checkout.git_dir, "read-tree", parent, env=env)
        lines = []
        for path, content in changes.items():
            if content is None:
                lines.append(f"0 {'0' * 40}\t{names[path]}\0")
                continue
            blob = await git(checkout.git_dir, "hash-object", "-w", "--no-filters", "--stdin", stdin=content)
            mode = await self._mode(checkout, parent, names[path])
            lines.append(f"{mode} {blob.decode().strip()}\t{names[path]}\0")
        await git(checkout.git_dir, "update-index", "-z", "--index-info", stdin="".join(lines).encode(), env=env)
        tree = (await git(checkout.git_dir, "write-tree", env=env)).decode().strip()
        made = await git(
            checkout.git_dir, "commit-tree", tree, "-p", parent, stdin=message.encode("utf-8", "replace"), env=env
        )
        commit = made.decode().strip()
        await git(checkout.git_dir, "update-ref", f"refs/heads/{branch}", commit)
        return commit

    async def push(self, checkout: Checkout, branch: str) -> None:
        """Push a branch to the repository it came from; never by force."""
        _check_branch(branch)
        if await self._tip(checkout, branch) is None:
            raise NotFound(f"There is no branch {branch!r} to push; commit on it first.")
        source = await asyncio.to_thread(self._sources.find, checkout.repository)
        if isinstance(source, Remote):
            env = await self._environment(source)
            spec = f"refs/heads/{branch}:refs/heads/{branch}"
            await git(
                checkout.git_dir,
                "push",
                "--no-verify",
                "--quiet",
                "--",
                source.url,
                spec,
                env=env,
                timeout=self._timeout,
            )
            return
        await self._push_into(source, checkout, branch)

    async def release(self, checkout: Checkout) -> None:
        """Remove the private tree."""
        place = checkout.git_dir.parent
        if place.parent == self._place / "trees":
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    def _new_place(self) -> Path:
        (self._place / "trees").mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="tree-", dir=self._place / "trees"))

    async def _objects(self, source: Remote | Local, git_dir: Path, ref: str | None, depth: int | None) -> None:
        if isinstance(source, Local):
            await asyncio.to_thread(borrow, source, git_dir)
            return
        cache = await self._cached(source, ref, depth)
        await asyncio.to_thread(_lend, cache, git_dir)

    async def _cached(self, source: Remote, ref: str | None, depth: int | None) -> Path:
        """Fetch into the cached clone of *source*; one fetch at a time for each."""
        key = hashlib.sha256(f"{source.url} {depth or 0}".encode()).hexdigest()[:32]
        cache = self._place / "clones" / key
        async with self._fetching.setdefault(key, asyncio.Lock()):
            if not (cache / "config").exists():
                await asyncio.to_thread(make_git_dir, cache)
            env = await self._environment(source)
            specs = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
            if ref and re.fullmatch(r"[0-9a-f]{40}", ref):
                specs.append(f"+{ref}:refs/bridge/{ref}")
            how = [f"--depth={depth}"] if depth else []
            fetch = ("fetch", "--quiet", "--prune", "--force", "--no-write-fetch-head", "--no-tags", *how, "--")
            await self._reached(git(
                cache, *fetch, source.url, *specs, env=env, timeout=self._timeout, max_file=self._max_pack
            ), source)  # fmt: skip
            head = await git(cache, "ls-remote", "--symref", "--", source.url, "HEAD", env=env, timeout=self._timeout)
            found = re.match(rb"ref: refs/heads/(\S+)\tHEAD", head)
            name = f"refs/remotes/origin/{found[1].decode()}" if found else head[:40].decode("ascii", "replace")
            (cache / "origin-head").write_text(name)
            await git(cache, "pack-refs", "--all")
        return cache

    async def _reached(self, work: Awaitable[bytes], source: Remote) -> None:
        try:
            await work
        except UpstreamFailed as error:
            said = str(error).lower()
            if "not found" in said or "does not exist" in said or "404" in said:
                raise NotFound(f"There is no repository at {source.url}, or it needs credentials.") from error
            if "file size limit" in said or "sigxfsz" in said or "write error" in said:
                raise TooLarge(f"The repository {source.url} is larger than {self._max_pack} bytes.") from error
            raise

    async def _environment(self, source: Remote) -> dict[str, str]:
        """Say in the environment what must stand on no command line: protocol, way out and credentials."""
        pairs = {f"protocol.{source.protocol}.allow": "always"}
        for name, value in source.headers.items():
            pairs[f"http.{source.url}.extraHeader"] = f"{name}: {_for_git(value)}"
        if not source.private:
            if self._proxy is None:
                raise Unusable("Public repositories cannot be reached: the bridge's own proxy is not there.")
            pairs["http.proxy"] = await self._proxy()
        env = {"GIT_CONFIG_COUNT": str(len(pairs)), "GIT_ALLOW_PROTOCOL": source.protocol}
        for number, (key, value) in enumerate(pairs.items()):
            env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        if source.protocol == "ssh":
            env |= {key: os.environ[key] for key in ("SSH_AUTH_SOCK", "HOME") if key in os.environ}
            env["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oForwardAgent=no"
        return env | {key: os.environ[key] for key in ("GIT_SSL_CAINFO", "SSL_CERT_FILE") if key in os.environ}

    async def _resolve(self, git_dir: Path, ref: str | None, repository: str) -> tuple[str, str | None]:
        """Find the commit of *ref* and the branch it names, if it names one."""
        if ref is None:
            head = (git_dir / "origin-head").read_text().strip()
            if not head:
                raise NotFound(f"The repository {repository[:200]} has no default branch, or no commit yet.")
            branch = head.removeprefix("refs/remotes/origin/") if head.startswith("refs/") else None
            return await self._known(git_dir, [head], repository), branch
        short = ref.removeprefix("refs/heads/").removeprefix("origin/")
        branches = [f"refs/remotes/origin/{short}"]
        try:
            return await self._known(git_dir, branches, ref), short
        except NotFound:
            return await self._known(git_dir, [f"refs/tags/{ref.removeprefix('refs/tags/')}", ref], ref), None

    async def _commit_of(self, checkout: Checkout, revision: str) -> str:
        _check_revision(revision)
        short = revision.removeprefix("refs/heads/")
        names = [f"refs/heads/{short}", f"refs/remotes/origin/{short.removeprefix('origin/')}", revision]
        return await self._known(checkout.git_dir, names, revision)

    async def _known(self, git_dir: Path, names: list[str], shown: str) -> str:
        for name in names:
            found = await git(
                git_dir, "rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}", fine=(0, 1, 128)
            )
            if re.fullmatch(rb"[0-9a-f]{40,64}\n", found):
                return found.decode().strip()
        raise NotFound(f"There is no revision {shown[:120]!r} in this repository.")

    async def _tip(self, checkout: Checkout, branch: str) -> str | None:
        try:
            return await self._known(checkout.git_dir, [f"refs/heads/{branch}"], branch)
        except NotFound:
            return None

    async def _mode(self, checkout: Checkout, commit: str, path: str) -> str:
        listed = read_tree(await git(checkout.git_dir, "ls-tree", "-l", "-z", commit, "--", path))
        mode = listed[0][0] if listed else "100644"
        if mode not in ("100644", "100755"):
            raise Forbidden(f"{path} is a link or a folder in the repository; only plain files are written.")
        return mode

    async def _fill(self, git_dir: Path, tree: Path, commit: str) -> None:
        listed = read_tree(await git(git_dir, "ls-tree", "-r", "-l", "-z", "--full-tree", commit))
        total = sum(size for _, size, _ in listed)
        if total > self._max_tree:
            raise TooLarge(f"The tree at {commit[:12]} has {total} bytes; at most {self._max_tree} are checked out.")
        await asyncio.to_thread(tree.mkdir)
        await git(git_dir, "read-tree", commit, tree=tree)
        await git(git_dir, "checkout-index", "--all", "--force", "--quiet", tree=tree, timeout=self._timeout)
        links = [tree / path for mode, _, path in listed if mode == "120000"]
        await asyncio.to_thread(_defuse, links, tree)

    @asynccontextmanager
    async def _twin(self, local: Local) -> AsyncIterator[Path]:
        """Yield a git dir of ours whose objects and refs are the repository's own, for writing into it."""
        place = await asyncio.to_thread(self._new_place)
        try:
            yield await asyncio.to_thread(_make_twin, place / "git", local)
        finally:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    async def _push_into(self, local: Local, checkout: Checkout, branch: str) -> None:
        head = (local.git_dir / "HEAD").read_text("utf-8", "replace").strip()
        if head == f"ref: refs/heads/{branch}" and local.git_dir.name == ".git":
            raise Conflict(f"The branch {branch!r} is checked out in {local.path}; push to another branch.")
        async with self._twin(local) as twin:
            env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always"}
            spec = f"refs/heads/{branch}:refs/heads/{branch}"
            await git(
                twin, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", str(checkout.git_dir), spec,
                env=env, timeout=self._timeout,
            )  # fmt: skip


def _check_revision(revision: str) -> None:
    if not _REVISION.fullmatch(revision) or ".." in revision or revision.endswith(".lock"):
        raise Forbidden(f"{revision[:80]!a} is not a revision.")


def _check_branch(branch: str) -> None:
    odd = any(part.startswith(".") or part.endswith(".lock") or not part for part in branch.split("/"))
    if not _BRANCH.fullmatch(branch) or ".." in branch or odd or branch.endswith("."):
        raise Forbidden(f"{branch[:80]!a} is not a branch name.")


def _for_git(value: str) -> str:
    """Forges take a token over git as the password of a basic login, not as a bearer token."""
    scheme, _, token = value.partition(" ")
    if scheme != "Bearer":
        return value
    return "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _defuse(links: list[Path], tree: Path) -> None:
    """Turn links that lead out of the tree into plain files that hold the link's text."""
    top = os.path.realpath(tree)
    for link in links:
        if link.is_symlink() and not os.path.realpath(link).startswith(f"{top}/"):
            text = os.readlink(link)  # noqa: PTH115 - the text of the link is wanted
            link.unlink()
            link.write_text(text)


def _make_twin(twin: Path, local: Local) -> Path:
    make_git_dir(twin)
    for name in ("objects", "refs"):
        shutil.rmtree(twin / name)
        (twin / name).symlink_to(local.git_dir / name)
    if (local.git_dir / "packed-refs").is_file():
        (twin / "packed-refs").symlink_to(local.git_dir / "packed-refs")
    return twin


def _lend(cache: Path, git_dir: Path) -> None:
    (git_dir / "objects/info/alternates").write_text(f"{cache / 'objects'}\n")
    for name in ("packed-refs", "shallow", "origin-head"):
        if (cache / name).exists():
            shutil.copyfile(cache / name, git_dir / name)
