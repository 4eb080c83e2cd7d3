"""The documented payloads of the forges, cut to what a reader of them may rely on."""

SHA, OLD, ZEROS = "a" * 40, "b" * 40, "0" * 40
COMMITS = [
    {"added": ["src/new.py"], "modified": ["README.md"], "removed": []},
    {"added": [], "modified": ["src/new.py"], "removed": ["old.txt"]},
]
FILES = [
    {"path": "src/new.py", "status": "added"},
    {"path": "README.md", "status": "modified"},
    {"path": "old.txt", "status": "removed"},
]
REPOSITORY = {
    "full_name": "octo/hello", "clone_url": "https://example.invalid/octo/hello.git", "default_branch": "main"
}  # fmt: skip
GITHUB_PUSH = {
    "ref": "refs/heads/feature", "before": OLD, "after": SHA, "forced": False, "deleted": False,
    "repository": REPOSITORY, "sender": {"login": "ada"}, "commits": COMMITS, "head_commit": {"id": SHA},
}  # fmt: skip
GITHUB_PULL_REQUEST = {
    "action": "opened", "number": 7, "sender": {"login": "ada"}, "repository": REPOSITORY,
    "pull_request": {
        "number": 7, "title": "Greet", "draft": False, "html_url": "https://example.invalid/octo/hello/pull/7",
        "base": {"ref": "main", "sha": OLD}, "head": {"ref": "feature", "sha": SHA},
    },
}  # fmt: skip
GITHUB_RELEASE = {
    "action": "published", "repository": REPOSITORY, "sender": {"login": "ada"},
    "release": {"tag_name": "v1.2.0", "name": "Better", "prerelease": False},
}  # fmt: skip
GITLAB_PROJECT = {
    "path_with_namespace": "octo/hello", "git_http_url": REPOSITORY["clone_url"], "default_branch": "main"
}  # fmt: skip
GITLAB_PUSH = {
    "object_kind": "push", "ref": "refs/heads/feature", "before": OLD, "after": SHA, "user_username": "ada",
    "project": GITLAB_PROJECT, "commits": COMMITS, "total_commits_count": 2,
}  # fmt: skip
GITLAB_MERGE_REQUEST = {
    "object_kind": "merge_request", "user": {"username": "ada"}, "project": GITLAB_PROJECT,
    "object_attributes": {
        "iid": 7, "action": "open", "title": "Greet", "draft": False, "target_branch": "main",
        "source_branch": "feature", "url": "https://example.invalid/octo/hello/-/merge_requests/7",
        "last_commit": {"id": SHA},
    },
}  # fmt: skip
GITLAB_TAG = {**GITLAB_PUSH, "object_kind": "tag_push", "ref": "refs/tags/v1.2.0", "before": ZEROS, "commits": []}
BITBUCKET_REPOSITORY = {
    "full_name": "octo/hello", "links": {"html": {"href": REPOSITORY["clone_url"]}}, "mainbranch": {"name": "main"}
}  # fmt: skip
BITBUCKET_PUSH = {
    "actor": {"nickname": "ada"}, "repository": BITBUCKET_REPOSITORY,
    "push": {
        "changes": [
            {
                "new": {"type": "branch", "name": "feature", "target": {"hash": SHA}},
                "old": {"type": "branch", "name": "feature", "target": {"hash": OLD}},
                "forced": False, "closed": False,
            }
        ]
    },
}  # fmt: skip
BITBUCKET_PULL_REQUEST = {
    "actor": {"nickname": "ada"}, "repository": BITBUCKET_REPOSITORY,
    "pullrequest": {
        "id": 7, "title": "Greet", "links": {"html": {"href": "https://example.invalid/octo/hello/pull/7"}},
        "source": {"branch": {"name": "feature"}, "commit": {"hash": SHA}}, "destination": {"branch": {"name": "main"}},
    },
}  # fmt: skip
ALERT = {
    "version": "4", "groupKey": '{}:{alertname="Down"}', "status": "firing", "commonLabels": {"alertname": "Down"},
    "alerts": [{"status": "firing", "labels": {"alertname": "Down"}, "startsAt": "2030-01-01T00:00:00Z"}],
}  # fmt: skip
