"""``ad datasets``: the files behind the data sets."""

import click

from ad_core.cli._groups import LazyGroup

__all__ = ["COMMANDS", "command"]

COMMANDS = {
    "fetch": "ad_core.cli.datasets.fetch",
    "verify": "ad_core.cli.datasets.verify",
}
"""Name of each command, and its module."""


@click.group(name="datasets", cls=LazyGroup, modules=COMMANDS)
def command() -> None:
    """Download the files behind the data sets, and check them.

    `ad list-datasets` lists the sets; `ad describe NAME` says where one's files
    are. Files are read from the mirror folder that AD_DATA_MIRROR names, else
    from the cache (AD_CACHE), else they are downloaded when a set is loaded.
    """
