"""The metrics of ad-timeseries, as data."""

from collections.abc import Sequence
from typing import Any

from ad_core.spec import DataKind, MetricExample, MetricInput, MetricSpec

__all__ = ["METRICS"]

LABELS = (0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
SCORES = (1, 2, 2, 9, 8, 7, 3, 1, 2, 6, 5, 1, 4, 0, 2, 1, 9, 1, 0, 2)
FLAGGED = tuple(int(score >= 5) for score in SCORES)
"""Of three events two are found, in three of six flagged steps."""

_VUS = (
    (
        "J. Paparrizos, P. Boniol, T. Palpanas, R. Tsay, A. Elmore, M. Franklin. Volume under the "
        "surface: a new accuracy evaluation measure for time-series anomaly detection. PVLDB "
        "15(11), 2022. doi:10.14778/3551793.3551830"
    ),
)
_RANGES = (
    (
        "N. Tatbul, T. J. Lee, S. Zdonik, M. Alam, J. Gottschlich. Precision and recall for time "
        "series. NeurIPS, 2018. arXiv:1803.03639"
    ),
)
_EVENTS = (
    (
        "A. Garg, W. Zhang, J. Samaran, R. Savitha, C.-S. Foo. An evaluation of anomaly detection "
        "and diagnosis in multivariate time series. IEEE TNNLS 33(6), 2022. "
        "doi:10.1109/TNNLS.2021.3105827"
    ),
)
_TSB_AD = "TSB-AD 1.5's own functions"
_EVERY_RANK = f"{_TSB_AD}, whose 250 ranks are all of these 20 steps"


def _spec(name: str, summary: str, expected: float, source: str, **more: Any) -> MetricSpec:
    values: Sequence[float] = FLAGGED if "input" in more else SCORES
    home = "vus" if name.startswith("vus") else "events"
    return MetricSpec(
        name=name,
        target=f"ad_timeseries.metrics.{home}:{name.removesuffix('_exact')}",
        summary=summary,
        data=(DataKind.TIMESERIES,),
        examples=(MetricExample(y_true=LABELS, values=values, expected=expected, source=source),),
        **more,
    )


METRICS = (
    _spec(
        "vus_pr",
        "Volume under range-based precision-recall curves, windows up to 100.",
        0.9719416054148865,
        _TSB_AD,
        references=_VUS,
    ),
    _spec(
        "vus_roc",
        "Volume under range-based ROC curves, windows up to 100.",
        0.9837275456545198,
        _TSB_AD,
        references=_VUS,
    ),
    _spec(
        "vus_pr_exact",
        "vus_pr with a threshold at every distinct score, instead of at 250 ranks.",
        0.9719416054148865,
        _EVERY_RANK,
        params={"n_thresholds": None},
        references=_VUS,
    ),
    _spec(
        "vus_roc_exact",
        "vus_roc with a threshold at every distinct score, instead of at 250 ranks.",
        0.9837275456545198,
        _EVERY_RANK,
        params={"n_thresholds": None},
        references=_VUS,
    ),
    _spec(
        "range_f1",
        "Range-based F1 of the detector's own labels: overlap of stretches, in one piece.",
        0.46487867177522346,
        _TSB_AD,
        input=MetricInput.PREDICTIONS,
        references=_RANGES,
    ),
    _spec(
        "range_f1_best",
        "Largest range-based F1 over 250 ranks of the scores (an oracle).",
        0.46487867177522346,
        f"{_TSB_AD}, at every distinct score",
        oracle=True,
        references=_RANGES,
    ),
    _spec(
        "event_f1",
        "Harmonic mean of events found and point precision, of the detector's own labels.",
        4 / 7,
        "By hand: two of three events, three of six steps.",
        input=MetricInput.PREDICTIONS,
        references=_EVENTS,
    ),
    _spec(
        "event_f1_best",
        "Largest event_f1 over all thresholds (an oracle).",
        4 / 7,
        f"{_TSB_AD}, at every distinct score",
        oracle=True,
        references=_EVENTS,
    ),
)
