"""What was found in a file: for people, as JSON, and as a file of its own."""

import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from ad_core.cli._output import (
    fit_columns,
    number,
    on_terminal,
    print_json,
    print_pairs,
    print_table,
)
from ad_core.cli._reading import Rows
from ad_core.cli._series import find_intervals, mark, sparkline
from ad_core.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ad_core.detector import BaseDetector

__all__ = ["Report", "describe_threshold", "label_rows"]


@frozen(kw_only=True, eq=False)
class Report:
    """The scores and labels of the rows of a file.

    Parameters
    ----------
    rows
        The rows.
    detector
        What scored them.
    scores, labels
        One each a row.
    metrics, undefined
        Metrics by name, None where undefined; and why. Empty without labels.
    output, saved
        Files that were written.
    """

    rows: Rows
    detector: "BaseDetector"
    scores: "NDArray[Any]"
    labels: "NDArray[Any]"
    metrics: dict[str, float | None]
    undefined: dict[str, str]
    output: Path | None = None
    saved: Path | None = None

    def print(self, top: int, *, as_json: bool) -> None:
        """Print it, with the `top` most anomalous rows."""
        if as_json:
            print_json(self._as_json(top))
            return
        print_pairs(self._summary())
        if self.rows.clock is not None:
            self._print_series(top)
        elif top and len(self.scores):
            shown = min(top, len(self.scores))
            click.echo(
                f"\nThe {shown} most anomalous rows:" if shown > 1 else "\nThe most anomalous row:"
            )
            self._print_top(top)

    def write(self, path: Path, *, score_column: str, anomaly_column: str) -> None:
        """Write the file's rows with two more columns, the score and the label."""
        import polars as pl

        from ad_core.data import write_table

        table = self.rows.table
        if path.suffix.lower() == ".csv":  # text stays as it was written
            frame = table.frame.with_columns(pl.col(pl.String).replace("", None))
        else:
            frame = table.typed_frame
        added = [pl.Series(score_column, self.scores), pl.Series(anomaly_column, self.labels)]
        write_table(path, frame[self.rows.kept].with_columns(added))

    def _summary(self) -> dict[str, object]:
        table, rows = self.rows.table, self.rows
        n, flagged = len(self.scores), int(self.labels.sum())
        dropped = f" ({rows.n_dropped} with missing values left out)" if rows.n_dropped else ""
        measured = [
            f"{name} {number(value)}" if value is not None else f"{name} undefined"
            for name, value in self.metrics.items()
        ]
        return {
            "file": table.path,
            "rows": f"{n}{dropped}",
            "columns": f"{len(table.feature_names)}: {_listed(table.feature_names)}",
            "ignored": "; ".join(f"{one.name} {one.reason}" for one in table.ignored),
            "detector": repr(self.detector),
            "threshold": describe_threshold(self.detector),
            "flagged": f"{flagged} of {n} rows ({100 * flagged / n:.3g} %){self._in_intervals()}",
            "measured": ", ".join(measured)
            + "".join(f" ({why})" for why in _unique(self.undefined)),
            "written": self.output or "",
            "saved": self.saved or "",
        }

    def _in_intervals(self) -> str:
        if self.rows.clock is None:
            return ""
        return f" in {len(find_intervals(self.labels, self.scores))} intervals"

    def _order(self, top: int) -> list[int]:
        import numpy as np

        return [int(row) for row in np.argsort(-self.scores, kind="stable")[:top]]

    def _print_top(self, top: int) -> None:
        table = self.rows.table
        names = table.frame.columns
        where = "row" if table.lines is None else "line"
        order = self._order(top)
        rows = [
            [
                str(self._place(row)),
                number(float(self.scores[row])),
                "yes" if self.labels[row] else "no",
                *(_cell(value) for value in values),
            ]
            for row, values in zip(order, self._frame_rows(order), strict=True)
        ]
        columns, rows, hidden = fit_columns(
            (where, "score", "anomaly", *names), rows, optional=names
        )
        print_table(columns, rows, right=(where, "score", *table.feature_names))
        if hidden:
            click.echo(f"(not shown for want of room: {_listed(tuple(hidden))})")

    def _print_series(self, top: int) -> None:
        clock = self.rows.clock
        assert clock is not None
        names = self.rows.table.feature_names
        label = max(len("score"), len(names[0]))
        width = shutil.get_terminal_size().columns - label - 2
        click.echo(
            f"\n{names[0]:<{label}}  {sparkline(self.rows.features[names[0]].to_numpy(), width)}"
        )
        click.echo(f"{'score':<{label}}  {sparkline(self.scores, width)}")
        click.echo(f"{'':<{label}}  {mark(self.labels, width)}")
        found = find_intervals(self.labels, self.scores)[:top]
        if found:
            click.echo(f"\nThe most anomalous of the intervals ({len(found)} shown):")
            rows = [
                (
                    clock[one.first],
                    clock[one.last],
                    one.n_steps,
                    number(self.scores[one.peak]),
                    clock[one.peak],
                )
                for one in found
            ]
            columns = ("from", "to", "steps", "score", "highest at")
            print_table(columns, rows, right=("steps", "score"))

    def _frame_rows(self, order: list[int]) -> list[tuple[Any, ...]]:
        return self.rows.table.typed_frame[self.rows.kept[order]].rows()

    def _place(self, row: int) -> int:
        at = int(self.rows.kept[row])
        line = self.rows.table.line_of(at)
        return at if line is None else line

    def _as_json(self, top: int) -> dict[str, Any]:
        table, detector = self.rows.table, self.detector
        where = "row" if table.lines is None else "line"
        order = self._order(top)
        names = table.frame.columns
        return {
            "file": str(table.path),
            "n_rows": len(self.scores),
            "n_dropped": self.rows.n_dropped,
            "columns": list(table.feature_names),
            "ignored": {one.name: one.reason for one in table.ignored},
            "detector": detector.name,
            "params": {name: _plain(value) for name, value in detector.get_params().items()},
            "threshold": detector.decision_threshold,
            "threshold_provenance": detector.threshold_provenance,
            "n_flagged": int(self.labels.sum()),
            "metrics": self.metrics,
            "undefined": self.undefined,
            **self._intervals_as_json(),
            "top": [
                {
                    where: self._place(row),
                    "score": float(self.scores[row]),
                    "anomaly": int(self.labels[row]),
                    "values": dict(zip(names, map(_plain, values), strict=True)),
                }
                for row, values in zip(order, self._frame_rows(order), strict=True)
            ],
            "output": None if self.output is None else str(self.output),
            "saved": None if self.saved is None else str(self.saved),
        }

    def _intervals_as_json(self) -> dict[str, Any]:
        clock = self.rows.clock
        if clock is None:
            return {}
        return {
            "intervals": [
                {
                    "from": _plain(clock[one.first]),
                    "to": _plain(clock[one.last]),
                    "n_steps": one.n_steps,
                    "score": float(self.scores[one.peak]),
                }
                for one in find_intervals(self.labels, self.scores)
            ]
        }


