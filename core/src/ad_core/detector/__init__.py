"""The detector contract: what every detector does, whoever wrote it."""

from ad_core.detector._adapter import AdapterDetector
from ad_core.detector._base import BaseDetector
from ad_core.detector._inputs import InputKind, Layout, Series, Tabular
from ad_core.detector._quiet import quiet
from ad_core.detector._saving import load_detector, save_detector
from ad_core.detector._sklearn import SklearnDetector, as_sklearn
from ad_core.detector._thresholds import (
    HeldOutQuantile,
    MedianAbsoluteDeviation,
    SplitConformal,
    ThresholdStrategy,
    TrainingQuantile,
)

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
