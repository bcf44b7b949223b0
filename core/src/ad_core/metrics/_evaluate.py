"""Several metrics of one run; an undefined one is a null with its reason."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from ad_core.load import import_target
from ad_core.metrics._curve import one_sort
from ad_core.metrics._errors import UndefinedMetricError
from ad_core.spec import MetricInput, MetricSpec

__all__ = ["Evaluation", "evaluate"]


@frozen(kw_only=True)
class Evaluation:
    """Values by metric name, None where there is none; `reasons` says why."""

    values: dict[str, float | None]
    reasons: dict[str, str]


def evaluate(
    y_true: ArrayLike,
    scores: ArrayLike,
    predictions: ArrayLike | None,
    specs: Iterable[MetricSpec],
) -> Evaluation:
    """Compute metrics by their specs.

    Parameters
    ----------
    y_true
        Labels, shape (n_samples,): 1 for an anomaly, 0 for a normal sample.
    scores
        Scores, shape (n_samples,), higher for more anomalous.
    predictions
        Labels at the detector's own threshold, shape (n_samples,); None when it has none.
    specs
        The metrics.

    Returns
    -------
    Evaluation
        A value, or None and a reason, for each metric.
    """
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    labels, ranked = _frozen(y_true), _frozen(scores)
    flagged = None if predictions is None else _frozen(predictions)
    with one_sort():
        for spec in specs:
            try:
                values[spec.name] = _value(spec, labels, ranked, flagged)
            except UndefinedMetricError as error:
                values[spec.name], reasons[spec.name] = None, str(error)
            except Exception as error:  # noqa: BLE001 - a plugin's metric must not cost a finished run
                values[spec.name] = None
                reasons[spec.name] = f"the metric failed: {type(error).__name__}: {error}"
    return Evaluation(values=values, reasons=reasons)


def _frozen(values: ArrayLike) -> NDArray[Any]:
    """Return a view that cannot be written to: a metric must not change what the next one sees."""
    view = np.asarray(values).view()
    view.flags.writeable = False
    return view


def _value(
    spec: MetricSpec,
    y_true: NDArray[Any],
    scores: NDArray[Any],
    predictions: NDArray[Any] | None,
) -> float:
    given = scores if spec.input is MetricInput.SCORES else predictions
    if given is None:
        raise UndefinedMetricError("the detector has no decision threshold")
    value = float(import_target(spec.target)(y_true, given, **spec.params))
    if not math.isfinite(value):
        raise UndefinedMetricError(f"the metric returned {value}")
    return value