def label_rows(
    detector: "BaseDetector", rows: Rows, scores: "NDArray[Any]", **files: Path | None
) -> Report:
    """Turn scores into labels by the detector's threshold and, with labels, measure them."""
    if detector.threshold_provenance["strategy"] is None:
        raise ParameterError(
            f"{detector.name} has no decision threshold; give one with --threshold"
        )
    labels = (scores >= detector.decision_threshold).astype("int64")
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    if rows.y is not None:
        from ad_core.metrics import evaluate
        from ad_core.registry import get_registry

        metrics = get_registry().metrics
        specs = [metrics.get(f"core/{name}").spec for name in ("roc_auc", "pr_auc", "f1_fit")]
        found = evaluate(rows.y, scores, labels, specs)
        values, reasons = found.values, found.reasons
    return Report(
        rows=rows,
        detector=detector,
        scores=scores,
        labels=labels,
        metrics=values,
        undefined=reasons,
        **files,
    )


def describe_threshold(detector: "BaseDetector") -> str:
    """Say what the threshold is and how it was found."""
    found = detector.threshold_provenance
    if found["strategy"] is None:
        return "none"
    text = f"{number(detector.decision_threshold, 6)}, {found['strategy']}"
    if "n_scores" in found:
        text += f" of {found['n_scores']} scores"
    if "contamination" in found and found["strategy"] != "mad":
        text += f" at contamination {found['contamination']:g}"
    return text


def _listed(names: tuple[str, ...], most: int = 12) -> str:
    more = f", … ({len(names) - most} more)" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _unique(reasons: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(reasons.values()))


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 30 or not on_terminal() else f"{text[:29]}…"


def _plain(value: object) -> object:
    """Return what JSON can express, else how the value prints."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, bool | int | str) else str(value)
