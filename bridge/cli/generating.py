"""`bridge generate` and `bridge check`: the generated files, written or compared."""

from pathlib import Path
from typing import Annotated

import typer

ProjectFolder = Annotated[Path, typer.Option(help="Folder with node_specs/ and pyproject.toml.")]
PackName = Annotated[str, typer.Option(help="Name of an installed pack, instead of the folder's own.")]


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(generate)
    app.command()(check)


def generate(project: ProjectFolder = Path(), pack: PackName = "") -> None:
    """Write every generated file from node_specs/."""
    from bridge.codegen import open_project, render_all, write

    opened = open_project(project, pack)
    changed = write(render_all(opened.specs, opened.layout), opened.layout.owned)
    for each in changed:
        typer.echo(f"{each.kind:9}{each.path}")
    typer.echo(f"{len(changed)} file(s) brought up to date.")


def check(project: ProjectFolder = Path(), pack: PackName = "") -> None:
    """Say whether any generated file is missing, orphaned or edited, and whether old workflows still fit."""
    from bridge.codegen import incompatible, open_project, render_all, stale

    opened = open_project(project, pack)
    found = stale(render_all(opened.specs, opened.layout), opened.layout.owned)
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
