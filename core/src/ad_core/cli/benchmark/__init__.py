"""``ad benchmark``: run experiments, and look after what they leave."""

import click

from ad_core.cli._groups import LazyGroup

__all__ = ["COMMANDS", "command"]

COMMANDS = {
    "run": "ad_core.cli.benchmark.run",
    "rescore": "ad_core.cli.benchmark.rescore",
    "collect": "ad_core.cli.benchmark.collect",
    "status": "ad_core.cli.benchmark.status",
    "compare": "ad_core.cli.benchmark.compare",
    "reproduce": "ad_core.cli.benchmark.reproduce",
    "verify": "ad_core.cli.benchmark.verify",
    "protocols": "ad_core.cli.benchmark.protocols",
}
"""Name of each command, and its module."""


@click.group(name="benchmark", cls=LazyGroup, modules=COMMANDS, default="run")
def command() -> None:
    """Run an experiment, and look after its results.

    `ad benchmark FILE` is short for `ad benchmark run FILE`.
    """
