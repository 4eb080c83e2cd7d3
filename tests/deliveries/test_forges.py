"""Every forge's words become the one event."""

import pytest

from bridge.deliveries.deriving import derived
from bridge.deliveries.forges import Event, delivery_id, kind, normalise
from bridge.deliveries.matching import lane, refusal

from . import payloads as p

PUSHES = [
    ("github", "push", p.GITHUB_PUSH),
    ("gitea", "push", p.GITHUB_PUSH),
    ("forgejo", "push", p.GITHUB_PUSH),
    ("gitlab", "Push Hook", p.GITLAB_PUSH),
]


@pytest.mark.parametrize(("forge", "named", "raw"), PUSHES, ids=[each[0] for each in PUSHES])
def test_a_push_reads_the_same_from_every_forge(forge, named, raw):
    (event,) = normalise(forge, named, raw)
    assert event.type == "git_push"
    wanted = {"ref": "refs/heads/feature", "branch": "feature", "before": p.OLD, "after": p.SHA, "forced": False}
    assert event.data == {**wanted, "actor": "ada", "repository": p.REPOSITORY, "files": p.FILES}


def test_a_push_of_bitbucket_names_no_files():
    (event,) = normalise("bitbucket", "repo:push", p.BITBUCKET_PUSH)
    assert (event.type, event.data["branch"], event.data["after"]) == ("git_push", "feature", p.SHA)
    assert "files" not in event.data or event.data["files"] == []


REQUESTS = [
    ("github", "pull_request", p.GITHUB_PULL_REQUEST),
    ("gitlab", "Merge Request Hook", p.GITLAB_MERGE_REQUEST),
    ("bitbucket", "pullrequest:created", p.BITBUCKET_PULL_REQUEST),
]


@pytest.mark.parametrize(("forge", "named", "raw"), REQUESTS, ids=[each[0] for each in REQUESTS])
def test_a_pull_request_reads_the_same_from_every_forge(forge, named, raw):
    (event,) = normalise(forge, named, raw)
    told = event.data["pull_request"]
    assert event.type == "pull_request"
    assert (told["action"], told["number"], told["base"], told["head"]) == ("opened", 7, "main", "feature")
    assert event.data["after"] == p.SHA


def test_tags_and_releases_are_one_kind_of_event():
    (release,) = normalise("github", "release", p.GITHUB_RELEASE)
    (tag,) = normalise("gitlab", "Tag Push Hook", p.GITLAB_TAG)
    assert {release.type, tag.type} == {"release_tag"}
    assert (release.data["release"]["tag"], tag.data["release"]["tag"]) == ("v1.2.0", "v1.2.0")


@pytest.mark.parametrize(
    "raw",
    [
        {**p.GITHUB_PUSH, "deleted": True, "after": p.ZEROS, "head_commit": None},
        {"zen": "Keep it logically awesome."},
        {**p.GITHUB_PUSH, "ref": None},
        {"commits": "not a list", "ref": [], "after": []},
    ],
)
def test_what_is_odd_is_no_event_and_no_crash(raw):
    assert [event.type for event in normalise("github", "push", raw)] == []
    assert normalise("github", "ping", raw) == []


def test_the_deletion_of_a_branch_starts_nothing():
    assert normalise("github", "push", {**p.GITHUB_PUSH, "deleted": True, "after": p.ZEROS}) == []


def test_a_first_push_has_no_revision_before():
    (event,) = normalise("github", "push", {**p.GITHUB_PUSH, "before": p.ZEROS})
    assert "before" not in event.data


def test_a_firing_alert_is_an_event_and_a_resolved_one_is_none():
    (event,) = normalise("alertmanager", "", p.ALERT)
    assert event.data["alert"]["commonLabels"] == {"alertname": "Down"}
    assert normalise("alertmanager", "", {**p.ALERT, "status": "resolved"}) == []


def test_the_forges_own_delivery_ids_are_used_and_a_digest_where_there_is_none():
    assert delivery_id("github", {"X-GitHub-Delivery": "d1"}, b"x") == "d1"
    assert delivery_id("gitlab", {"X-Gitlab-Event-UUID": "u"}, b"x") != delivery_id(
        "gitlab", {"X-Gitlab-Event-UUID": "u"}, b"y"
    )
    assert len(delivery_id("alertmanager", {}, b"x")) == 64
    assert kind("bitbucket", {"X-Event-Key": "repo:push"}) == "repo:push"


def test_a_push_to_an_api_or_a_schema_is_that_change_too():
    files = [{"path": "api/openapi.yaml", "status": "modified"}, {"path": "db/migrations/1.sql", "status": "added"}]
    push = Event("git_push", {"files": files, "before": p.OLD, "after": p.SHA})
    found = {each.type: each.data["change"] for each in derived(push)}
    assert set(found) == {"api_change", "schema_change"}
    assert found["schema_change"] == {"from": p.OLD, "to": p.SHA, "changes": [files[1]]}
    assert list(derived(Event("git_push", {"files": [{"path": "README.md"}]}))) == []


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({}, ""),
        ({"branches": ["feature", "main"]}, ""),
        ({"branches": "release/*"}, "branches: 'feature' is not among release/*"),
        ({"repositories": ["octo/*"]}, ""),
        ({"authors": ["bob"]}, "authors: 'ada' is not among bob"),
        ({"paths": ["src/**"]}, ""),
        ({"paths": ["docs/**"]}, "paths: none of 3 changed files matches docs/**"),
        ({"hooks": ["other"]}, "hooks: 'main' is not among other"),
    ],
)
def test_a_trigger_says_why_an_event_does_not_concern_it(config, why):
    (event,) = normalise("github", "push", p.GITHUB_PUSH)
    assert refusal(event, config, "main") == why


def test_drafts_and_closed_pull_requests_start_nothing_unless_asked_for():
    (event,) = normalise("github", "pull_request", p.GITHUB_PULL_REQUEST)
    event.data["pull_request"]["draft"] = True
    assert refusal(event, {}, "h").startswith("drafts")
    assert refusal(event, {"drafts": True}, "h") == ""
    event.data["pull_request"]["action"] = "closed"
    assert refusal(event, {"drafts": True}, "h").startswith("actions")


def test_a_lane_is_a_branch_or_a_pull_request_and_a_release_has_none():
    (push,) = normalise("github", "push", p.GITHUB_PUSH)
    (tag,) = normalise("github", "release", p.GITHUB_RELEASE)
    assert lane(push, "w") == "w git_push octo/hello feature"
    assert lane(tag, "w") == ""
