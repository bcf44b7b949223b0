"""``ad benchmark verify``: whether a results folder is sound."""

from pathlib import Path

import click

from ad_core.cli._options import FILE, json_option
from ad_core.cli._output import print_json, print_table

__all__ = ["command"]


@click.command(
    name="verify",
    epilog="Exit status: 0 when nothing is wrong, 1 on any fault.",
)
@click.argument("results", type=FILE)
@json_option
def command(*, results: Path, as_json: bool) -> int:
    """Check every file in RESULTS, and say what mends it.

    Records against their schema and their names, scores against their hashes,
    the other artefacts against their schemas; scores without a record, files
    left half-written, claims of processes that are gone. Nothing is changed.
    """
    from attrs import asdict

    from ad_core.results import record_keys, verify

    faults = verify(results)
    n_records = len(record_keys(results)) if not faults else 0
    if as_json:
        print_json([asdict(one) for one in faults])
    elif faults:
        rows = [(_short(one.file), f"{one.fault}; to mend: {one.remedy}") for one in faults]
        print_table(("file", "fault"), rows)
        click.echo(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in {results}")
    else:
        click.echo(f"{results} is sound: {n_records} records")
    return 1 if faults else 0


def _short(name: str) -> str:
    """Shorten a key to what tells it from others, as `git` does."""
    head, _, ending = name.rpartition(".")
    return f"{head[:19]}….{ending}" if len(head) > 60 else name
