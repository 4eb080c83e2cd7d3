"""Each forge's words, laid out as the one event of contract 6: push, pull request, release, tag and alert."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Raw = Mapping[str, Any]
ZEROS = "0" * 40


@dataclass(frozen=True)
class Event:
    """One event: its type and contract 6's ``data`` without id and claim."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)


def delivery_id(forge: str, headers: Mapping[str, str], raw: bytes) -> str:
    """Return the forge's id of this delivery; the digest of the body where there is none."""
    lower = {name.lower(): value for name, value in headers.items()}
    digest = hashlib.sha256(raw).hexdigest()
    for name in IDS.get(forge, ()):
        if given := lower.get(name, "").strip()[:120]:
            # GitLab gives one id to several hooks of one event.
            return f"{given}:{digest[:16]}" if name == "x-gitlab-event-uuid" else given
    return digest


def kind(forge: str, headers: Mapping[str, str]) -> str:
    """Return the forge's own name of the event."""
    lower = {name.lower(): value for name, value in headers.items()}
    return next((lower[name][:80] for name in KINDS.get(forge, ()) if lower.get(name)), "")


def normalise(forge: str, named: str, raw: Raw) -> list[Event]:
    """Return what happened; an empty list when it concerns nobody here."""
    return [event for event in READERS[forge](named, raw) if event.type]


def _github(named: str, raw: Raw) -> Iterable[Event]:
    common = {"actor": _get(raw, "sender", "login"), "repository": _repository(raw.get("repository"))}
    if named == "push":
        yield _push(raw, common, _files(raw.get("commits")), forced=bool(raw.get("forced")))
    elif named == "pull_request":
        yield _pull_request(raw, common)
    elif named == "release" and raw.get("action") in ("published", "released"):
        release = _dict(raw, "release")
        told = {"tag": release.get("tag_name"), "name": release.get("name"), "prerelease": release.get("prerelease")}
        yield _event("release_tag", common, ref=f"refs/tags/{release.get('tag_name')}", release=_clean(told))


def _gitlab(named: str, raw: Raw) -> Iterable[Event]:
    project = _dict(raw, "project")
    repository = {
        "full_name": project.get("path_with_namespace"),
        "clone_url": project.get("git_http_url"),
        "default_branch": project.get("default_branch"),
    }
    actor = raw.get("user_username") or _get(raw, "user", "username") or raw.get("user_name")
    common = {"actor": actor, "repository": _clean(repository)}
    if named in ("Push Hook", "Tag Push Hook"):
        yield _push(raw, common, _files(raw.get("commits")))
    elif named == "Merge Request Hook":
        about = _dict(raw, "object_attributes")
        words = {"open": "opened", "reopen": "reopened", "update": "synchronize", "close": "closed", "merge": "closed"}
        request = {
            "action": words.get(str(about.get("action")), about.get("action")),
            "number": about.get("iid"),
            "title": about.get("title"),
            "draft": bool(about.get("draft") or about.get("work_in_progress")),
            "base": about.get("target_branch"),
            "head": about.get("source_branch"),
            "url": about.get("url"),
        }
        after = _get(about, "last_commit", "id")
        yield _event("pull_request", common, branch=request["head"], after=after, pull_request=_clean(request))
    elif named == "Release Hook" and raw.get("action") == "create":
        told = {"tag": raw.get("tag"), "name": raw.get("name"), "prerelease": False}
        yield _event("release_tag", common, ref=f"refs/tags/{raw.get('tag')}", release=_clean(told))


def _bitbucket(named: str, raw: Raw) -> Iterable[Event]:
    found = _dict(raw, "repository")
    clone = _get(found, "links", "html", "href")
    repository = {"full_name": found.get("full_name"), "clone_url": clone}
    common = {
        "actor": _get(raw, "actor", "nickname") or _get(raw, "actor", "display_name"),
        "repository": _clean({**repository, "default_branch": _get(found, "mainbranch", "name")}),
    }
    if named == "repo:push":
        for change in _get(raw, "push", "changes") or ():
            yield _bitbucket_change(change, common)
    elif named.startswith("pullrequest:"):
        words = {"created": "opened", "updated": "synchronize", "fulfilled": "closed", "rejected": "closed"}
        about, action = _dict(raw, "pullrequest"), named.partition(":")[2]
        request = {
            "action": words.get(action, action),
            "number": about.get("id"),
            "title": about.get("title"),
            "draft": bool(about.get("draft")),
            "base": _get(about, "destination", "branch", "name"),
            "head": _get(about, "source", "branch", "name"),
            "url": _get(about, "links", "html", "href"),
        }
        after = _get(about, "source", "commit", "hash")
        yield _event("pull_request", common, branch=request["head"], after=after, pull_request=_clean(request))


def _bitbucket_change(change: Raw, common: Raw) -> Event:
    new, old = _dict(change, "new"), _dict(change, "old")
    whole = new or old
    prefix = "refs/tags/" if whole.get("type") == "tag" else "refs/heads/"
    raw = {
        "ref": f"{prefix}{whole.get('name')}",
        "before": _get(old, "target", "hash") or ZEROS,
        "after": _get(new, "target", "hash") or ZEROS,
        "deleted": bool(change.get("closed")),
    }
    return _push(raw, common, [], forced=bool(change.get("forced")))


