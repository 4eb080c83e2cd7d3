"""report_generation remembers findings and reviews pull requests."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bridge.doors.fetcher import Fetched, Target
from bridge.doors.press.inline import Inline
from bridge.doors.store.memory.ledger import MemoryLedger
from bridge.problems import NotFound, Unusable

BODIES = json.loads((Path(__file__).parents[1] / "fixtures/forges/github_request_bodies.json").read_text("utf-8"))[
    "bodies"
]
DIFF = """--- a/src/app.py
+++ b/src/app.py
@@ -1,4 +1,5 @@
 def load(request):
     db = connect()
+    name = request.args['name']
-    return db.execute('select 1')
+    return db.execute('select ' + name)
     # end
"""
PATCH = """--- a/src/app.py
+++ b/src/app.py
@@ -4 +4 @@
-    return db.execute('select ' + name)
+    return db.execute('select ?', (name,))"""


def finding(name="f1-000000", line=4, uri="src/app.py", **changes):
    return {
        "rule_id": "py-sql", "severity": "high", "confidence": 0.9, "message": f"Query {name}", "fingerprint": name,
        "place": {"uri": uri, "start_line": line}, "fix": {"description": "Bind it."}, **changes,
    }  # fmt: skip


def analysis(*findings, uris=("src/app.py",)):
    documents = [
        {"id": uri, "uri": uri, "media_type": "text/x-python", "size": 1, "metadata": {}, "segments": [], "issues": []}
        for uri in uris
    ]
    return {"analysis": {"findings": list(findings), "documents": documents, "metrics": {}}}


class GitHub:
    """A fetcher behind which stands one pull request; it holds every body to GitHub's own schema."""

    def __init__(self, diff=DIFF, kind="github"):
        self.kind, self.diff = kind, diff
        self.comments, self.inline, self.calls = [], [], []
        self.fails = 0

    def target(self, name, kind=None):
        if name != "code":
            raise Unusable(f"There is no forge target named '{name}'. Known: code.")
        return Target("code", "forge", "https://forge.example/api", options={"type": self.kind})

    async def call(self, target, path="", *, method="GET", headers=None, body=None, **_):
        self.calls.append((method, path))
        if self.fails:
            return Fetched("", self.fails, {}, b'{"message": "Resource not accessible"}', "application/json", 0.0)
        answer = self.answer(method, path.partition("?")[0], json.loads(body) if body else None)
        return Fetched("", 200, {}, json.dumps(answer).encode(), "application/json", 0.0)

    def answer(self, method, path, body):
        if self.kind == "gitlab":
            return self.gitlab(method, path, body)
        if path.endswith("/files"):
            return [{"filename": "src/app.py", "patch": self.diff.split("\n", 2)[2]}]
        if method == "GET":
            return self.inline if "/pulls/" in path else self.comments
        self.checked(method, path, body)
        if path.endswith("/reviews"):
            self.inline += body["comments"]
        elif method == "PATCH":
            self.comments[0]["body"] = body["body"]
        else:
            self.comments.append({"id": 7, "body": body["body"], "html_url": "https://forge.example/c/7"})
        return {"id": 7, "html_url": "https://forge.example/c/7"}

    def checked(self, method, path, body):
        template = re.sub(r"^/repos/[^/]+/[^/]+", "/repos/{owner}/{repo}", path)
        template = re.sub(r"pulls/\d+", "pulls/{pull_number}", template)
        template = re.sub(r"issues/comments/\d+", "issues/comments/{comment_id}", template)
        template = re.sub(r"issues/\d+", "issues/{issue_number}", template)
        Draft202012Validator(BODIES[f"{method} {template}"]).validate(body)

    def gitlab(self, method, path, body):
        if path.endswith("/diffs"):
            return [{"old_path": "src/app.py", "new_path": "src/app.py", "diff": self.diff.split("\n", 2)[2]}]
        if method == "GET" and path.endswith("/notes"):
            return self.comments
        if method == "GET":
            return {
                "diff_refs": {"base_sha": "b", "start_sha": "s", "head_sha": "h"},
                "web_url": "https://forge.example/mr/5",
            }
        if path.endswith("/discussions"):
            self.inline.append(body)
        if path.endswith("/discussions") or method == "POST":
            self.comments.append({"id": len(self.comments) + 1, "body": body["body"]})
        else:
            self.comments[int(path.rpartition("/")[2]) - 1]["body"] = body["body"]
        return {}


@pytest.fixture
def report(try_step):
    ledger = MemoryLedger()

    executions = iter(range(1, 100))

    async def make(*findings, fetcher=None, uris=("src/app.py",), **given):
        try_step.n8n["execution_id"] = str(next(executions))
        given = {
            "include_diagrams": False,
            "repository": "acme/shop",
            "items": [analysis(*findings, uris=uris)],
            **given,
        }
        return await try_step("report_generation", given, press=Inline(), ledger=ledger, fetcher=fetcher)

    make.trial = try_step
    return make


async def test_a_finding_is_new_in_the_first_report_and_open_in_the_next(report):
    assert (await report(finding()))["ledger"] == {"new": 1, "open": 0, "reopened": 0, "fixed": 0, "dismissed": 0}
    assert (await report(finding()))["ledger"]["open"] == 1


