"""``ad fit``: learn from a file, and keep the detector."""

from pathlib import Path

import click

from ad_core.cli._fitting import Fitting, find_spec, fit_detector, fitting_options
from ad_core.cli._options import FILE, OUTPUT, json_option
from ad_core.cli._reading import Reading, read_rows, reading_options

__all__ = ["command"]


@click.command(
    name="fit",
    epilog="""\b
    Example:
      ad fit january.csv --save model.ad
      ad score february.csv --model model.ad
    """,
)
@click.argument("file", type=FILE)
@click.option("--save", type=OUTPUT, required=True, metavar="PATH", help="Where to keep it.")
@fitting_options
@reading_options
@json_option
def command(*, file: Path, save: Path, fitting: Fitting, reading: Reading, as_json: bool) -> None:
    """Fit a detector on the rows of FILE, and save it.

    A saved detector holds data only, no code; it scores other files with
    ad score, and in Python with ad_core.load_detector(PATH).
    """
    from ad_core.cli._output import print_json, print_pairs
    from ad_core.cli._report import describe_threshold
    from ad_core.cli._targets import check_target
    from ad_core.spec import Capability

    spec = find_spec(fitting.method, series=reading.time_column is not None)
    check_target(save, [file])
    rows = read_rows(file, reading, accepts_missing=Capability.MISSING_VALUES in spec.capabilities)
    detector = fit_detector(spec, fitting, rows)
    detector.save(save)
    columns = list(rows.table.feature_names)
    if as_json:
        found = detector.threshold_provenance
        print_json(
            {
                "file": str(file),
                "n_rows": len(rows.kept),
                "n_dropped": rows.n_dropped,
                "columns": columns,
                "ignored": {one.name: one.reason for one in rows.table.ignored},
                "detector": detector.name,
                "threshold": None if found["strategy"] is None else detector.decision_threshold,
                "threshold_provenance": found,
                "saved": str(save),
            }
        )
        return
    dropped = f" ({rows.n_dropped} with missing values left out)" if rows.n_dropped else ""
    print_pairs(
        {
            "file": file,
            "rows": f"{len(rows.kept)}{dropped}",
            "columns": f"{len(columns)}: {', '.join(columns)}",
            "ignored": "; ".join(f"{one.name} {one.reason}" for one in rows.table.ignored),
            "detector": repr(detector),
            "threshold": describe_threshold(detector),
            "saved": save,
        }
    )
