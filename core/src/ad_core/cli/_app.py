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
    """A group that imports a command's module on first use.

    Commands of plugins (hook ``ad_commands``) follow the core's own, which
    cannot be replaced.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help page."""
        return [*COMMANDS, *(name for name in _plugin_commands() if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is none of that name."""
        if cmd_name in COMMANDS:
            command: click.Command = import_module(f"ad_core.cli.{COMMANDS[cmd_name]}").command
            return command
        if cmd_name not in _plugin_commands():
            return None
        return _plugin_command(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, or say which one they resemble."""
        from ad_core.registry import nearest

        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            close = nearest(args[0], self.list_commands(ctx))
            hint = f"did you mean {' or '.join(close)}?" if close else "see: ad --help"
            ctx.fail(f"no command is called {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


def _plugin_commands() -> list[str]:
    """Return the names of the commands that plugins bring."""
    from ad_core.registry import get_registry

    return list(dict.fromkeys(entry.name for entry in get_registry().commands))


def _plugin_command(name: str) -> click.Command:
    """Import a plugin's command; one that cannot be had says so when it is called."""
    from ad_core.errors import AdError, PluginError
    from ad_core.load import import_target
    from ad_core.registry import get_registry

    try:
        entry = get_registry().commands.get(name)
        command = import_target(entry.spec.target)
        if not isinstance(command, click.Command):
            raise PluginError(
                f"command {name!r} of {entry.distribution}: {entry.spec.target} is not a "
                "click.Command"
            )
    except AdError as error:
        return _broken_command(name, error)
    return command


def _broken_command(name: str, error: Exception) -> click.Command:
    def callback(_arguments: tuple[str, ...]) -> None:
        raise error

    return click.Command(
        name,
        callback=callback,
        params=[click.Argument(["_arguments"], nargs=-1, type=click.UNPROCESSED)],
        short_help=f"(broken) {error}",
        context_settings={"ignore_unknown_options": True},
    )


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
