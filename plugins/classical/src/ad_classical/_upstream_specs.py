"""Detectors of scikit-learn and PyOD, each driven by an adapter."""

from ad_core.spec import Capability, DetectorSpec, Family, Learning

__all__ = ["UPSTREAM"]

SKLEARN = "ad_classical.adapters:SklearnAdapter"
AFFINE = "ad_classical.adapters:AffineSklearnAdapter"
PYOD = "ad_classical.adapters:PyODAdapter"

_NOVELTY = (Capability.NOVELTY, Capability.MULTIVARIATE, Capability.SERIALIZABLE)
_SEEDED = (*_NOVELTY, Capability.SEEDED)
_DETERMINISTIC = (*_NOVELTY, Capability.DETERMINISTIC)

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

_SKLEARN = (
    DetectorSpec(
        name="isolation_forest",
        aliases=("iforest",),
        target="sklearn.ensemble:IsolationForest",
        adapter=AFFINE,
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
        name="local_outlier_factor",
        aliases=("lof",),
        target="sklearn.neighbors:LocalOutlierFactor",
        adapter=SKLEARN,
        fixed={"novelty": True},
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

_PYOD = (
    DetectorSpec(
        name="knn",
        aliases=("k_nearest_neighbors",),
        target="pyod.models.knn:KNN",
        adapter=PYOD,
        fixed={"radius": 1.0},
        summary="Distance to the k-th nearest training row",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        modules=("pyod",),
        extra="pyod>=3.6,<3.7",
        references=_KNN_PAPERS,
    ),
    DetectorSpec(
        name="avg_knn",
        aliases=("mean_knn",),
        target="pyod.models.knn:KNN",
        adapter=PYOD,
        fixed={"radius": 1.0, "method": "mean"},
        summary="Mean distance to the k nearest training rows",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        modules=("pyod",),
        extra="pyod>=3.6,<3.7",
        references=_KNN_PAPERS,
    ),
    DetectorSpec(
        name="median_knn",
        target="pyod.models.knn:KNN",
        adapter=PYOD,
        fixed={"radius": 1.0, "method": "median"},
        summary="Median distance to the k nearest training rows",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        modules=("pyod",),
        extra="pyod>=3.6,<3.7",
        references=_KNN_PAPERS,
    ),
)

UPSTREAM: tuple[DetectorSpec, ...] = (*_SKLEARN, *_PYOD)
