"""The detector contract: what every detector does, whoever wrote it.

scikit-learn (which imports torch where that is installed) is imported on first
use of the wrapper for it.
"""

from typing import TYPE_CHECKING, Any

from ad_core.detector._adapter import AdapterDetector
from ad_core.detector._base import BaseDetector
from ad_core.detector._inputs import InputKind, Layout, Series, Tabular
from ad_core.detector._quiet import quiet
from ad_core.detector._saving import load_detector, save_detector
from ad_core.detector._thresholds import (
    HeldOutQuantile,
    MedianAbsoluteDeviation,
    SplitConformal,
    ThresholdStrategy,
    TrainingQuantile,
)

if TYPE_CHECKING:
    from ad_core.detector._sklearn import SklearnDetector, as_sklearn

__all__ = [
    "AdapterDetector",
    "BaseDetector",
    "HeldOutQuantile",
    "InputKind",
    "Layout",
    "MedianAbsoluteDeviation",
    "Series",
    "SklearnDetector",
    "SplitConformal",
    "Tabular",
    "ThresholdStrategy",
    "TrainingQuantile",
    "as_sklearn",
    "load_detector",
    "quiet",
    "save_detector",
]


def __getattr__(name: str) -> Any:
    if name not in ("SklearnDetector", "as_sklearn"):
        raise AttributeError(f"module 'ad_core.detector' has no attribute {name!r}")
    from ad_core.detector import _sklearn

    return getattr(_sklearn, name)
