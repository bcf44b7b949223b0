"""Metrics of series: an anomaly is a stretch of time, not so many rows."""

from ad_timeseries.metrics.events import (
    event_f1,
    event_f1_best,
    event_f1_curve,
    range_f1,
    range_f1_best,
    range_f1_curve,
)
from ad_timeseries.metrics.vus import vus_pr, vus_roc

__all__ = [
    "event_f1",
    "event_f1_best",
    "event_f1_curve",
    "range_f1",
    "range_f1_best",
    "range_f1_curve",
    "vus_pr",
    "vus_roc",
]
