"""``ad leaderboard``: rank the detectors by the records in a folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ad_core.registry import get_registry, unknown_name

if TYPE_CHECKING:
    from ad_core.results import Record

__all__ = ["command"]


@click.command(name="leaderboard")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "layout",
    type=click.Choice(["table", "md", "json"]),
    default="table",
    show_default=True,
    help="A table for the eye, Markdown, or JSON with every digit.",
)
@click.option(
    "--metric",
    default="roc_auc",
    show_default=True,
    metavar="NAME",
    help="What to rank by; see: ad list-metrics.",
)
def command(*, results: Path, layout: str, metric: str) -> None:
    """Rank the detectors by the records in RESULTS.

    RESULTS is the results folder of a benchmark.
    The same records give the same bytes, whatever their order and age.
    """
    from ad_core.cli._board import print_board
    from ad_core.results import leaderboard, read_records, to_json, to_markdown

    records = read_records(results)
    name, higher_is_better = _metric(metric, records)
    board = leaderboard(records, name, higher_is_better=higher_is_better)
    if layout == "table":
        print_board(board, results)
    else:
        click.echo(to_json(board) if layout == "json" else to_markdown(board), nl=False)


def _metric(name: str, records: "Iterable[Record]") -> tuple[str, bool]:
    """Return the metric's name in the records, and whether higher is better."""
    known = sorted({metric for record in records for metric in record.metrics})
    registered = get_registry().metrics
    higher_is_better = True
    if name in registered:
        spec = registered.get(name).spec
        name, higher_is_better = spec.name, spec.higher_is_better
    if name not in known:
        remedy = f"the records have {', '.join(known) or 'none'}"
        raise unknown_name("metric of these records", name, known, remedy)
    return name, higher_is_better
