"""What ad-core itself registers: null baselines, embedded data sets, metrics."""

from ad_core.data.specs import DATASETS
from ad_core.hookspecs import hookimpl
from ad_core.metrics.specs import METRICS
from ad_core.spec import DatasetSpec, DetectorSpec, Deviation, MetricSpec

__all__ = ["ad_datasets", "ad_detectors", "ad_metrics"]

_PLACES = ("novelty", "multivariate", "deterministic", "serializable", "transductive")


@hookimpl
def ad_detectors() -> list[DetectorSpec]:
    """Return the null baselines, which any real detector has to beat."""
    return [
        DetectorSpec(
            name="random",
            target="ad_core.baselines:RandomScores",
            summary="Null baseline: uniform random scores",
            family="baseline",
            capabilities=("novelty", "multivariate", "seeded", "serializable", "transductive"),
        ),
        DetectorSpec(
            name="constant",
            target="ad_core.baselines:ConstantScores",
            summary="Null baseline: the same score for every row",
            family="baseline",
            capabilities=("novelty", "multivariate", "deterministic", "serializable"),
        ),
        DetectorSpec(
            name="time_index",
            target="ad_core.baselines:TimeIndex",
            summary="Null baseline: the number of the time step",
            family="baseline",
            data=("timeseries",),
            capabilities=_PLACES,
        ),
        DetectorSpec(
            name="one_hit",
            target="ad_core.baselines:OneHit",
            summary="Null baseline: 1 for the step that strays furthest, 0 for all others",
            family="baseline",
            data=("timeseries",),
            capabilities=_PLACES,
            deviations=(
                Deviation(
                    check="transductive_scores_depend_on_the_batch",
                    reason="The one hit lies in the part that is scored alone",
                ),
            ),
        ),
    ]


@hookimpl
def ad_datasets() -> tuple[DatasetSpec, ...]:
    """Return the embedded data sets."""
    return DATASETS


@hookimpl
def ad_metrics() -> tuple[MetricSpec, ...]:
    """Return the metrics for tabular scores and labels."""
    return METRICS
