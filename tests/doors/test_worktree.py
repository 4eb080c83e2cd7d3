"""The door to git: one contract for real and in-memory, and trees full of traps."""

import os
import subprocess

import pytest

from bridge.doors.worktree.memory import MemoryWorktree
from bridge.doors.worktree.own_git import GitWorktree
from bridge.doors.worktree.sources import Sources
from bridge.problems import Conflict, Forbidden, NotFound, TooLarge, Unusable

FIRST = {"app.py": b"a = 1\nb = 2\n", "docs/readme.md": b"# App\n"}
SECOND = {"app.py": b"a = 1\nb = 3\nc = 4\n", "new.py": b"n = 1\n"}
ENV = {
    "PATH": os.environ["PATH"], "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.invalid", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b.invalid", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent",
}  # fmt: skip


def plain_git(folder, *arguments, **env):
    done = subprocess.run(["git", *arguments], cwd=folder, env={**ENV, **env}, capture_output=True, check=False)
    return done.stdout.decode() + done.stderr.decode()


def commit_tree(folder, tree, title):
    for path in [each for each in folder.rglob("*") if each.is_file() and ".git" not in each.parts]:
        path.unlink()
    for path, content in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    plain_git(folder, "add", "-A")
    plain_git(folder, "commit", "-q", "-m", title)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "roots/shop"
    folder.mkdir(parents=True)
    plain_git(folder, "init", "-q", "-b", "main")
    commit_tree(folder, FIRST, "Commit 1")
    commit_tree(folder, SECOND, "Commit 2")
    return folder


@pytest.fixture(params=["git", "memory"])
def worktree(request, repository, tmp_path):
    if request.param == "memory":
        return MemoryWorktree({str(repository): [FIRST, SECOND]})
    return GitWorktree(Sources([tmp_path / "roots"]), tmp_path / "place")


async def test_a_checkout_is_the_tree_at_its_commit(worktree, repository):
    checkout = await worktree.checkout(str(repository))
    assert (checkout.path / "app.py").read_bytes() == SECOND["app.py"]
    assert not (checkout.path / ".git").exists()
    assert (checkout.branch, len(checkout.commit)) == ("main", 40)
    first = (await worktree.log(checkout))[-1]
    older = await worktree.checkout(str(repository), first.id)
    assert (older.path / "docs/readme.md").read_bytes() == b"# App\n"
    await worktree.release(checkout)
    assert not checkout.path.exists()


async def test_a_diff_names_files_and_changed_lines(worktree, repository):
    checkout = await worktree.checkout(str(repository), "main")
    first = (await worktree.log(checkout))[-1].id
    diff = await worktree.diff(checkout, first)
    assert {each.path: (each.status, each.added, each.removed) for each in diff.files} == {
        "app.py": ("modified", (2, 3), 1),
        "docs/readme.md": ("deleted", (), 1),
        "new.py": ("added", (1,), 0),
    }
    assert "+c = 4" in diff.patch
    everything = await worktree.diff(checkout, "0" * 40)
    assert {each.status for each in everything.files} == {"added"}
    assert everything.base is None


async def test_history_and_old_files_can_be_read(worktree, repository):
    checkout = await worktree.checkout(str(repository))
    log = await worktree.log(checkout)
    assert [each.title for each in log] == ["Commit 2", "Commit 1"]
    assert log[0].files == ("app.py", "docs/readme.md", "new.py")
    assert await worktree.show(checkout, log[1].id, "app.py") == FIRST["app.py"]
    assert [each.title for each in await worktree.log(checkout, since=log[1].id)] == ["Commit 2"]
    with pytest.raises(NotFound):
        await worktree.show(checkout, log[0].id, "docs/readme.md")


async def test_commits_land_on_a_branch_and_can_be_pushed(worktree, repository):
    checkout = await worktree.checkout(str(repository))
    made = await worktree.commit(checkout, "docs/update", "Update\n\nBody.", {"new.py": None, "docs/x.md": b"x"})
    assert await worktree.show(checkout, made, "docs/x.md") == b"x"
    with pytest.raises(NotFound):
        await worktree.show(checkout, made, "new.py")
    await worktree.push(checkout, "docs/update")
    again = await worktree.checkout(str(repository), "docs/update")
    assert again.commit == made
    with pytest.raises(NotFound):
        await worktree.push(checkout, "never-made")


async def test_what_is_not_there_is_named(worktree, repository):
    with pytest.raises(NotFound):
        await worktree.checkout(str(repository), "no-such-branch")
    with pytest.raises(NotFound):
        await worktree.checkout(f"{repository}-missing")


@pytest.mark.parametrize("path", ["../x", ".git/hooks/post-commit", "/etc/passwd", "a/../../x", "docs/.GIT/config"])
async def test_a_commit_cannot_write_outside_its_tree(worktree, repository, path):
    checkout = await worktree.checkout(str(repository))
    with pytest.raises(Forbidden):
        await worktree.commit(checkout, "b", "t", {path: b"x"})


@pytest.fixture
def real(tmp_path):
    return GitWorktree(Sources([tmp_path / "roots"]), tmp_path / "place")


