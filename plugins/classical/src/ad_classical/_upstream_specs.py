"""Detectors of scikit-learn, each driven by an adapter."""

from ad_core.spec import Capability, DetectorSpec, Family

__all__ = ["UPSTREAM"]

UPSTREAM: tuple[DetectorSpec, ...] = (
    DetectorSpec(
        name="isolation_forest",
        aliases=("iforest",),
        target="sklearn.ensemble:IsolationForest",
        adapter="ad_classical.detectors.isolation_forest:IsolationForestAdapter",
        fixed={"verbose": 0, "warm_start": False},
        summary="How few random splits separate a row from the rest",
        family=Family.ISOLATION,
        capabilities=(
            Capability.NOVELTY,
            Capability.MULTIVARIATE,
            Capability.SERIALIZABLE,
            Capability.SEEDED,
        ),
        references=(
            (
                "F. T. Liu, K. M. Ting, Z.-H. Zhou. Isolation forest. ICDM, 2008. "
                "doi:10.1109/ICDM.2008.17"
            ),
        ),
    ),
)
