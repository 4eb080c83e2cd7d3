"""Reference pages about the bridge itself: settings, commands and addresses, from the code that defines them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, get_args

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.settings import Settings

MADE = "<!-- Written by `bridge generate`; edited by nobody. -->\n"


class Address(NamedTuple):
    """One address of the service, as its page shows it."""

    method: str
    path: str
    access: str
    told: str


def settings_page() -> str:
    """Every environment variable the bridge reads."""
    rows = sorted(_setting(name, field) for name, field in Settings.model_fields.items())
    return _page(
        "Settings",
        "The bridge is set up by environment variables. Lists are comma-separated, sizes are bytes, times are seconds.",
        ("variable", "kind", "default", "meaning"), rows,
    )  # fmt: skip


def commands_page(root: Any) -> str:
    """Every command of the command line; *root* is the group that holds them."""
    parts = [MADE, "# Commands\n", "`bridge COMMAND --help` says the same.\n"]
    for name, command in sorted(root.commands.items()):
        parts += _command(f"bridge {name}", command)
    return "\n".join(parts)


def addresses_page(addresses: Iterable[Address]) -> str:
    """Every address of the service."""
    rows = [(f"`{each.method}`", f"`{each.path}`", each.access, each.told) for each in addresses]
    return _page(
        "Addresses",
        "*public* needs no key, *use* any key, *manage* a key with that role; bodies and answers are in `/docs`.",
        ("method", "path", "access", "what it does"), sorted(rows, key=lambda row: (row[1], row[0])),
    )  # fmt: skip


def _setting(name: str, field: FieldInfo) -> tuple[str, str, str, str]:
    default = field.default if field.default is not PydanticUndefined else ""
    if isinstance(default, tuple):
        default = ",".join(default)
    shown = f"`{default}`" if str(default) else ""
    return f"`{field.alias or name}`", _kind(field.annotation), shown, field.description or ""


def _kind(annotation: Any) -> str:
    if annotation in (int, float):
        return "number"
    if annotation is bool:
        return "true or false"
    given = str(annotation)
    if "Literal" in given:
        return " or ".join(map(str, get_args(annotation)))
    return "list" if "tuple" in given else "path" if "Path" in given else "text"


def _command(title: str, command: Any) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{(command.help or '').strip()}\n"
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _command(f"{title} {name}", inner)
    rows = [_parameter(each) for each in command.params if each.name != "help"]
    if rows:
        yield _table(("argument or option", "default", "meaning"), rows)


def _parameter(parameter: Any) -> tuple[str, str, str]:
    names = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.name.upper()
    default = parameter.default
    shown = "" if default in (None, "", False, []) or callable(default) else f"`{default}`"
    variable = f" Also from `{parameter.envvar}`." if getattr(parameter, "envvar", None) else ""
    return f"`{names}`", shown, f"{getattr(parameter, 'help', '') or ''}{variable}"


def _page(title: str, intro: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join([MADE, f"# {title}\n", f"{intro}\n", _table(head, rows)])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"
