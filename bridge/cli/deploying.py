"""`bridge deploy`: plan, then apply, against a running bridge."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bridge.local.calling import BridgeClient

WORDS = {
    "nothing": "Nothing to do: the workflow is as the template says.",
    "create": "Will be created, published and proved.",
    "publish": "Is as the template says, but not published: will be published.",
    "update": "Will be changed, published and proved:",
}


def add_to(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(deploy)


def deploy(
    template: Annotated[str, typer.Argument(help="Name of a template the bridge knows.")],
    *,
    name: Annotated[str, typer.Option(help="The workflow's name; default: the template's.")] = "",
    target: Annotated[str, typer.Option(help="nodes or http; default: what this n8n has.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="key=value or step.key=value; values are JSON or text.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Apply without asking.")] = False,
    url: Annotated[str, typer.Option(envvar="BRIDGE_URL", help="Address of the bridge.")] = "",
    key: Annotated[str, typer.Option(envvar="BRIDGE_KEY", help="API key for it, role manage.")] = "",
) -> None:
    """Say what deploying a template would change in n8n, and do it."""
    from bridge.cli.compiling import configuration
    from bridge.local.calling import BridgeClient, find_bridge

    given: dict[str, Any] = {"template_name": template, "custom_config": configuration(settings or [])}
    given |= {field: value for field, value in (("name", name), ("target", target)) if value}
    with BridgeClient(find_bridge(url, key)) as client:
        planned = client.deploy(given)
        typer.echo(WORDS[planned["action"]])
        for each in planned["changes"]:
            typer.echo(f"  {each}")
        if planned["action"] != "nothing" and (yes or typer.confirm("Apply?")):
            _apply(client, given)


def _apply(client: "BridgeClient", given: dict[str, Any]) -> None:
    done = client.deploy({**given, "apply": True})
    typer.echo(f"Published and proved: workflow {done['workflow_id']}.")
