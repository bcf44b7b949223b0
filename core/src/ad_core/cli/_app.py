"""The group of commands; each one's module is imported when it is called for.

It is plain click: Typer reads arguments through pydantic, whose import alone
would cost more than everything that a list command does.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import click

from ad_core.cli._groups import LazyGroup

if TYPE_CHECKING:
    from ad_core.errors import AdError

__all__ = ["COMMANDS", "app"]

COMMANDS = {
    "detect": "ad_core.cli.detect",
    "fit": "ad_core.cli.fit",
    "score": "ad_core.cli.score",
    "benchmark": "ad_core.cli.benchmark",
    "leaderboard": "ad_core.cli.leaderboard",
    "datasets": "ad_core.cli.datasets",
    "describe": "ad_core.cli.describe",
    "list-detectors": "ad_core.cli.list_detectors",
    "list-datasets": "ad_core.cli.list_datasets",
    "list-metrics": "ad_core.cli.list_metrics",
    "list-plugins": "ad_core.cli.list_plugins",
}
"""Name of each command, and the module that holds it."""


class App(LazyGroup):
    """The core's commands, then those of plugins (hook ``ad_commands``).

    A plugin cannot replace a command of the core. The line of help of its
    command is that of the spec: the help page imports none of them.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help page."""
        return [*super().list_commands(ctx), *_plugin_commands()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is none of that name."""
        return super().get_command(ctx, cmd_name) or _plugin_command(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of help of every command."""
        room = formatter.width - 6 - max(map(len, self.modules))
        own = [
            (name, import_module(module).command.get_short_help_str(room))
            for name, module in self.modules.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl([*own, *_plugin_commands().items()])


def _plugin_commands() -> dict[str, str]:
    """Return the summary of each command that plugins bring; a taken name is the full one."""
    from ad_core.registry import get_registry

    commands = get_registry().commands
    taken = {*COMMANDS, *(clash.name for clash in commands.clashes())}
    return {
        entry.full_name if entry.name in taken else entry.name: entry.spec.summary
        for entry in commands
    }


def _plugin_command(name: str) -> click.Command | None:
    """Import a plugin's command; one that cannot be had says so when it is called."""
    from ad_core.errors import AmbiguousNameError, PluginError
    from ad_core.load import import_target
    from ad_core.registry import get_registry

    commands = get_registry().commands
    if name not in commands:
        return None
    try:
        entry = commands.get(name)
    except AmbiguousNameError as error:
        return _broken_command(name, error)
    try:
        command = import_target(entry.spec.target)
    except PluginError as error:
        return _broken_command(name, PluginError(f"from {entry.distribution}: {error}"))
    if not isinstance(command, click.Command):
        what = f"from {entry.distribution}: {entry.spec.target} is not a click.Command"
        return _broken_command(name, PluginError(f"{what}, got {command!r}"))
    return command


def _broken_command(name: str, error: "AdError") -> click.Command:
    message = f"the command {name!r} cannot be had; {error}"

    def callback(_arguments: tuple[str, ...]) -> None:
        raise type(error)(message)

    return click.Command(
        name,
        callback=callback,
        help=f"Broken: {message}",
        params=[click.Argument(["_arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
    )


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"ad-core {version('ad-core')}")
        ctx.exit()


@click.group(
    cls=App,
    modules=COMMANDS,
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
