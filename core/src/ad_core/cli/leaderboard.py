"""``ad leaderboard``: rank the detectors by the records in folders."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen

from ad_core.registry import get_registry, unknown_name

if TYPE_CHECKING:
    from ad_core.results import Record
    from ad_core.spec import MetricSpec

__all__ = ["command", "metric_of", "page_of"]


@click.command(name="leaderboard")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "layout",
    type=click.Choice(["table", "md", "json", "html"]),
    default="table",
    show_default=True,
    help="A table for the eye, Markdown, JSON with every digit, or one HTML page with charts "
    "and every run (needs the extra ad-core[report]).",
)
@click.option(
    "--metric",
    default="roc_auc",
    show_default=True,
    metavar="NAME",
    help="What to rank by; see: ad list-metrics. The HTML page holds the others, too.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file instead of standard output.",
)
def command(*, results: tuple[Path, ...], layout: str, metric: str, output: Path | None) -> None:
    """Rank the detectors by the records in RESULTS.

    RESULTS are results folders of benchmarks; several are ranked together.
    The same records give the same bytes, whatever their order and age.
    """
    from ad_core.cli._board import print_board
    from ad_core.cli._output import note, on_terminal
    from ad_core.results import leaderboard, to_json, to_markdown

    if layout == "table" and output is not None:
        raise click.UsageError("a table is for the terminal; for a file add --format md or html")
    if layout == "html" and output is None and on_terminal():
        raise click.UsageError("a page is not for the terminal; add: -o leaderboard.html")
    records = _records(results)
    wanted = metric_of(metric, records)
    if layout == "html":
        text = page_of(records, wanted)
    else:
        board = leaderboard(
            records,
            wanted.name,
            higher_is_better=wanted.higher_is_better,
            oracle=wanted.oracle,
        )
        if layout == "table":
            print_board(board, results)
            return
        text = to_json(board) if layout == "json" else to_markdown(board)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
        note(f"wrote {output}")


def page_of(records: "Iterable[Record]", wanted: "_Metric | MetricSpec") -> str:
    """Return the page with a board for each metric of the records, that of `wanted` first."""
    from ad_core.results import to_html

    given = list(records)
    others = [metric_of(other, given) for other in _known(given)]
    return to_html(
        given,
        {one.name: one.higher_is_better for one in (wanted, *others)},
        oracles={one.name for one in others if one.oracle},
    )


def _records(folders: Sequence[Path]) -> "list[Record]":
    """Return the records of all folders; of copies of a run the best and newest."""
    from ad_core.results import read_records

    found = [record for folder in folders for record in read_records(folder)]
    found.sort(key=lambda record: (record.ok, record.finished_at))
    return list({record.key: record for record in found}.values())


def _known(records: "Iterable[Record]") -> list[str]:
    return sorted({metric for record in records for metric in record.metrics})


@frozen(kw_only=True)
class _Metric:
    """What a board has to know; of a metric that no plugin here registers, only its name."""

    name: str
    higher_is_better: bool = True
    oracle: bool = False


def metric_of(name: str, records: "Iterable[Record]") -> _Metric:
    """Return a metric by its name in the records."""
    known = _known(records)
    registered = get_registry().metrics
    found = _Metric(name=name)
    if name in registered:
        spec = registered.get(name).spec
        found = _Metric(name=spec.name, higher_is_better=spec.higher_is_better, oracle=spec.oracle)
    if found.name not in known:
        remedy = f"the records have {', '.join(known) or 'none'}"
        raise unknown_name("metric of these records", found.name, known, remedy)
    return found


def _write(path: Path, text: str) -> None:
    from ad_core.errors import ResultsError
    from ad_core.files import atomic_write

    try:
        with atomic_write(path) as stream:
            stream.write(text.encode())
    except OSError as error:
        raise ResultsError(
            f"cannot write {path}: {error.strerror or error}; choose another file with --output"
        ) from error
