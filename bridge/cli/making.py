"""`bridge new`: the files of something new, ready to be filled in."""

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(help="Lower-case words joined by _, such as word_count.")]
Source = Annotated[str, typer.Option("--from", help="module:function whose type hints and docstring make the spec.")]
ProjectFolder = Annotated[Path, typer.Option(help="Folder with node_specs/ and pyproject.toml.")]


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    new = typer.Typer(help="Make the files of something new.", no_args_is_help=True)
    new.command()(step)
    # With a callback a single command keeps its name: `bridge new step`, not `bridge new`.
    new.callback()(lambda: None)
    app.add_typer(new, name="new")


def step(name: Name, source: Source = "", project: ProjectFolder = Path()) -> None:
    """Write the spec, the handler and the test of a new step, and generate everything else."""
    import sys

    from bridge.codegen import open_project, render_all, write
    from bridge.codegen.scaffolding import new_step

    sys.path.insert(0, str(project.resolve()))
    made = new_step(open_project(project), name, source)
    opened = open_project(project)
    write(render_all(opened.specs, opened.layout), opened.layout.owned)
    for path in made:
        typer.echo(f"wrote    {path}")
    typer.echo("Edit them, then run `bridge generate` and the test.")
