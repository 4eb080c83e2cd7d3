"""multimodal_analysis takes its content from wherever it is."""

import subprocess

import pytest

from bridge.doors.analysers.embedded import Embedded
from bridge.doors.closed import Closed
from bridge.doors.fetcher import Fetched
from bridge.doors.fetcher.scripted import ScriptedFetcher
from bridge.doors.roots.folders import FolderRoots
from bridge.doors.worktree.own_git import GitWorktree
from bridge.doors.worktree.sources import Sources
from bridge.problems import Problem


@pytest.fixture
async def analysis(try_step):
    """Run the step on real engines: ``await analysis({...})``."""
    engines = Embedded()
    closed = Closed("not in this test")

    async def run(given, **doors):
        every = {"analysers": engines, "roots": closed, "fetcher": closed, "worktree": closed, **doors}
        return await try_step("multimodal_analysis", given, **every)

    run.trial = try_step
    yield run
    await engines.close()


async def test_text_comes_back_with_content_and_findings(analysis):
    result = await analysis({"text": "eval(input())"})
    assert result["success"]
    assert result["analysis"]["documents"][0]["segments"][0]["text"] == "eval(input())"
    assert "CWE-95" in result["analysis"]["findings"][0]["cwe"]
    assert result["analysis"]["metrics"]["by_severity"]["high"] >= 1


async def test_a_named_text_is_known_by_its_extension(analysis):
    given = {
        "text": "const q = `SELECT * FROM users WHERE id = ${id}`",
        "document_name": "app.js",
        "analysis_type": "security",
    }
    result = await analysis(given)
    assert [each["rule_id"] for each in result["analysis"]["findings"]] == ["javascript/sql-text"]
    assert result["file_path"] == "app.js"


async def test_an_upload_is_read(analysis, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("# Plan\n\nShip it.\n")
    analysis.trial.files.uploads["file:1"] = path
    result = await analysis({"file": "file:1"})
    document = result["analysis"]["documents"][0]
    assert document["media_type"] == "text/markdown"
    assert [each["kind"] for each in document["segments"]] == ["heading", "text"]


async def test_findings_leave_as_a_sarif_file_when_asked_for(analysis):
    result = await analysis({"text": "eval(input())", "include_sarif": True})
    assert [each["media_type"] for each in result["files"]] == ["application/sarif+json"]


async def test_what_no_engine_reads_is_a_problem_that_names_the_file(analysis, tmp_path):
    path = tmp_path / "blob.bin"
    path.write_bytes(bytes(range(256)) * 20)
    analysis.trial.files.uploads["file:1"] = path
    with pytest.raises(Exception, match=r"blob\.bin"):
        await analysis({"file": "file:1"})


@pytest.fixture
def project(tmp_path):
    """A folder with two sources, a text and what nobody wants to read."""
    root = tmp_path / "root"
    for name, content in {
        "a.py": "eval(x)\n",
        "src/b.js": "eval(x)\n",
        "notes.txt": "hi\n",
        "node_modules/c.js": "eval(x)\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".", ["a.py", "notes.txt", "src/b.js"]),
        ("**/*.js", ["src/b.js"]),
        ("src/*.js", ["src/b.js"]),
        ("a.py", ["a.py"]),
    ],
)
async def test_a_path_may_be_a_file_a_folder_or_a_pattern(analysis, project, path, found):
    result = await analysis({"file_path": path}, roots=FolderRoots([project], project.parent / "private"))
    assert [each["uri"] for each in result["analysis"]["documents"]] == found
    assert result["file_path"] == path
    assert analysis.trial.progress.said


async def test_a_path_outside_the_roots_is_refused(analysis, project):
    with pytest.raises(Problem):
        await analysis({"file_path": "/etc/passwd"}, roots=FolderRoots([project], project.parent / "private"))


async def test_a_url_is_fetched_through_the_guard(analysis):
    page = Fetched("https://example.com/x/app.py", 200, {}, b"eval(x)\n", "text/plain", 0.1)
    fetcher = ScriptedFetcher({"https://example.com/x/app.py": page})
    result = await analysis({"url": "https://example.com/x/app.py"}, fetcher=fetcher)
    assert result["analysis"]["documents"][0]["uri"] == "app.py"
    with pytest.raises(Problem):
        await analysis({"url": "http://169.254.169.254/latest"}, fetcher=fetcher)


async def test_of_a_git_range_only_changed_lines_are_judged(analysis, tmp_path):
    repository = tmp_path / "roots" / "repository"
    repository.mkdir(parents=True)

    def git(*words):
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(repository), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q", "-b", "main")
    (repository / "a.py").write_text("eval(old)\n")
    (repository / "b.py").write_text("eval(untouched)\n")
    git("add", ".")
    git("commit", "-qm", "one")
    base = git("rev-parse", "HEAD")
    (repository / "a.py").write_text("eval(old)\nexec(new)\n")
    git("commit", "-qam", "two")
    worktree = GitWorktree(Sources([tmp_path / "roots"]), tmp_path / "place")
    given = {"repository": str(repository), "base": base, "analysis_type": "security"}
    result = await analysis(given, worktree=worktree)
    places = {(each["place"]["uri"], each["place"]["start_line"]) for each in result["analysis"]["findings"]}
    assert places == {("a.py", 2)}
    assert [each["uri"] for each in result["analysis"]["documents"]] == ["a.py"]
    assert result["analysis"]["metrics"]["base"] == base
