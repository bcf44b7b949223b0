"""``ad detect``: from a file to its anomalies in one command."""

from pathlib import Path

import click

from ad_core.cli._fitting import Fitting, find_spec, fit_detector, fitting_options
from ad_core.cli._options import FILE, OUTPUT, json_option, output_options, top_option
from ad_core.cli._reading import Reading, read_rows, reading_options

__all__ = ["command"]


@click.command(
    name="detect",
    epilog="""\b
    Examples:
      ad detect sales.csv
      ad detect sensor.csv --time-column t --contamination 0.02
      ad detect sales.csv -m knn -p n_neighbors=20 --contamination 0.01 -o out.csv
    """,
)
@click.argument("file", type=FILE)
@fitting_options
@reading_options
@output_options
@click.option("--save", type=OUTPUT, metavar="PATH", help="Keep the fitted detector, for ad score.")
@top_option
@json_option
def command(
    *,
    file: Path,
    fitting: Fitting,
    reading: Reading,
    output: Path | None,
    score_column: str,
    anomaly_column: str,
    save: Path | None,
    top: int,
    as_json: bool,
) -> None:
    """Find the anomalous rows of FILE.

    FILE is CSV, TSV, JSON lines (also .gz), Parquet, Arrow or npz. Its columns
    of numbers are the features; others are ignored, and said to be. The
    detector is fitted on the rows and scores the same rows; those with the
    highest scores, a share --contamination of them, are flagged.

    The default detector, isolation_forest, is fast on many rows, needs no
    scaling of the columns, and assumes nothing about their distribution. With
    --time-column the rows are a series: each step is scored, flagged steps are
    merged into intervals, and the default is matrix_profile, which finds the
    most unusual stretch of any shape.
    """
    from ad_core.cli._report import label_rows
    from ad_core.cli._targets import check_output, check_target
    from ad_core.spec import Capability

    spec = find_spec(fitting.method, series=reading.time_column is not None)
    if save is not None:
        check_target(save, [file])
    rows = read_rows(file, reading, accepts_missing=Capability.MISSING_VALUES in spec.capabilities)
    if output is not None:
        check_output(
            output,
            [file, *([save] if save else [])],
            (score_column, anomaly_column),
            rows.table.frame.columns,
        )
    detector = fit_detector(spec, fitting, rows)
    scores = detector.training_scores_
    if scores is None:
        scores = detector.score_samples(rows.features)
    report = label_rows(detector, rows, scores, output=output, saved=save)
    if output is not None:
        report.write(output, score_column=score_column, anomaly_column=anomaly_column)
    if save is not None:
        detector.save(save)
    report.print(top, as_json=as_json)
