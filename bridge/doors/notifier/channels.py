"""Read the channels of bridge.toml; addresses with their secrets come from environment variables by name."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apprise import Apprise

from bridge.doors.notifier import Channel
from bridge.problems import BadSetting, Issue, Unusable

EDITING = frozenset({"slack+bot", "discord+webhook", "mattermost+bot"})
HOW = (
    'Add a table such as [channels.slack] with url_env = "SLACK_CHANNEL_URL" to bridge.toml and put the '
    "address (slack://..., mailto://..., json://... as Apprise knows them) into that environment variable."
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_OWN = re.compile(r"(?P<kind>slack\+bot|discord\+webhook|mattermost\+bot)\+(?P<url>https?://\S+)")


@dataclass(frozen=True)
class Configured:
    """One channel with its address, which never leaves the door."""

    name: str
    kind: str
    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    room: str = ""

    @property
    def public(self) -> Channel:
        """What may be told about the channel."""
        return Channel(self.name, self.kind, self.kind in EDITING)


def read_channels(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, Configured]:
    """Return the channels of *path* by name; raise `BadSetting` with every fault."""
    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("channels", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"{path} cannot be read as TOML: {error}.") from error
    issues: list[Issue] = []
    variables = os.environ if environ is None else environ
    made = [_channel(name, table, variables, issues) for name, table in dict(tables).items()]
    if issues:
        listed = "; ".join(f"{each.where}: {each.message}" for each in issues)
        raise BadSetting(f"{path} has channels that cannot be used: {listed}.", issues=issues)
    return {each.name: each for each in made if each}


def _channel(name: str, table: Any, environ: Mapping[str, str], issues: list[Issue]) -> Configured | None:
    where = f"channels.{name}"
    if not isinstance(table, dict) or not _NAME.fullmatch(name):
        issues.append(Issue("table", where, "must be a table with a plain name"))
        return None
    issues.extend(
        Issue("key", f"{where}.{key}", "is not known; known are url_env, token_env, room")
        for key in sorted(table.keys() - {"url_env", "token_env", "room"})
    )
    found = {key: environ.get(str(table[key]), "") for key in ("url_env", "token_env") if key in table}
    issues.extend(
        Issue("environment", f"{where}.{key}", f"the environment variable {table[key]} is not set")
        for key, value in found.items()
        if not value
    )
    if "url_env" not in table:
        issues.append(Issue("url_env", where, "url_env is missing: the name of the variable with the address"))
    if not found.get("url_env"):
        return None
    return configured(name, found["url_env"], found.get("token_env", ""), str(table.get("room", "")), issues)


def configured(name: str, url: str, token: str, room: str, issues: list[Issue]) -> Configured | None:
    """Return one channel, or note why its address cannot be used (without repeating it)."""
    if own := _OWN.fullmatch(url):
        return Configured(name, own["kind"], own["url"].rstrip("/"), token, room)
    service = Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        issues.append(Issue("url", f"channels.{name}.url_env", "holds no address that a channel has"))
        return None
    return Configured(name, str(service.service_name), url)


def unknown(name: str, known: Mapping[str, Configured]) -> Unusable:
    """The problem of a channel nobody configured."""
    have = f"Configured: {', '.join(sorted(known))}." if known else "None is configured."
    return Unusable(f"There is no channel named '{name[:80]}'. {have} {HOW}")
