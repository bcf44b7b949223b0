"""What ad-core itself registers: null baselines, embedded data sets, metrics."""

from ad_core.data.specs import DATASETS
from ad_core.hookspecs import hookimpl
from ad_core.metrics.specs import METRICS
from ad_core.spec import DatasetSpec, DetectorSpec, MetricSpec

__all__ = ["ad_datasets", "ad_detectors", "ad_metrics"]


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
    ]


@hookimpl
def ad_datasets() -> tuple[DatasetSpec, ...]:
    """Return the embedded data sets."""
    return DATASETS


@hookimpl
def ad_metrics() -> tuple[MetricSpec, ...]:
    """Return the metrics for tabular scores and labels."""
    return METRICS
