"""``ad benchmark collect``: the records of folders in one table file."""

from pathlib import Path

import click

from ad_core.cli._options import FILE, OUTPUT

__all__ = ["command"]


@click.command(
    name="collect",
    epilog="Exit status: 0 when the file was written, 1 when a folder holds no records, a record "
    "is damaged or the file cannot be written; then it is as it was.",
)
@click.argument("results", type=FILE, nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=OUTPUT,
    required=True,
    metavar="PATH",
    help="Where to write: .csv, .parquet or .jsonl.",
)
def command(*, results: tuple[Path, ...], output: Path) -> None:
    """Write the records of RESULTS folders into one table.

    One row a run, failed ones among them; a column each for its metrics
    (metrics.roc_auc), params (params.n_neighbors) and all else that a record
    holds. The same records give the same rows in the same order.
    """
    from ad_core.benchmark import collect
    from ad_core.data import write_table

    frame = collect(results)
    write_table(output, frame)
    click.echo(f"{frame.height} runs, {frame.width} columns: {output}")
