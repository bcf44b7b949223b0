"""Run a command; turn what goes wrong into one line and an exit status."""

import os
import sys
import warnings
from collections.abc import Sequence

import click

from ad_core.cli._app import app
from ad_core.cli._output import printable, warn
from ad_core.errors import AdError

__all__ = ["main"]

DEBUG_VARIABLE = "AD_DEBUG"
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command ``ad``.

    Parameters
    ----------
    argv
        The arguments after the program's name; by default those of the process.

    Returns
    -------
    int
        The exit status: 0 done, 1 an error, 2 wrong usage, 130 interrupted.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            status = app.main(argv, prog_name="ad", standalone_mode=False)
            sys.stdout.flush()
        except BrokenPipeError:  # `ad … | head`: nobody is left to read
            _mute_stdout()
            return 1
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted", err=True)
            return INTERRUPTED
        except click.ClickException as error:
            return _usage(error)
        except (AdError, OSError) as error:
            return _failure(error)
    return status if isinstance(status, int) else 0


def _usage(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f" (see: {error.ctx.command_path} --help)"
    click.echo(f"error: {printable(error.format_message())}{hint}", err=True)
    return error.exit_code


def _failure(error: AdError | OSError) -> int:
    if os.environ.get(DEBUG_VARIABLE, "0") not in ("", "0"):
        import traceback

        traceback.print_exception(error)
    text = str(error)
    if isinstance(error, OSError) and not isinstance(error, AdError):
        text = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    click.echo(f"error: {printable(text)}", err=True)
    return 1


def _show_warning(message: Warning | str, *_where: object, **_more: object) -> None:
    """Print a warning as one line; where in the code it was raised is no user's business."""
    warn(printable(str(message)))


def _mute_stdout() -> None:
    """Keep the interpreter from complaining about the closed pipe when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
