"""The group of commands; each one's module is imported when it is called for.

It is plain click: Typer reads arguments through pydantic, whose import alone
would cost more than everything that a list command does.
"""

from importlib import import_module

import click

__all__ = ["COMMANDS", "app"]

COMMANDS = {
    "detect": "detect",
    "fit": "fit",
    "score": "score",
    "benchmark": "benchmark",
    "leaderboard": "leaderboard",
    "describe": "describe",
    "list-detectors": "list_detectors",
    "list-datasets": "list_datasets",
    "list-metrics": "list_metrics",
    "list-plugins": "list_plugins",
}
"""Name of each command, and the module of this room that holds it."""


class LazyGroup(click.Group):
    """A group that imports a command's module on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ad_core.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, or say which one they resemble."""
        from ad_core.registry import nearest

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = nearest(args[0], COMMANDS)
            hint = f"did you mean {' or '.join(close)}?" if close else "see: ad --help"
            ctx.fail(f"no command is called {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"ad-core {version('ad-core')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 1 an error, 2 wrong usage, 130 interrupted. "
    "AD_DEBUG=1 shows the traceback of an error.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def app() -> None:
    """Find anomalies, and find out which detector finds them best."""
