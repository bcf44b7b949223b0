"""``ad new-plugin``: a package to start from."""

import shlex
from pathlib import Path

import click

__all__ = ["command"]

_NEXT = """\
{folder}: a package with one detector, {detector}

Next, in an environment of its own:
  cd {quoted}
  pip install --editable '.[test]'
  pytest
  ad check {distribution}

Your detectors go into src/{package}/detectors, their specs into src/{package}/plugin.py."""


@click.command(
    name="new-plugin",
    epilog="""\b
    Example:
      ad new-plugin my-detectors
    """,
)
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="FOLDER",
    help="Where to make the new folder.  [the current folder]",
)
@click.option(
    "--detector",
    default="mahalanobis",
    show_default=True,
    metavar="NAME",
    help="What to call the worked detector, in snake_case.",
)
def command(name: str, into: Path, detector: str) -> None:
    """Write a new plugin package whose tests pass.

    NAME is what pip install will take, for example my-detectors. The new folder
    of that name holds a typed package with one worked detector, its contract
    test, a README and a workflow that runs the tests.
    """
    from attrs import asdict

    from ad_contracts._new_plugin import new_names, write

    names = new_names(name, detector)
    folder = write(names, into)
    click.echo(_NEXT.format(folder=folder, quoted=shlex.quote(str(folder)), **asdict(names)))
