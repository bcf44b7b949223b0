"""Labels and scores to numbers: pure functions, `metric(y_true, values, **params) -> float`.

Names are imported on first use, because `ad_core.metrics.specs` is read whenever
plugins are listed, and listing must not import numpy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ad_core.metrics._curve import check_labels, check_scores, once
    from ad_core.metrics._errors import UndefinedMetricError
    from ad_core.metrics._evaluate import Evaluation, evaluate
    from ad_core.metrics._ranking import average_precision, precision_at_n, r_precision, roc_auc
    from ad_core.metrics._thresholds import (
        f1_at_threshold,
        f1_best,
        f1_fit,
        f1_youden,
        youden_threshold,
    )

__all__ = [
    "Evaluation",
    "UndefinedMetricError",
    "average_precision",
    "check_labels",
    "check_scores",
    "evaluate",
    "f1_at_threshold",
    "f1_best",
    "f1_fit",
    "f1_youden",
    "once",
    "precision_at_n",
    "r_precision",
    "roc_auc",
    "youden_threshold",
]

_HOMES = {
    "_curve": ("check_labels", "check_scores", "once"),
    "_errors": ("UndefinedMetricError",),
    "_evaluate": ("Evaluation", "evaluate"),
    "_ranking": ("average_precision", "precision_at_n", "r_precision", "roc_auc"),
    "_thresholds": ("f1_at_threshold", "f1_best", "f1_fit", "f1_youden", "youden_threshold"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