REFUSED = [
    "ext::sh -c touch% {mark}", "--upload-pack=touch {mark}", "/etc", "file:///etc", "ftp://x/y", "http://example.com/x",
    "git://example.com/x", "https://u:p@example.com/x", "ssh://-oProxyCommand=touch/x", "git@example.com:x/y", "../x",
]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_other_ways_to_name_a_repository_are_refused(real, repository, tmp_path, name):
    mark = tmp_path / "mark"
    with pytest.raises((Forbidden, NotFound, Unusable)):
        await real.checkout(name.replace("{mark}", str(mark)))
    assert not mark.exists()


@pytest.mark.parametrize("ref", ["--upload-pack=x", "-x", "a..b", "a b", "x\n", "$(id)", ""])
async def test_a_ref_is_never_an_option(real, repository, ref):
    with pytest.raises((Forbidden, NotFound)):
        await real.checkout(str(repository), ref)


def set_traps(repository, mark):
    """Every way a repository can ask git to start a program."""
    touch = f"touch {mark}"
    for name in ("post-checkout", "post-merge", "pre-commit", "post-commit", "pre-push", "reference-transaction",
                 "pre-receive", "update", "post-receive", "post-index-change"):  # fmt: skip
        hook = repository / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{touch}.{name}\n")
        hook.chmod(0o755)
    settings = {
        "core.fsmonitor": f"{touch}.fsmonitor", "filter.evil.smudge": f"{touch}.smudge; cat", "filter.evil.required": "true",
        "filter.evil.clean": f"{touch}.clean; cat", "diff.evil.textconv": f"{touch}.textconv; cat",
        "diff.evil.command": f"{touch}.diff", "diff.external": f"{touch}.external", "core.pager": f"{touch}.pager",
        "core.sshCommand": f"{touch}.ssh", "uploadpack.packObjectsHook": f"{touch}.pack", "gpg.program": f"{touch}.gpg",
        "core.alternateRefsCommand": f"{touch}.alternate", "core.editor": f"{touch}.editor", "log.showSignature": "true",
        "commit.gpgSign": "true", "credential.helper": f"!{touch}.helper", "core.askPass": f"{touch}.askpass",
    }  # fmt: skip
    for key, value in settings.items():
        plain_git(repository, "config", key, value)
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/attributes").write_text("* filter=evil diff=evil\n")


async def test_nothing_of_a_hostile_repository_runs(real, repository, tmp_path):
    mark = tmp_path / "mark"
    commit_tree(repository, {**SECOND, ".gitattributes": b"* filter=evil diff=evil\n"}, "Traps")
    set_traps(repository, mark)
    checkout = await real.checkout(str(repository))
    await real.diff(checkout, None)
    await real.diff(checkout, f"{checkout.commit}~1")
    await real.log(checkout)
    await real.show(checkout, checkout.commit, "app.py")
    await real.commit(checkout, "mine", "m", {"app.py": b"z"})
    await real.push(checkout, "mine")
    await real.release(checkout)
    assert sorted(each.name for each in tmp_path.glob("mark*")) == []
    (repository / "app.py").write_text("changed")
    for command in (["status"], ["diff"], ["checkout", "--", "app.py"]):
        plain_git(repository, *command)
    assert len(list(tmp_path.glob("mark*"))) >= 3, "the control: plain git starts the traps"


async def test_links_that_leave_the_tree_become_plain_text(real, repository, tmp_path):
    (tmp_path / "secret").write_text("CANARY")
    os.symlink(tmp_path / "secret", repository / "leak")
    os.symlink("app.py", repository / "fine")
    plain_git(repository, "add", "-A")
    plain_git(repository, "commit", "-qm", "links")
    checkout = await real.checkout(str(repository))
    assert (checkout.path / "fine").read_bytes() == SECOND["app.py"]
    assert not (checkout.path / "leak").is_symlink()
    assert "CANARY" not in (checkout.path / "leak").read_text()


async def test_a_tree_over_the_limit_is_refused(repository, tmp_path):
    small = GitWorktree(Sources([tmp_path / "roots"]), tmp_path / "place", max_tree=10)
    with pytest.raises(TooLarge):
        await small.checkout(str(repository))
    assert list((tmp_path / "place/trees").iterdir()) == []


async def test_the_branch_somebody_works_on_is_not_moved(real, repository):
    checkout = await real.checkout(str(repository))
    await real.commit(checkout, "main", "m", {"app.py": b"z"})
    with pytest.raises(Conflict):
        await real.push(checkout, "main")


async def test_a_folder_without_git_is_unusable(real, tmp_path):
    (tmp_path / "roots/plain").mkdir(parents=True)
    with pytest.raises(Unusable, match="not a git repository"):
        await real.checkout(str(tmp_path / "roots/plain"))


async def test_objects_borrowed_from_elsewhere_are_refused(real, repository):
    (repository / ".git/objects/info").mkdir(exist_ok=True)
    (repository / ".git/objects/info/alternates").write_text("/somewhere/else\n")
    with pytest.raises(Unusable, match="borrows"):
        await real.checkout(str(repository))
