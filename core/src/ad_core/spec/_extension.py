"""What a plugin says about its commands and its contract checks."""

import re

from attrs import field, frozen

from ad_core.spec._fields import (
    Spec,
    import_string,
    matches,
    one_line,
    snake_name,
)

__all__ = ["CheckSpec", "CommandSpec"]

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@frozen(kw_only=True)
class CommandSpec(Spec):
    """One subcommand of ``ad``.

    Parameters
    ----------
    name
        What to type after ``ad``, for example ``new-plugin``.
    target
        Import string of a `click.Command`; imported when it is called for.
    summary
        One line for lists.
    """

    name: str = field(validator=matches(_KEBAB, "kebab-case, for example 'new-plugin'"))
    target: str = field(validator=import_string)
    summary: str = field(validator=one_line)
    aliases: tuple[str, ...] = field(default=(), init=False)


@frozen(kw_only=True)
class CheckSpec(Spec):
    """A module of contract checks and scenarios, which ad-contracts runs.

    Parameters
    ----------
    name
        Unique snake_case name of the group, for example ``threshold``.
    module
        Dotted name of the module; imported when checks are run.
    summary
        One line: the question that its checks answer.
    """

    name: str = field(validator=snake_name)
    module: str = field(validator=matches(_DOTTED, "a dotted module name"))
    summary: str = field(validator=one_line)
    aliases: tuple[str, ...] = field(default=(), init=False)
