"""Native detectors that replace what upstream computes wrongly; see docs/upstream.md."""

from ad_core.spec import Capability, DetectorSpec, Family, Learning

__all__ = ["NATIVE"]

_NOVELTY = (Capability.NOVELTY, Capability.MULTIVARIATE, Capability.SERIALIZABLE)
_SEEDED = (*_NOVELTY, Capability.SEEDED)
_DETERMINISTIC = (*_NOVELTY, Capability.DETERMINISTIC)

NATIVE: tuple[DetectorSpec, ...] = (
    DetectorSpec(
        name="ecod",
        target="ad_classical.detectors.ecod:ECOD",
        summary="Surprise of the rarer empirical tail, added up over the columns",
        family=Family.PROBABILISTIC,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "Z. Li, Y. Zhao, X. Hu, N. Botta, C. Ionescu, G. H. Chen. ECOD: unsupervised "
                "outlier detection using empirical cumulative distribution functions. IEEE TKDE "
                "35(12), 2023. doi:10.1109/TKDE.2022.3159580"
            ),
        ),
    ),
    DetectorSpec(
        name="copod",
        target="ad_classical.detectors.copod:COPOD",
        summary="Surprise of the tails of the empirical copula, corrected for skewness",
        family=Family.PROBABILISTIC,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "Z. Li, Y. Zhao, N. Botta, C. Ionescu, X. Hu. COPOD: copula-based outlier "
                "detection. ICDM, 2020. doi:10.1109/ICDM50108.2020.00135"
            ),
        ),
    ),
    DetectorSpec(
        name="mad",
        aliases=("robust_zscore",),
        target="ad_classical.detectors.mad:MAD",
        summary="Largest robust z-score of the columns, by median absolute deviation",
        family=Family.PROBABILISTIC,
        capabilities=_DETERMINISTIC,
        references=("B. Iglewicz, D. C. Hoaglin. How to detect and handle outliers. ASQC, 1993.",),
    ),
    DetectorSpec(
        name="kde",
        aliases=("kernel_density",),
        target="ad_classical.detectors.kde:KDE",
        summary="Negative log-density of a Gaussian kernel on every training row",
        family=Family.DENSITY,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "L. J. Latecki, A. Lazarevic, D. Pokrajac. Outlier detection with kernel "
                "density functions. MLDM, 2007. doi:10.1007/978-3-540-73499-4_6"
            ),
        ),
    ),
    DetectorSpec(
        name="isolation_forest",
        aliases=("iforest",),
        target="ad_classical.detectors.isolation_forest:IsolationForest",
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
        name="loda",
        target="ad_classical.detectors.loda:LODA",
        summary="Mean negative log-probability in histograms of sparse random projections",
        family=Family.ENSEMBLE,
        capabilities=_SEEDED,
        references=(
            (
                "T. Pevný. Loda: lightweight on-line detector of anomalies. Machine Learning "
                "102, 2016. doi:10.1007/s10994-015-5521-0"
            ),
        ),
    ),
    DetectorSpec(
        name="abod",
        aliases=("fast_abod",),
        target="ad_classical.detectors.abod:ABOD",
        summary="Small variance of the angles under which a row sees pairs of training rows",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "H.-P. Kriegel, M. Schubert, A. Zimek. Angle-based outlier detection in high- "
                "dimensional data. KDD, 2008. doi:10.1145/1401890.1401946"
            ),
        ),
    ),
    DetectorSpec(
        name="cof",
        target="ad_classical.detectors.cof:COF",
        summary="Chaining distance to the neighbours over that of the neighbours to theirs",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "J. Tang, Z. Chen, A. W. Fu, D. W. Cheung. Enhancing effectiveness of outlier "
                "detections for low density patterns. PAKDD, 2002. doi:10.1007/3-540-47887-6_53"
            ),
        ),
    ),
    DetectorSpec(
        name="sod",
        target="ad_classical.detectors.sod:SOD",
        summary="Distance to a reference set in the columns where that set agrees",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "H.-P. Kriegel, P. Kröger, E. Schubert, A. Zimek. Outlier detection in axis- "
                "parallel subspaces of high dimensional data. PAKDD, 2009. "
                "doi:10.1007/978-3-642-01307-2_86"
            ),
        ),
    ),
    DetectorSpec(
        name="sos",
        target="ad_classical.detectors.sos:SOS",
        summary="Probability that no training row chooses the row as a neighbour",
        family=Family.PROXIMITY,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "J. H. M. Janssens, F. Huszár, E. O. Postma, H. J. van den Herik. Stochastic "
                "outlier selection. Tilburg Centre for Creative Computing, TR 2012-001, 2012."
            ),
        ),
    ),
    DetectorSpec(
        name="loci",
        target="ad_classical.detectors.loci:LOCI",
        summary="Largest deviation of a row's neighbour count from its neighbours', over all radii",
        family=Family.DENSITY,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "S. Papadimitriou, H. Kitagawa, P. B. Gibbons, C. Faloutsos. LOCI: fast outlier "
                "detection using the local correlation integral. ICDE, 2003. "
                "doi:10.1109/ICDE.2003.1260802"
            ),
        ),
    ),
    DetectorSpec(
        name="hdbscan",
        aliases=("glosh",),
        target="ad_classical.detectors.hdbscan:HDBSCAN",
        summary="How early a row leaves its density cluster in the HDBSCAN hierarchy (GLOSH)",
        family=Family.CLUSTERING,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander. Hierarchical density "
                "estimates for data clustering, visualization, and outlier detection. ACM TKDD "
                "10(1), 2015. doi:10.1145/2733381"
            ),
        ),
    ),
    DetectorSpec(
        name="kpca",
        aliases=("kernel_pca",),
        target="ad_classical.detectors.kpca:KPCA",
        summary="Reconstruction error of kernel principal components in feature space",
        family=Family.LINEAR,
        capabilities=_SEEDED,
        references=(
            (
                "H. Hoffmann. Kernel PCA for novelty detection. Pattern Recognition 40(3), "
                "2007. doi:10.1016/j.patcog.2006.07.009"
            ),
        ),
    ),
    DetectorSpec(
        name="cd",
        aliases=("cooks_distance",),
        target="ad_classical.detectors.cd:CD",
        summary="Mean Cook's distance in the regressions of each column on the others",
        family=Family.LINEAR,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "R. D. Cook. Detection of influential observation in linear regression. "
                "Technometrics 19(1), 1977. doi:10.1080/00401706.1977.10489493"
            ),
        ),
    ),
    DetectorSpec(
        name="rod",
        target="ad_classical.detectors.rod:ROD",
        summary="Unusual volumes of rotation about the geometric median, over 3-d subspaces",
        family=Family.LINEAR,
        capabilities=_DETERMINISTIC,
        references=(
            (
                "Y. Almardeny, N. Boujnah, F. Cleary. A novel outlier detection method for "
                "multivariate data. IEEE TKDE 34(9), 2022. doi:10.1109/TKDE.2020.3036524"
            ),
        ),
    ),
    DetectorSpec(
        name="one_class_svm",
        aliases=("ocsvm",),
        target="ad_classical.detectors.one_class_svm:OneClassSVM",
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
        target="ad_classical.detectors.elliptic_envelope:EllipticEnvelope",
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
        target="ad_classical.detectors.gaussian_mixture:GaussianMixture",
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
        target="ad_classical.detectors.bayesian_gaussian_mixture:BayesianGaussianMixture",
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
