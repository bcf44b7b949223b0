"""``ad benchmark compare``: whether anything got worse."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ad_core.cli._options import FILE, json_option
from ad_core.cli._output import number, print_json, print_table

if TYPE_CHECKING:
    from ad_core.results import Comparison

__all__ = ["command"]


@click.command(
    name="compare",
    epilog="Exit status: 0 when nothing got worse beyond noise, 1 when something did, when a run "
    "that gave a value before gives none now, or when there is too little to tell.",
)
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@click.option("--metric", default="roc_auc", show_default=True, metavar="NAME", help="By what.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.001,
    show_default=True,
    help="Changes up to this size never count.",
)
@click.option(
    "--time",
    "factor",
    type=click.FloatRange(min=1),
    metavar="FACTOR",
    help="Count it as worse, too, when a model takes more than FACTOR times as long beyond noise.",
)
@click.option(
    "--top",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many of the worst cells to show.",
)
@json_option
def command(
    *,
    before: Path,
    after: Path,
    metric: str,
    tolerance: float,
    factor: float | None,
    top: int,
    as_json: bool,
) -> int:
    """Compare the results folders BEFORE and AFTER, run by run.

    Paired over seeds and data sets; what counts as worse beyond noise is
    defined in the documentation of benchmarks.
    """
    from attrs import asdict

    from ad_core.cli.leaderboard import metric_of
    from ad_core.errors import ResultsError
    from ad_core.results import compare, read_records

    old, new = read_records(before), read_records(after)
    chosen = metric_of(metric, old)
    found = compare(
        old, new, chosen.name, higher_is_better=chosen.higher_is_better, tolerance=tolerance
    )
    if factor is not None and not found.times:
        raise ResultsError(f"times cannot be compared; leave out --time: {' '.join(found.notes)}")
    slower = found.slower(factor) if factor is not None else ()
    worse = found.regressed or bool(slower)
    if as_json:
        values: dict[str, Any] = {**asdict(found), "slower": [one.model for one in slower]}
        print_json({**values, "regressed": worse, "decided": found.decided})
    else:
        _print(found, top)
        for one in slower:
            click.echo(f"Slower: {one.model} takes {one.ratio:.2f} times as long")
        click.echo(_conclusion(found, worse=worse))
    return 1 if worse or not found.decided else 0


def _conclusion(found: "Comparison", *, worse: bool) -> str:
    if worse:
        return "Worse: see above."
    if not found.decided:
        return (
            "Cannot tell: one seed and fewer than ten data sets show no noise; "
            "run both with several seeds, such as seeds: [0, 1, 2]"
        )
    return "Nothing got worse beyond noise."


def _print(found: "Comparison", top: int) -> None:
    if top and found.cells:
        click.echo(f"{found.metric}, the worst of {len(found.cells)} cells:")
        columns = ("model", "data set", "before", "after", "change", "noise", "verdict")
        rows = [
            (
                *(one.model, one.dataset, number(one.before), number(one.after)),
                *(f"{one.change:+.4f}", number(one.noise, 2), one.verdict),
            )
            for one in found.cells[:top]
        ]
        print_table(columns, rows, right=columns[2:6])
        click.echo()
    _print_models(found)
    for one in found.failures:
        click.echo(f"No value now: {one.model} on {one.dataset}, seed {one.seed}: {one.reason}")
    for text in found.notes:
        click.echo(f"- {text}")


def _print_models(found: "Comparison") -> None:
    ratios = {one.model: f"{one.ratio:.2f}" for one in found.times}
    columns = ("model", "data sets", "mean change", "95 % interval", "time", "verdict")
    rows = []
    for one in found.models:
        ends = one.interval
        interval = "-" if ends is None else f"{ends.low:+.4f} to {ends.high:+.4f}"
        counts = (str(one.n_datasets), f"{one.change:+.4f}", interval)
        rows.append((one.model, *counts, ratios.get(one.model, "-"), one.verdict))
    if rows:
        print_table(columns, rows, right=columns[1:5])
