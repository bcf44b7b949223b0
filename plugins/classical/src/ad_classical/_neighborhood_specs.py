"""Native detectors that look at the nearest training rows."""

from ad_core.spec import Capability, DetectorSpec, Family

__all__ = ["NEIGHBORHOOD"]

_DETERMINISTIC = (
    *(Capability.NOVELTY, Capability.MULTIVARIATE, Capability.SERIALIZABLE),
    Capability.DETERMINISTIC,
)
_KNN_PAPERS = (
    (
        "S. Ramaswamy, R. Rastogi, K. Shim. Efficient algorithms for mining outliers from large "
        "data sets. SIGMOD, 2000. doi:10.1145/342009.335437"
    ),
    (
        "F. Angiulli, C. Pizzuti. Fast outlier detection in high dimensional spaces. PKDD, 2002. "
        "doi:10.1007/3-540-45681-3_2"
    ),
)

NEIGHBORHOOD: tuple[DetectorSpec, ...] = (
    DetectorSpec(
        name="knn",
        aliases=("k_nearest_neighbors",),
        target="ad_classical.detectors.knn:KNN",
        summary="Distance to the k-th nearest training row",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=_KNN_PAPERS,
    ),
    DetectorSpec(
        name="avg_knn",
        aliases=("mean_knn",),
        target="ad_classical.detectors.knn:KNN",
        fixed={"method": "mean"},
        summary="Mean distance to the k nearest training rows",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=_KNN_PAPERS,
    ),
    DetectorSpec(
        name="median_knn",
        target="ad_classical.detectors.knn:KNN",
        fixed={"method": "median"},
        summary="Median distance to the k nearest training rows",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=_KNN_PAPERS,
    ),
    DetectorSpec(
        name="local_outlier_factor",
        aliases=("lof",),
        target="ad_classical.detectors.local_outlier_factor:LocalOutlierFactor",
        summary="Density at a row compared with the density at its neighbours",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "M. Breunig, H.-P. Kriegel, R. Ng, J. Sander. LOF: identifying density-based local "
                "outliers. SIGMOD, 2000. doi:10.1145/342009.335388"
            ),
        ),
    ),
)
