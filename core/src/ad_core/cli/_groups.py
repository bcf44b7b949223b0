"""Groups of commands whose modules are imported when they are called for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """A group that imports a command's module on first use.

    Parameters
    ----------
    modules
        Name of each command, in the order of the help page, and the module whose `command` it is.
    default
        The command that is meant where the first argument names none.
    """

    def __init__(
        self, *arguments: Any, modules: Mapping[str, str], default: str | None = None, **more: Any
    ) -> None:
        super().__init__(*arguments, **more)
        self.modules = modules
        self.default = default

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help page."""
        return [*self.modules]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is none of that name."""
        if cmd_name not in self.modules:
            return None
        command: click.Command = import_module(self.modules[cmd_name]).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that name no command."""
        given = [*args]
        if self.default is not None and given and not self._names_command(ctx, given[0]):
            given.insert(0, self.default)
        return super().parse_args(ctx, given)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, or say which one they resemble."""
        from ad_core.registry import nearest

        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            close = nearest(args[0], self.list_commands(ctx))
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            ctx.fail(f"no command is called {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def _names_command(self, ctx: click.Context, argument: str) -> bool:
        return argument in ctx.help_option_names or argument in self.list_commands(ctx)
