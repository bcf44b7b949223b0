"""Native detectors over columns, clusters and components, and those made of other detectors."""

from ad_core.spec import Capability, DetectorSpec, Family, Learning

__all__ = ["ENSEMBLES", "PLAIN"]

_NOVELTY = (Capability.NOVELTY, Capability.MULTIVARIATE, Capability.SERIALIZABLE)
_SEEDED = (*_NOVELTY, Capability.SEEDED)
_DETERMINISTIC = (*_NOVELTY, Capability.DETERMINISTIC)

PLAIN: tuple[DetectorSpec, ...] = (
    DetectorSpec(
        name="pca",
        aliases=("principal_components",),
        target="ad_classical.detectors.pca:PCA",
        summary="Squared distance along each principal component, in units of its variance",
        family=Family.LINEAR,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "M.-L. Shyu, S.-C. Chen, K. Sarinnapakorn, L. Chang. A novel anomaly detection "
                "scheme "
                "based on principal component classifier. ICDM workshop, 2003."
            ),
        ),
    ),
    DetectorSpec(
        name="hbos",
        target="ad_classical.detectors.hbos:HBOS",
        summary="Negative log height of one histogram a column, added up",
        family=Family.PROBABILISTIC,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "M. Goldstein, A. Dengel. Histogram-based outlier score (HBOS): a fast "
                "unsupervised "
                "anomaly detection algorithm. KI, 2012."
            ),
        ),
    ),
    DetectorSpec(
        name="cblof",
        target="ad_classical.detectors.cblof:CBLOF",
        summary="Distance to the nearest large k-means cluster",
        family=Family.CLUSTERING,
        capabilities=_SEEDED,
        references=(
            (
                "Z. He, X. Xu, S. Deng. Discovering cluster-based local outliers. Pattern "
                "Recognition "
                "Letters 24, 2003. doi:10.1016/S0167-8655(03)00003-5"
            ),
        ),
    ),
    DetectorSpec(
        name="sampling",
        aliases=("sp",),
        target="ad_classical.detectors.sampling:Sampling",
        summary="Distance to the nearest row of a small random sample",
        family=Family.PROXIMITY,
        capabilities=_SEEDED,
        references=(
            (
                "M. Sugiyama, K. Borgwardt. Rapid distance-based outlier detection via "
                "sampling. NeurIPS, 2013."
            ),
        ),
    ),
    DetectorSpec(
        name="inne",
        target="ad_classical.detectors.inne:INNE",
        summary="Isolation by hyperspheres that reach to the nearest neighbour in small samples",
        family=Family.ISOLATION,
        capabilities=_SEEDED,
        references=(
            (
                "T. Bandaragoda, K. M. Ting, D. Albrecht, F. T. Liu, Y. Zhu, J. Wells. "
                "Isolation-based "
                "anomaly detection using nearest-neighbor ensembles. Computational "
                "Intelligence 34, 2018. "
                "doi:10.1111/coin.12156"
            ),
        ),
    ),
    DetectorSpec(
        name="sgd_one_class_svm",
        aliases=("sgd_ocsvm",),
        target="ad_classical.detectors.sgd_one_class_svm:SGDOneClassSVM",
        summary="One-class support vector machine on random features, by gradient descent",
        family=Family.LINEAR,
        learning=Learning.ONE_CLASS,
        capabilities=_SEEDED,
        references=(
            "A. Rahimi, B. Recht. Random features for large-scale kernel machines. NeurIPS, 2007.",
        ),
    ),
)

ENSEMBLES: tuple[DetectorSpec, ...] = (
    DetectorSpec(
        name="ensemble",
        target="ad_classical.detectors.ensemble:Ensemble",
        summary="Average, maximum, median or mean rank of any registered detectors",
        family=Family.ENSEMBLE,
        capabilities=_SEEDED,
        references=(
            (
                "C. Aggarwal, S. Sathe. Theoretical foundations and algorithms for outlier "
                "ensembles. "
                "SIGKDD Explorations 17, 2015. doi:10.1145/2830544.2830549"
            ),
        ),
    ),
    DetectorSpec(
        name="feature_bagging",
        target="ad_classical.detectors.feature_bagging:FeatureBagging",
        summary="One detector on many random subsets of the columns",
        family=Family.ENSEMBLE,
        capabilities=_SEEDED,
        references=(
            (
                "A. Lazarevic, V. Kumar. Feature bagging for outlier detection. KDD, 2005. "
                "doi:10.1145/1081870.1081891"
            ),
        ),
    ),
    DetectorSpec(
        name="lscp",
        target="ad_classical.detectors.lscp:LSCP",
        summary="Each row scored by the detectors that are competent around it",
        family=Family.ENSEMBLE,
        capabilities=_SEEDED,
        references=(
            (
                "Y. Zhao, Z. Nasrullah, M. Hryniewicki, Z. Li. LSCP: locally selective "
                "combination in "
                "parallel outlier ensembles. SDM, 2019. doi:10.1137/1.9781611975673.66"
            ),
        ),
    ),
    DetectorSpec(
        name="suod",
        target="ad_classical.detectors.suod:SUOD",
        summary="Many different detectors side by side, some on random projections",
        family=Family.ENSEMBLE,
        capabilities=_SEEDED,
        references=(
            (
                "Y. Zhao and others. SUOD: accelerating large-scale unsupervised heterogeneous "
                "outlier "
                "detection. MLSys, 2021."
            ),
        ),
    ),
    DetectorSpec(
        name="xgbod",
        target="ad_classical.detectors.xgbod:XGBOD",
        summary="Boosted trees on the columns and on unsupervised scores; needs labels",
        family=Family.ENSEMBLE,
        learning=Learning.SUPERVISED,
        capabilities=(*_SEEDED, Capability.SUPERVISED),
        modules=("xgboost",),
        extra="ad-classical[xgboost]",
        references=(
            (
                "Y. Zhao, M. Hryniewicki. XGBOD: improving supervised outlier detection with "
                "unsupervised representation learning. IJCNN, 2018. doi:10.1109/IJCNN.2018.8489605"
            ),
        ),
    ),
)
