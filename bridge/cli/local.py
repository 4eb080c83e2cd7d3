"""`bridge up`, `bridge dev` and `bridge doctor`: everything on one machine."""

from pathlib import Path
from typing import Annotated

import typer

SIGNS = {"good": ("✓", "green"), "optional": ("-", "yellow"), "bad": ("✗", "red")}


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(up)
    app.command()(dev)
    app.command()(doctor)


def up(
    n8n_url: Annotated[str, typer.Option(help="Use the n8n at this address instead of starting one.")] = "",
    api_key: Annotated[str, typer.Option(help="Key for that n8n's public API.")] = "",
    no_n8n: Annotated[bool, typer.Option("--no-n8n", help="Start the bridge alone.")] = False,
    prepare: Annotated[bool, typer.Option("--prepare", help="Install and build everything, start nothing.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Stop after the self-check.")] = False,
) -> None:
    """Start the bridge and a real n8n with our nodes, run a workflow to success, and stay until ^C."""
    from bridge.local.up import Wishes, bring_up

    bring_up(Wishes(n8n_url=n8n_url, api_key=api_key, no_n8n=no_n8n, prepare=prepare, once=once))


def dev(project: Annotated[Path, typer.Option(help="Folder with node_specs/.")] = Path()) -> None:
    """Watch specs, handlers and TypeScript; regenerate, rebuild, reinstall and restart n8n on every save."""
    from bridge.local.dev import watch_and_rebuild

    watch_and_rebuild(project.resolve())


def doctor(
    packages: Annotated[
        bool, typer.Option("--packages", help="Print only the Debian packages that are missing.")
    ] = False,
) -> None:
    """Say what this machine has, what it lacks, and how to get it."""
    if packages:
        from bridge.local.parts import debian_packages

        typer.echo(" ".join(debian_packages()))
        return
    from bridge.local.doctor import examine

    remarks = examine()
    for each in remarks:
        sign, colour = SIGNS[each.grade]
        typer.echo(f"{typer.style(sign, fg=colour)} {each.name}: {each.found}")
        if each.cure:
            typer.echo(f"    {each.cure}")
    if any(each.grade == "bad" for each in remarks):
        raise typer.Exit(1)
