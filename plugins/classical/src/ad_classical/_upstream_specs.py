"""Detectors of scikit-learn, each driven by an adapter."""

from ad_core.spec import Capability, DetectorSpec, Family, Learning

__all__ = ["UPSTREAM"]

SKLEARN = "ad_classical.adapters:SklearnAdapter"
AFFINE = "ad_classical.adapters:AffineSklearnAdapter"

_NOVELTY = (Capability.NOVELTY, Capability.MULTIVARIATE, Capability.SERIALIZABLE)
_SEEDED = (*_NOVELTY, Capability.SEEDED)
_DETERMINISTIC = (*_NOVELTY, Capability.DETERMINISTIC)

UPSTREAM: tuple[DetectorSpec, ...] = (
    DetectorSpec(
        name="isolation_forest",
        aliases=("iforest",),
        target="sklearn.ensemble:IsolationForest",
        adapter="ad_classical.detectors.isolation_forest:IsolationForestAdapter",
        fixed={"verbose": 0, "warm_start": False},
        summary="How few random splits separate a row from the rest",
        family=Family.ISOLATION,
        capabilities=_SEEDED,
        references=(
            (
                "F. T. Liu, K. M. Ting, Z.-H. Zhou. Isolation forest. ICDM, 2008. "
                "doi:10.1109/ICDM.2008.17"
            ),
        ),
    ),
    DetectorSpec(
        name="one_class_svm",
        aliases=("ocsvm",),
        target="sklearn.svm:OneClassSVM",
        adapter=SKLEARN,
        fixed={"verbose": False},
        summary="Distance from the boundary of a kernel support vector machine around the data",
        family=Family.LINEAR,
        learning=Learning.ONE_CLASS,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "B. Schölkopf, J. Platt, J. Shawe-Taylor, A. Smola, R. Williamson. Estimating the "
                "support of a high-dimensional distribution. Neural Computation 13, 2001. "
                "doi:10.1162/089976601750264965"
            ),
        ),
    ),
    DetectorSpec(
        name="elliptic_envelope",
        aliases=("mcd", "minimum_covariance_determinant"),
        target="sklearn.covariance:EllipticEnvelope",
        adapter=AFFINE,
        summary="Squared Mahalanobis distance, robust (minimum covariance determinant)",
        family=Family.PROBABILISTIC,
        capabilities=_SEEDED,
        references=(
            (
                "P. Rousseeuw, K. Van Driessen. A fast algorithm for the minimum covariance "
                "determinant "
                "estimator. Technometrics 41, 1999. doi:10.1080/00401706.1999.10485670"
            ),
        ),
    ),
    DetectorSpec(
        name="gaussian_mixture",
        aliases=("gmm",),
        target="sklearn.mixture:GaussianMixture",
        adapter=SKLEARN,
        fixed={"verbose": 0, "verbose_interval": 10, "warm_start": False},
        summary="Negative log-likelihood under a mixture of Gaussians (one by default)",
        family=Family.DENSITY,
        capabilities=_SEEDED,
        references=(
            (
                "C. Aggarwal. Outlier analysis, chapter 2. Springer, 2017. "
                "doi:10.1007/978-3-319-47578-3"
            ),
        ),
    ),
    DetectorSpec(
        name="bayesian_gaussian_mixture",
        target="sklearn.mixture:BayesianGaussianMixture",
        adapter=SKLEARN,
        fixed={"verbose": 0, "verbose_interval": 10, "warm_start": False},
        defaults={"n_components": 5, "covariance_type": "diag"},
        summary="Negative log-likelihood under a mixture that drops needless components",
        family=Family.DENSITY,
        capabilities=_SEEDED,
        references=(
            (
                "D. Blei, M. Jordan. Variational inference for Dirichlet process mixtures. "
                "Bayesian Analysis 1, 2006. doi:10.1214/06-BA104"
            ),
        ),
    ),
)
