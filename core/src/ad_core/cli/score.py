"""``ad score``: judge the rows of a file by a saved detector."""

from pathlib import Path

import click

from ad_core.cli._options import FILE, finite, json_option, output_options, top_option
from ad_core.cli._reading import Reading, read_rows, reading_options

__all__ = ["command"]


@click.command(name="score")
@click.argument("file", type=FILE)
@click.option("--model", type=FILE, required=True, metavar="PATH", help="A saved detector.")
@click.option("--threshold", type=float, metavar="NUMBER", help="Instead of the detector's own.")
@reading_options
@output_options
@top_option
@json_option
def command(
    *,
    file: Path,
    model: Path,
    threshold: float | None,
    reading: Reading,
    output: Path | None,
    score_column: str,
    anomaly_column: str,
    top: int,
    as_json: bool,
) -> None:
    """Score the rows of FILE with a saved detector.

    ad fit and ad detect --save save detectors. The file must have the columns
    that the detector was fitted on, in any order; other columns of numbers are
    left out with --drop.
    """
    from ad_core.cli._report import label_rows
    from ad_core.cli._targets import check_output
    from ad_core.detector import load_detector

    limit = finite(threshold)
    detector = load_detector(model)
    if limit is not None:
        detector.decision_threshold = limit
    rows = read_rows(file, reading, accepts_missing=detector._accepts_missing)
    if output is not None:
        check_output(
            output, [file, model], (score_column, anomaly_column), rows.table.frame.columns
        )
    report = label_rows(detector, rows, detector.score_samples(rows.features), output=output)
    if output is not None:
        report.write(output, score_column=score_column, anomaly_column=anomaly_column)
    report.print(top, as_json=as_json)
