"""`bridge run` and `bridge watch`: a step from the shell."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bridge.local.calling import BridgeClient

URL = typer.Option(envvar="BRIDGE_URL", help="Address of the bridge; without it, the one `bridge up` started here.")
KEY = typer.Option(envvar="BRIDGE_KEY", help="API key for it.")


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(run)
    app.command()(watch)


def run(
    step: Annotated[str, typer.Argument(help="Name of the step, such as multimodal_analysis.")],
    *,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Fields of the input.")] = None,
    file: Annotated[list[str] | None, typer.Option(help="FILE, or FIELD=FILE; may be given several times.")] = None,
    given: Annotated[str, typer.Option("--input", help="The input as JSON, or @FILE with it.")] = "{}",
    save: Annotated[Path | None, typer.Option(help="Folder for the files of the result.")] = None,
    url: Annotated[str, URL] = "",
    key: Annotated[str, KEY] = "",
) -> None:
    """Run a step, show its progress, and print its result as JSON."""
    from bridge.local.calling import BridgeClient, file_field, find_bridge, read_files, read_input, read_pairs

    fields = {**read_input(given), **read_pairs(pairs or [])}
    files = read_files(file or [], file_field(step))
    with BridgeClient(find_bridge(url, key)) as client:
        started = client.start(step, fields, files)
        _follow(client, str(started.get("id") or started.get("run_id")), save)


def watch(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="Id of the run.")],
    save: Annotated[Path | None, typer.Option(help="Folder for the files of the result.")] = None,
    url: Annotated[str, URL] = "",
    key: Annotated[str, KEY] = "",
) -> None:
    """Follow a run to its end and print its result as JSON."""
    from bridge.local.calling import BridgeClient, find_bridge

    with BridgeClient(find_bridge(url, key)) as client:
        _follow(client, run_id, save)


def _follow(client: "BridgeClient", run_id: str, save: Path | None) -> None:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("queued", total=1.0)
        ended = client.follow(run_id, lambda done, words: bar.update(task, completed=done, description=words))
    _tell(client, ended, save)


def _tell(client: "BridgeClient", ended: dict[str, Any], save: Path | None) -> None:
    if ended["status"] != "completed":
        error = ended.get("error", {})
        typer.echo(
            f"bridge: the run {ended['status']}: {error.get('detail') or error.get('message') or error}", err=True
        )
        raise typer.Exit(1)
    result = ended["result"]
    typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
    for file in result.get("files", []) if save else []:
        folder = save or Path()
        folder.mkdir(parents=True, exist_ok=True)
        typer.echo(f"saved {client.download(file, folder)}", err=True)
