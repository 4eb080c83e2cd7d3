"""The command line: `bridge --help` lists everything; heavy imports wait until a command needs them.

Every module in this folder adds its own commands with ``add_to(app)``; the file is the registration,
so a new group of commands is a new file and nothing else. A module here imports typer and the standard
library at the top, and everything of the bridge inside its commands.
"""

from importlib import import_module
from pkgutil import iter_modules

import typer


def main() -> None:
    """Run the command line; a problem is told in one sentence, without a traceback."""
    from bridge.problems import Problem

    try:
        build()()
    except Problem as problem:
        typer.echo(f"bridge: {problem}", err=True)
        for issue in problem.issues:
            typer.echo(f"  {issue.where}: {issue.message}", err=True)
        raise SystemExit(1) from None


def build() -> typer.Typer:
    """Put all commands together."""
    app = typer.Typer(
        name="bridge",
        help="Python capabilities on the n8n canvas.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for module in sorted(each.name for each in iter_modules(__path__)):
        import_module(f"{__name__}.{module}").add_to(app)
    return app
