"""`bridge generate` and `bridge check`: the generated files, written or compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bridge.codegen import Layout
    from bridge.specs import StepSpec


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(generate)
    app.command()(check)


def generate(project: Annotated[Path, typer.Option(help="Folder with node_specs/.")] = Path()) -> None:
    """Write every generated file from node_specs/."""
    from bridge.codegen import render_all, write

    specs, layout = _project(project)
    changed = write(render_all(specs, layout), layout.owned)
    for each in changed:
        typer.echo(f"{each.kind:9}{each.path}")
    typer.echo(f"{len(changed)} file(s) brought up to date.")


def check(project: Annotated[Path, typer.Option(help="Folder with node_specs/.")] = Path()) -> None:
    """Say whether any generated file is missing, orphaned or edited."""
    from bridge.codegen import render_all, stale

    specs, layout = _project(project)
    found = stale(render_all(specs, layout), layout.owned)
    for each in found:
        typer.echo(f"{each.kind:9}{each.path}", err=True)
    if found:
        typer.echo("Run `bridge generate`.", err=True)
        raise typer.Exit(1)
    typer.echo("All generated files are up to date.")


def _project(folder: Path) -> "tuple[list[StepSpec], Layout]":
    from bridge.codegen import Layout
    from bridge.specs import read_folder

    layout = Layout(
        pack="multimodal-bridge",
        package="bridge.generated",
        generated=folder / "bridge/generated",
        nodes=folder / "n8n-nodes/n8n-nodes-multimodal-bridge",
        reference=folder / "docs/reference/steps",
    )
    return read_folder(folder / "node_specs"), layout
