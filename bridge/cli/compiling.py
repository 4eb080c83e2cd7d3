"""`bridge templates`, `compile`, `diff` and `export`: templates and workflows without deploying."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bridge.compiler import Compiled
    from bridge.templates import Library

TemplateName = Annotated[str, typer.Argument(help="Name of a template, or path of a template file.")]
TargetName = Annotated[str, typer.Option(help="nodes (our node package) or http (n8n's own nodes).")]
Config = Annotated[
    list[str] | None, typer.Option("--set", help="key=value or step.key=value; values are JSON or text.")
]
Key = Annotated[str, typer.Option(help="Tells several workflows of one template apart; default: the name.")]


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(templates)
    app.command(name="compile")(compile_)
    app.command()(diff)
    app.command()(export)


def templates() -> None:
    """List all templates: name, title, what starts them."""
    library = _library()
    for name, template in library.sound():
        typer.echo(f"{name:32}{template.name}  ({', '.join(each.type for each in template.all_triggers())})")
    for name, problem in library.faults().items():
        typer.echo(f"{name:32}{problem}", err=True)


def compile_(
    template: TemplateName,
    target: TargetName = "nodes",
    settings: Config = None,
    key: Key = "",
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
) -> None:
    """Compile a template to workflow JSON that n8n imports."""
    text = _compiled(template, target, settings, key).text()
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")
        typer.echo(f"Wrote {out}.")


def diff(
    template: TemplateName,
    workflow: Annotated[Path, typer.Argument(help="A workflow exported from n8n, or compiled before.")],
    target: TargetName = "nodes",
    settings: Config = None,
    key: Key = "",
) -> None:
    """Say what deploying the template would change in a workflow; exit code 1 when there is anything."""
    from bridge.compiler import differences

    changes = differences(_read(workflow), _compiled(template, target, settings, key).document)
    for change in changes:
        typer.echo(str(change))
    typer.echo(f"{len(changes)} change(s)." if changes else "Nothing would change.")
    if changes:
        raise typer.Exit(1)


def export(
    workflow: Annotated[Path, typer.Argument(help="A workflow exported from n8n.")],
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
) -> None:
    """Write a workflow without ids, versions and positions, so that two compare well; name its faults."""
    import json

    from bridge.compiler import faults_in, normal_form

    raw = _read(workflow)
    text = json.dumps(normal_form(raw), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")
    for issue in faults_in({key: raw[key] for key in ("name", "nodes", "connections", "settings") if key in raw}):
        typer.echo(f"{issue.code} at {issue.where}: {issue.message}", err=True)


def _compiled(template: str, target: str, settings: list[str] | None, key: str) -> "Compiled":
    from bridge.compiler import TARGETS, Binding, compile_template, parse_template
    from bridge.settings import Settings

    chosen = next((each for each in TARGETS if each == target), None)
    if chosen is None:
        raise typer.BadParameter(f"A target is {' or '.join(TARGETS)}.")
    known = Settings()
    binding = Binding(base_url=known.url_for_n8n or f"http://127.0.0.1:{known.port}", path_secret=known.path_secret)
    config, library = configuration(settings or []), _library()
    if not template.endswith(".json"):
        return library.compile(template, target=chosen, binding=binding, config=config, key=key)
    path = Path(template)
    return compile_template(
        key or path.stem,
        parse_template(path.read_text("utf-8"), template),
        library.catalogue,
        target=chosen,
        binding=binding,
        config=config,
        library=dict(library.sound()),
    )


def _library() -> "Library":
    from bridge.settings import Settings
    from bridge.specs import Catalogue
    from bridge.steps import PACK
    from bridge.templates import Library, builtin_folder

    own = [Path(each) for each in Settings().templates_dir]
    return Library(Catalogue.installed(PACK), [builtin_folder(), *own])


def configuration(settings: list[str]) -> dict[str, Any]:
    """Read ``key=value`` and ``step.key=value`` as a template's configuration."""
    import json

    config: dict[str, Any] = {}
    for each in settings:
        name, equals, text = each.partition("=")
        if not equals:
            raise typer.BadParameter(f"'{each}' is not key=value.")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        step, dot, key = name.partition(".")
        if dot:
            config.setdefault(step, {})[key] = value
        else:
            config[name] = value
    return config


def _read(path: Path) -> dict[str, Any]:
    import json

    from bridge.problems import InvalidInput

    try:
        raw = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} is no workflow: {error}.") from None
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if (
        not isinstance(raw, dict)
        or not isinstance(raw.get("nodes"), list)
        or not isinstance(raw.get("connections"), dict)
    ):
        raise InvalidInput(f"{path} is no workflow: it has no nodes and connections.")
    return raw
