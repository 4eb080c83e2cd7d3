"""Post a review to GitHub or GitLab: the summary edited in place, each inline comment once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bridge.authoring import Fetcher, Target, Unusable, UpstreamFailed, one_line
from bridge.steps.report_generation.reviewing import MARKER, Comment, Lines, for_github, for_gitlab, lines_of, marker_of

_MOST_PAGES = 10


@dataclass(frozen=True)
class Forge:
    """One pull or merge request of one repository, through one configured target."""

    fetcher: Fetcher
    target: Target
    repository: str
    number: int

    @property
    def kind(self) -> str:
        """``github`` or ``gitlab``: the target's option ``type``, else by its address."""
        named = self.target.options.get("type", "")
        kind = named or ("gitlab" if "gitlab" in self.target.url else "github")
        if kind not in ("github", "gitlab"):
            raise Unusable(
                f"The target {self.target.name} has type '{one_line(kind, 40)}'; a review needs github or gitlab."
            )
        return kind

    @property
    def root(self) -> str:
        """The request's own path."""
        if self.kind == "gitlab":
            return f"/projects/{quote(self.repository, safe='')}/merge_requests/{self.number}"
        return f"/repos/{quote(self.repository, safe='/')}"

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the forge and return its JSON; raise `UpstreamFailed` with its own words."""
        sent = json.dumps(body).encode() if body is not None else None
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "n8n-multimodal-bridge",
        }
        answer = await self.fetcher.call(
            self.target, path, method=method, headers=headers, body=sent, max_bytes=20_000_000
        )
        try:
            said = json.loads(answer.body) if answer.body else None
        except ValueError:
            said = None
        if not 200 <= answer.status < 300:
            words = said.get("message") if isinstance(said, dict) else ""
            raise UpstreamFailed(
                f"{self.target.name} answered {answer.status} to {method} {path}: {one_line(words, 300)}"
            )
        return said

    async def listed(self, path: str) -> list[Mapping[str, Any]]:
        """All entries of a list, page by page."""
        found: list[Mapping[str, Any]] = []
        for page in range(1, _MOST_PAGES + 1):
            some = await self.call("GET", f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
            entries = some if isinstance(some, list) else []
            found += [each for each in entries if isinstance(each, dict)]
            if len(entries) < 100:
                break
        return found


async def diff_of(forge: Forge) -> Lines:
    """The lines the request's diff shows, as the forge tells them."""
    if forge.kind == "github":
        files = await forge.listed(f"{forge.root}/pulls/{forge.number}/files")
        named = [
            (each.get("previous_filename") or each.get("filename"), each.get("filename"), each.get("patch"))
            for each in files
        ]
    else:
        files = await forge.listed(f"{forge.root}/diffs")
        named = [(each.get("old_path"), each.get("new_path"), each.get("diff")) for each in files]
    return lines_of(
        "".join(f"--- a/{old}\n+++ b/{new}\n{str(patch).rstrip(chr(10))}\n" for old, new, patch in named if patch)
    )


async def post(forge: Forge, body: str, found: Sequence[Comment], commit: str) -> dict[str, Any]:
    """Post what is not there yet and return what was done."""
    return await (_to_github if forge.kind == "github" else _to_gitlab)(forge, body, found, commit)


async def _to_github(forge: Forge, body: str, found: Sequence[Comment], commit: str) -> dict[str, Any]:
    known = await forge.listed(f"{forge.root}/issues/{forge.number}/comments")
    old = next((each for each in known if str(each.get("body")).startswith(MARKER)), None)
    if old:
        said = await forge.call("PATCH", f"{forge.root}/issues/comments/{int(old['id'])}", {"body": body})
    else:
        said = await forge.call("POST", f"{forge.root}/issues/{forge.number}/comments", {"body": body})
    there = await forge.listed(f"{forge.root}/pulls/{forge.number}/comments")
    fresh = _fresh(found, [str(each.get("body")) for each in there])
    if fresh:
        await forge.call("POST", f"{forge.root}/pulls/{forge.number}/reviews", for_github(fresh, commit))
    return _posted(forge, str((said or {}).get("html_url", "")), old is not None, len(fresh))


async def _to_gitlab(forge: Forge, body: str, found: Sequence[Comment], commit: str) -> dict[str, Any]:  # noqa: ARG001
    notes = await forge.listed(f"{forge.root}/notes")
    old = next((each for each in notes if str(each.get("body")).startswith(MARKER)), None)
    if old:
        await forge.call("PUT", f"{forge.root}/notes/{int(old['id'])}", {"body": body})
    else:
        await forge.call("POST", f"{forge.root}/notes", {"body": body})
    request = await forge.call("GET", forge.root)
    refs = {key: str(value) for key, value in (request.get("diff_refs") or {}).items()}
    fresh = _fresh(found, [str(each.get("body")) for each in notes])
    for each in for_gitlab(fresh, refs):
        await forge.call("POST", f"{forge.root}/discussions", each)
    return _posted(forge, str(request.get("web_url", "")), old is not None, len(fresh))


def _fresh(found: Sequence[Comment], bodies: Sequence[str]) -> list[Comment]:
    return [each for each in found if not any(marker_of(each.fingerprint) in body for body in bodies)]


def _posted(forge: Forge, url: str, edited: bool, inline: int) -> dict[str, Any]:
    return {"forge": forge.kind, "target": forge.target.name, "url": url, "summary_edited": edited, "inline": inline}
