"""What ad-timeseries brings; listing it imports none of the libraries behind it."""

from collections.abc import Iterable

from ad_core.hookspecs import hookimpl
from ad_core.spec import Capability, DataKind, DetectorSpec, Deviation, Family, Learning, MetricSpec
from ad_timeseries._metric_specs import METRICS

__all__ = ["ad_detectors", "ad_metrics"]

# The steps of a series belong together: a step's score depends on its neighbours.
_SERIES = (
    Capability.NOVELTY,
    Capability.MULTIVARIATE,
    Capability.TRANSDUCTIVE,
    Capability.SERIALIZABLE,
)
_DETERMINISTIC = (*_SERIES, Capability.DETERMINISTIC)
_SEEDED = (*_SERIES, Capability.SEEDED)
# By default a step's deviation is its own; only method="rolling" looks at the past.
_POINTWISE = tuple(one for one in _DETERMINISTIC if one is not Capability.TRANSDUCTIVE)
_SALIENT = "It marks sudden changes, not the stretches between them"
_SUBSEQUENCES = (
    (
        "P. Boniol, J. Paparrizos, T. Palpanas. New trends in time series anomaly detection. "
        "EDBT, 2023."
    ),
)

OWN = (
    DetectorSpec(
        name="matrix_profile",
        aliases=("discord",),
        target="ad_timeseries.detectors.matrix_profile:MatrixProfile",
        summary="Distance of each subsequence to its nearest neighbour (STUMP, mSTAMP)",
        family=Family.PROXIMITY,
        data=(DataKind.TIMESERIES,),
        capabilities=_DETERMINISTIC,
        references=(
            (
                "C.-C. M. Yeh and others. Matrix profile I: all pairs similarity joins for time "
                "series. ICDM, 2016. doi:10.1109/ICDM.2016.0179"
            ),
            (
                "C.-C. M. Yeh, N. Kavantzas, E. Keogh. Matrix profile VI: meaningful "
                "multidimensional motif discovery. ICDM, 2017. doi:10.1109/ICDM.2017.66"
            ),
            (
                "S. M. Law. STUMPY: a powerful and scalable Python library for time series data "
                "mining. JOSS 4, 2019. doi:10.21105/joss.01504"
            ),
        ),
        deviations=(
            Deviation(
                check="outliers_score_higher",
                scenario="level_shift",
                reason="Subsequences are compared after z-normalisation, which hides their level",
            ),
        ),
    ),
    DetectorSpec(
        name="point_zscore",
        target="ad_timeseries.detectors.point_zscore:PointZScore",
        summary="Deviations of each step from the mean: global, robust, or of the past steps",
        family=Family.RULE,
        data=(DataKind.TIMESERIES,),
        capabilities=_POINTWISE,
        references=(
            (
                "B. Iglewicz, D. C. Hoaglin. How to detect and handle outliers. ASQC Quality "
                "Press, 1993."
            ),
        ),
        deviations=tuple(
            Deviation(
                check=check,
                scenario="reordered_period",
                reason="It looks at values alone, and here only their order is wrong",
            )
            for check in ("outliers_score_higher", "peak_is_at_the_anomaly")
        ),
    ),
    DetectorSpec(
        name="spectral_residual",
        target="ad_timeseries.detectors.spectral_residual:SpectralResidual",
        summary="Saliency of each step: what a smoothed spectrum does not explain",
        family=Family.RULE,
        data=(DataKind.TIMESERIES,),
        capabilities=_DETERMINISTIC,
        references=(
            (
                "H. Ren and others. Time-series anomaly detection service at Microsoft. KDD, 2019. "
                "doi:10.1145/3292500.3330680"
            ),
        ),
        deviations=tuple(
            Deviation(check="outliers_score_higher", scenario=scenario, reason=_SALIENT)
            for scenario in (
                *("broken_period", "reordered_period", "level_shift"),
                "one_of_three_channels",
            )
        ),
    ),
)


def _windowed(
    name: str,
    detector: str,
    summary: str,
    family: Family,
    *,
    learning: Learning = Learning.UNSUPERVISED,
    modules: tuple[str, ...] = ("ad_classical",),
    extra: str = "ad-classical",
    aliases: tuple[str, ...] = (),
    deviations: tuple[Deviation, ...] = (),
) -> DetectorSpec:
    return DetectorSpec(
        name=name,
        aliases=aliases,
        target="ad_timeseries.detectors.windowed:Windowed",
        summary=summary,
        family=family,
        data=(DataKind.TIMESERIES,),
        learning=learning,
        capabilities=_SEEDED,
        fixed={"detector": detector},
        modules=modules,
        extra=extra,
        references=_SUBSEQUENCES,
        deviations=deviations,
    )


WINDOWED = (
    DetectorSpec(
        name="windowed",
        target="ad_timeseries.detectors.windowed:Windowed",
        summary="Any tabular detector over sliding windows",
        family=Family.ENSEMBLE,
        data=(DataKind.TIMESERIES,),
        capabilities=_SEEDED,
        # Its default detector's; another one needs what its own plugin needs.
        modules=("ad_classical",),
        extra="ad-classical",
        references=_SUBSEQUENCES,
    ),
    _windowed(
        "windowed_isolation_forest",
        "classical/isolation_forest",
        "Isolation forest over sliding windows",
        Family.ISOLATION,
        aliases=("sub_iforest",),
    ),
    _windowed(
        "windowed_lof",
        "classical/local_outlier_factor",
        "Local outlier factor over sliding windows",
        Family.DENSITY,
        aliases=("sub_lof",),
    ),
    _windowed(
        "windowed_pca",
        "classical/pca",
        "Principal components of sliding windows",
        Family.LINEAR,
        aliases=("sub_pca",),
    ),
    _windowed(
        "windowed_knn",
        "classical/knn",
        "Distance to the nearest training windows",
        Family.PROXIMITY,
        aliases=("sub_knn",),
    ),
    _windowed(
        "windowed_usad",
        "deep/usad",
        "USAD, two adversarial decoders, over sliding windows",
        Family.NEURAL,
        modules=("ad_deep", "torch"),
        extra="ad-deep[torch]",
        deviations=(
            Deviation(
                check="peak_is_at_the_anomaly",
                scenario="reordered_period",
                reason="The noise of its reconstruction is largest at the ends, where one window "
                "alone covers a step",
            ),
        ),
    ),
)


@hookimpl
def ad_detectors() -> Iterable[DetectorSpec]:
    """Return every time-series detector."""
    return (*OWN, *WINDOWED)


@hookimpl
def ad_metrics() -> Iterable[MetricSpec]:
    """Return the metrics of series."""
    return METRICS
