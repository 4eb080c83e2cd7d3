"""`bridge generate` and `bridge check`: the generated files, written or compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bridge.codegen.files import Files
    from bridge.codegen.projects import Project

ProjectFolder = Annotated[Path, typer.Option(help="Folder with node_specs/ and pyproject.toml.")]
PackName = Annotated[str, typer.Option(help="Name of an installed pack, instead of the folder's own.")]


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(generate)
    app.command()(check)


def generate(project: ProjectFolder = Path(), pack: PackName = "") -> None:
    """Write every generated file from node_specs/."""
    from bridge.codegen import open_project, write

    opened = open_project(project, pack)
    changed = write(_everything(opened, project), opened.layout.owned)
    for each in changed:
        typer.echo(f"{each.kind:9}{each.path}")
    typer.echo(f"{len(changed)} file(s) brought up to date.")


def check(project: ProjectFolder = Path(), pack: PackName = "") -> None:
    """Say whether any generated file is missing, orphaned or edited, and whether old workflows still fit."""
    from bridge.codegen import incompatible, open_project, stale

    opened = open_project(project, pack)
    found = stale(_everything(opened, project), opened.layout.owned)
    for each in found:
        typer.echo(f"{each.kind:9}{each.path}", err=True)
    if found:
        typer.echo("Run `bridge generate`.", err=True)
    broken = incompatible(opened.specs, opened.layout.released)
    for issue in broken:
        typer.echo(f"{issue.where}: {issue.message}", err=True)
    if broken:
        typer.echo("Raise the step's version and keep the old spec in node_specs/released/.", err=True)
    if found or broken:
        raise typer.Exit(1)
    typer.echo("All generated files are up to date.")


def _everything(opened: "Project", project: Path) -> "Files":
    """The generated files of a pack and, in our own checkout, the reference pages about the bridge itself."""
    from bridge.codegen import render_all

    files = render_all(opened.specs, opened.layout)
    if (project / "bridge/settings.py").is_file():
        files |= _about_ourselves(project / "docs/reference")
    return files


def _about_ourselves(folder: Path) -> "Files":
    from bridge.cli import build
    from bridge.codegen.own_pages import Address, addresses_page, commands_page, settings_page
    from bridge.web.routes import ROUTES

    addresses = [Address(each.method, each.path, each.access, _first_line(each.view.__doc__)) for each in ROUTES]
    return {
        folder / "settings.md": settings_page(),
        folder / "commands.md": commands_page(typer.main.get_command(build())),
        folder / "addresses.md": addresses_page(addresses),
    }


def _first_line(told: str | None) -> str:
    return (told or "").strip().split("\n\n")[0].replace("\n", " ")
