"""`bridge serve`, `bridge worker` and `bridge key`: the service in the foreground, and the keys it takes."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(serve)
    app.command()(worker)
    app.command()(key)


def serve() -> None:
    """Serve the steps over HTTP until a signal comes; settings come from the environment."""
    from bridge.app import serve as serve_forever
    from bridge.settings import Settings

    serve_forever(Settings())


def worker() -> None:
    """Work on the runs of a PostgreSQL that `bridge serve` uses too; BRIDGE_DATA_DIR must be shared storage."""
    from bridge.app import work
    from bridge.settings import Settings

    work(Settings())


def key(
    name: Annotated[str, typer.Argument(help="Who will use it; everything they make is filed under this name.")],
    role: Annotated[str, typer.Option(help="use or manage")] = "use",
) -> None:
    """Make an API key: the key itself, and what to add to BRIDGE_API_KEYS."""
    import secrets
    from hashlib import sha256

    if role not in ("use", "manage") or not name.replace("-", "").replace("_", "").isalnum():
        raise typer.BadParameter("A name is letters, digits, - and _; a role is use or manage.")
    made = f"brk_{secrets.token_urlsafe(32)}"
    typer.echo(f"key                {made}")
    typer.echo(f"BRIDGE_API_KEYS    {name}:{role}:{sha256(made.encode()).hexdigest()}")