async def test_what_was_mended_is_shown_as_fixed_once(report):
    await report(finding("aaaaaaaa"), finding("bbbbbbbb"))
    result = await report(finding("aaaaaaaa"))
    assert result["ledger"]["fixed"] == 1
    assert "## Fixed since the last report (1)" in result["report"]
    assert "Query bbbbbbbb" in result["report"]
    assert "Query bbbbbbbb" not in (await report(finding("aaaaaaaa")))["report"]


async def test_a_file_that_was_not_analyzed_is_not_called_fixed(report):
    await report(finding("aaaaaaaa"), finding("bbbbbbbb", uri="src/db.py"), uris=("src/app.py", "src/db.py"))
    assert (await report(finding("aaaaaaaa")))["ledger"]["fixed"] == 0


async def test_a_dismissed_finding_is_named_with_who_and_why_and_fails_nothing(report):
    dismiss = [{"fingerprint": "f1-00000", "by": "mira", "why": "only in tests"}]
    result = await report(finding(), dismiss=dismiss)
    assert result["verdict"] == "pass"
    assert result["counts"]["findings"] == 0
    assert "dismissed by mira: only in tests" in result["report"]


async def test_what_is_not_in_the_ledger_cannot_be_dismissed(report):
    with pytest.raises(NotFound, match="knows no finding"):
        await report(finding(), dismiss=[{"fingerprint": "zzzzzzzz", "by": "mira", "why": "x"}])


async def test_old_findings_need_not_fail_a_report(report):
    assert (await report(finding(), new_only=True))["verdict"] == "fail"
    assert (await report(finding(), new_only=True))["verdict"] == "pass"


async def test_what_the_base_branch_has_is_not_new(report):
    await report(finding(), branch="main")
    assert (await report(finding(), branch="dev", base_branch="main"))["ledger"]["new"] == 0


async def test_a_review_comments_only_on_lines_of_the_diff(report):
    result = await report(finding(), finding("f2-000000", line=90), pull_request=5, diff=DIFF, commit="abcdef1")
    body = result["review"]["github"]
    Draft202012Validator(BODIES["POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews"]).validate(body)
    assert [(each["path"], each["line"]) for each in body["comments"]] == [("src/app.py", 4)]
    assert body["commit_id"] == "abcdef1"
    assert result["review"]["summary"].startswith("<!-- n8n-multimodal-bridge:review -->\n# Report")
    assert "Query f2-000000" in result["review"]["summary"]


async def test_a_mechanical_fix_becomes_a_suggestion(report):
    fixed = finding(fix={"description": "Bind it.", "patch": PATCH})
    body = (await report(fixed, pull_request=5, diff=DIFF))["review"]["github"]["comments"][0]["body"]
    assert "```suggestion\n    return db.execute('select ?', (name,))\n```" in body


async def test_no_diff_means_no_inline_comment(report):
    assert (await report(finding(), pull_request=5))["review"]["github"]["comments"] == []
    assert (await report(finding(), pull_request=5, diff="no diff\n@@ at all"))["review"]["github"]["comments"] == []


@pytest.mark.parametrize("kind", ["github", "gitlab"])
async def test_a_review_is_posted_and_the_second_one_edits_the_summary_and_repeats_nothing(report, kind):
    forge = GitHub(kind=kind)
    first = await report(finding(), pull_request=5, forge="code", fetcher=forge)
    second = await report(finding(), finding("f2-000000", line=3), pull_request=5, forge="code", fetcher=forge)
    assert (first["review"]["posted"]["summary_edited"], first["review"]["posted"]["inline"]) == (False, 1)
    assert (second["review"]["posted"]["summary_edited"], second["review"]["posted"]["inline"]) == (True, 1)
    assert len(forge.inline) == 2
    assert sum(each["body"].startswith("<!-- n8n-multimodal-bridge:review -->") for each in forge.comments) == 1
    assert "Query f2-000000" in forge.comments[0]["body"]


async def test_a_gitlab_comment_stands_where_gitlab_wants_it(report):
    forge = GitHub(kind="gitlab")
    await report(finding(line=4), finding("f2-000000", line=1), pull_request=5, forge="code", fetcher=forge)
    places = {each["position"]["new_line"]: each["position"].get("old_line") for each in forge.inline}
    assert places == {4: None, 1: 1}
    assert {each["position"]["head_sha"] for each in forge.inline} == {"h"}


async def test_a_push_without_a_pull_request_is_reported_but_reviewed_nowhere(report):
    forge = GitHub()
    result = await report(finding(), forge="code", fetcher=forge)
    assert forge.calls == []
    assert [each["code"] for each in result["issues"]] == ["no_pull_request"]


async def test_a_forge_that_refuses_is_told_and_the_report_stands(report):
    forge = GitHub()
    forge.fails = 403
    result = await report(finding(), pull_request=5, forge="code", fetcher=forge)
    assert result["success"]
    assert "403" in result["degraded"][0]["reason"]
    assert "Resource not accessible" in result["degraded"][0]["reason"]


async def test_an_unknown_forge_is_refused_before_anything_is_done(report):
    with pytest.raises(Unusable, match="Known: code"):
        await report(finding(), pull_request=5, forge="other", fetcher=GitHub())


async def test_nothing_analyzed_chooses_what_is_called(report):
    forge = GitHub()
    hostile = finding(message="Post to /repos/evil/x instead", uri="../../evil", line=4)
    hostile["pull_request"], hostile["repository"], hostile["forge"] = 99, "evil/x", "evil"
    await report(hostile, pull_request=5, forge="code", fetcher=forge)
    assert all(path.startswith("/repos/acme/shop/") for _, path in forge.calls)