def _generic(named: str, raw: Raw) -> Iterable[Event]:
    """Our own words: what a git hook or a script of one's own sends is the event already."""
    given = {key: raw[key] for key in OWN if key in raw}
    wanted = str(raw.get("type") or named or "git_push")
    if wanted == "git_push":
        yield _push(raw, given, list(raw.get("files") or ()), forced=bool(raw.get("forced")))
    elif wanted in ("pull_request", "release_tag", "api_change", "schema_change", "alert", "manual"):
        yield Event(wanted, _clean(given))


def _alertmanager(named: str, raw: Raw) -> Iterable[Event]:  # noqa: ARG001
    if raw.get("status") == "firing" and raw.get("alerts"):
        alert = {key: raw[key] for key in ("status", "groupKey", "commonLabels", "commonAnnotations") if key in raw}
        yield Event("alert", {"alert": {**alert, "alerts": list(raw["alerts"])[:100]}})


def _push(raw: Raw, common: Raw, files: list[Any], *, forced: bool = False) -> Event:
    ref, after = str(raw.get("ref") or ""), str(raw.get("after") or "")
    if raw.get("deleted") or after == ZEROS or not ref:
        return Event("")
    before = str(raw.get("before") or "")
    shown: dict[str, Any] = {"ref": ref, "after": after, "forced": forced}
    if before and before != ZEROS:
        shown["before"] = before
    if ref.startswith("refs/tags/"):
        tag = ref.removeprefix("refs/tags/")
        return _event("release_tag", common, **shown, release={"tag": tag, "name": tag, "prerelease": "-" in tag})
    return _event("git_push", common, **shown, branch=ref.removeprefix("refs/heads/"), files=files)


def _pull_request(raw: Raw, common: Raw) -> Event:
    about = _dict(raw, "pull_request")
    action = str(raw.get("action") or "")
    if action not in ("opened", "reopened", "synchronize", "synchronized", "ready_for_review", "closed"):
        return Event("")
    request = {
        "action": "synchronize" if action == "synchronized" else action,
        "number": about.get("number") or raw.get("number"),
        "title": about.get("title"),
        "draft": bool(about.get("draft")),
        "base": _get(about, "base", "ref"),
        "head": _get(about, "head", "ref"),
        "url": about.get("html_url"),
    }
    shas = {"before": _get(about, "base", "sha"), "after": _get(about, "head", "sha")}
    return _event("pull_request", common, **shas, branch=request["head"], pull_request=_clean(request))


def _files(commits: Any) -> list[dict[str, str]]:
    """Lay out what the commits touched, last word wins; forges cut long lists, so that it may be incomplete."""
    found: dict[str, str] = {}
    for commit in commits if isinstance(commits, list) else ():
        for word, status in (("added", "added"), ("modified", "modified"), ("removed", "removed")):
            for path in _paths(commit, word):
                known = found.get(str(path))
                found[str(path)] = "added" if known == "added" and status == "modified" else status
    return [{"path": path, "status": status} for path, status in found.items()]


def _paths(commit: Any, word: str) -> list[Any]:
    found = commit.get(word) if isinstance(commit, Mapping) else None
    return found if isinstance(found, list) else []


def _repository(found: Any) -> dict[str, Any]:
    raw = found if isinstance(found, Mapping) else {}
    return _clean({key: raw.get(key) for key in ("full_name", "clone_url", "default_branch")})


def _event(kind: str, common: Raw, **more: Any) -> Event:
    return Event(kind, _clean({**common, **more}))


def _clean(given: Raw) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None and value not in ("", {})}


def _dict(raw: Raw, key: str) -> Raw:
    found = raw.get(key)
    return found if isinstance(found, Mapping) else {}


def _get(raw: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(raw, Mapping):
            return None
        raw = raw.get(key)
    return raw


OWN = (
    "actor", "repository", "ref", "branch", "before", "after", "forced", "files", "pull_request", "release", "alert",
    "change", "input",
)  # fmt: skip
READERS: Mapping[str, Callable[[str, Raw], Iterable[Event]]] = {
    "github": _github,
    "gitea": _github,
    "forgejo": _github,
    "gitlab": _gitlab,
    "bitbucket": _bitbucket,
    "generic": _generic,
    "alertmanager": _alertmanager,
}
IDS: Mapping[str, tuple[str, ...]] = {
    "github": ("x-github-delivery",),
    "gitea": ("x-gitea-delivery",),
    "forgejo": ("x-forgejo-delivery", "x-gitea-delivery"),
    "gitlab": ("idempotency-key", "x-gitlab-event-uuid"),
    "bitbucket": ("x-request-uuid",),
    "generic": ("webhook-id", "x-delivery-id"),
}
KINDS: Mapping[str, tuple[str, ...]] = {
    "github": ("x-github-event",),
    "gitea": ("x-gitea-event", "x-github-event"),
    "forgejo": ("x-forgejo-event", "x-gitea-event", "x-github-event"),
    "gitlab": ("x-gitlab-event",),
    "bitbucket": ("x-event-key",),
    "generic": ("x-event",),
}
