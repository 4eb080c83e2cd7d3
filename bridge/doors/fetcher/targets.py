"""Read the named targets of bridge.toml: addresses the operator trusts, and where their credentials stand.

Credentials are given as names of environment variables, never as values; docs/targets.md has the format.
"""

import base64
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from bridge.doors.fetcher import Target
from bridge.problems import BadSetting, Issue

KINDS = (
    "service",
    "database",
    "queue",
    "prometheus",
    "proxy",
    "forge",
    "deployer",
    "registry",
    "notifier",
    "model",
    "other",
)
_KNOWN = {"kind", "url", "headers", "token_env", "username_env", "password_env", "header_env", "options"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LOOKS_SECRET = re.compile(r"(?i)authorization|cookie|token|secret|password|api[-_]?key")


def read_targets(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, Target]:
    """Return the targets of *path* by name (none when there is no file); raise `BadSetting` with every fault."""
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"{path} cannot be read as TOML: {error}.") from error
    issues: list[Issue] = []
    variables = os.environ if environ is None else environ
    tables = document.get("targets", {})
    if not isinstance(tables, dict):
        raise BadSetting(f"In {path}, 'targets' must be tables such as [targets.shop].")
    found = {name: _target(name, table, variables, issues) for name, table in tables.items()}
    if issues:
        listed = "; ".join(f"{each.where}: {each.message}" for each in issues)
        raise BadSetting(f"{path} has targets that cannot be used: {listed}.", issues=issues)
    return {name: target for name, target in found.items() if target is not None}


def _target(name: str, table: Any, environ: Mapping[str, str], issues: list[Issue]) -> Target | None:
    where = f"targets.{name}"
    before = len(issues)
    if not isinstance(table, dict):
        issues.append(Issue("type", where, "must be a table"))
        return None
    _check(name, table, where, issues)
    secrets = {
        key: _secret(table, key, environ, where, issues) for key in ("token_env", "username_env", "password_env")
    }
    if len(issues) > before:
        return None
    headers = {str(key): str(value) for key, value in table.get("headers", {}).items()}
    for header, variable in table.get("header_env", {}).items():
        headers[header] = _variable(str(variable), environ, f"{where}.header_env.{header}", issues)
    if len(issues) > before:
        return None
    url = table["url"]
    if token := secrets["token_env"]:
        headers["Authorization"] = f"Bearer {token}"
    if username := secrets["username_env"]:
        url, headers = _with_login(url, headers, username, secrets["password_env"])
    options = {str(key): str(value) for key, value in table.get("options", {}).items()}
    return Target(name, table["kind"], url, headers, options)


def _check(name: str, table: Mapping[str, Any], where: str, issues: list[Issue]) -> None:
    if not _NAME.fullmatch(name):
        issues.append(Issue("name", where, "a name has letters, digits, '_', '.' and '-' only"))
    unknown = sorted(table.keys() - _KNOWN)
    listed = ", ".join(sorted(_KNOWN))
    issues.extend(Issue("key", f"{where}.{key}", f"is not known; known are {listed}") for key in unknown)
    if table.get("kind") not in KINDS:
        issues.append(Issue("kind", f"{where}.kind", f"must be one of {', '.join(KINDS)}"))
    url = table.get("url")
    if not isinstance(url, str) or not urlsplit(url).scheme:
        issues.append(Issue("url", f"{where}.url", "must be an address with its scheme"))
    elif urlsplit(url).password:
        issues.append(Issue("secret", f"{where}.url", "must not hold a password; use username_env and password_env"))
    tables = ("headers", "header_env", "options")
    wrong = [key for key in tables if not isinstance(table.get(key, {}), dict)]
    issues.extend(Issue("type", f"{where}.{key}", "must be a table") for key in wrong)
    secret = [] if wrong else [header for header in table.get("headers", {}) if _LOOKS_SECRET.search(header)]
    issues.extend(
        Issue("secret", f"{where}.headers.{header}", "looks secret; name a variable in header_env") for header in secret
    )


def _secret(
    table: Mapping[str, Any], key: str, environ: Mapping[str, str], where: str, issues: list[Issue]
) -> str | None:
    return _variable(str(table[key]), environ, f"{where}.{key}", issues) if key in table else None


def _variable(variable: str, environ: Mapping[str, str], where: str, issues: list[Issue]) -> str:
    if not environ.get(variable):
        issues.append(Issue("environment", where, f"the environment variable {variable} is not set"))
    return environ.get(variable, "")


def _with_login(url: str, headers: dict[str, str], username: str, password: str | None) -> tuple[str, dict[str, str]]:
    """Put a login where the target's protocol wants it: a header for HTTP, the address for a database."""
    split = urlsplit(url)
    if split.scheme in ("http", "https"):
        pair = base64.b64encode(f"{username}:{password or ''}".encode()).decode()
        return url, {**headers, "Authorization": f"Basic {pair}"}
    login = quote(username, safe="") + (f":{quote(password, safe='')}" if password else "")
    host = split.netloc.rpartition("@")[2]
    return urlunsplit(split._replace(netloc=f"{login}@{host}")), headers
