"""What published tables were computed with, faults included; see docs/upstream.md."""

from ad_core.spec import Capability, DetectorSpec, Deviation, Family

__all__ = ["PUBLISHED"]

_PYOD = "ad_classical.adapters:PyODAdapter"
_NOVELTY = (Capability.NOVELTY, Capability.MULTIVARIATE, Capability.SERIALIZABLE)
_PAGE = "docs/upstream.md"


def _deviations(reason: str, *checks: tuple[str, str]) -> tuple[Deviation, ...]:
    return tuple(
        Deviation(check=check, scenario=scenario, reason=reason, issue=_PAGE)
        for check, scenario in checks
    )


PUBLISHED: tuple[DetectorSpec, ...] = (
    DetectorSpec(
        name="pyod_loda",
        target="pyod.models.loda:LODA",
        adapter=_PYOD,
        summary="LODA as PyOD has it, to reproduce published tables; loda is the right one",
        family=Family.ENSEMBLE,
        capabilities=(*_NOVELTY, Capability.SEEDED),
        modules=("pyod",),
        extra="pyod>=3.6,<3.7",
        references=(
            (
                "T. Pevný. Loda: lightweight on-line detector of anomalies. Machine Learning "
                "102, 2016. doi:10.1007/s10994-015-5521-0"
            ),
        ),
        deviations=_deviations(
            "a row gets the bin beside its own, and what lies beyond the histogram the last bin",
            ("outliers_score_higher", "few_rows"),
            ("outliers_score_higher", "units"),
            ("far_clusters_score_high", ""),
            ("far_rows_stay_flagged", ""),
        ),
    ),
    DetectorSpec(
        name="pyod_pca",
        target="ad_classical.detectors.pyod_pca:PyODPCA",
        summary="PCA as PyOD has it, to reproduce published tables; pca is the right one",
        family=Family.LINEAR,
        capabilities=(*_NOVELTY, Capability.DETERMINISTIC),
        references=(
            (
                "M.-L. Shyu, S.-C. Chen, K. Sarinnapakorn, L. Chang. A novel anomaly detection "
                "scheme based on principal component classifier. ICDM workshop, 2003."
            ),
        ),
        deviations=_deviations(
            "it divides by the variance of every component, 0 or not",
            ("equal_rows", ""),
            ("constant_column", ""),
        ),
    ),
)
