"""KDE, Gaussian mixtures, MCD and one-class SVM: exact, in blocks, by any number of threads."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn import mixture, svm
from sklearn.covariance import EllipticEnvelope as SklearnEnvelope
from sklearn.covariance import MinCovDet, empirical_covariance

from ad_classical import _kernels
from ad_classical.detectors.bayesian_gaussian_mixture import BayesianGaussianMixture
from ad_classical.detectors.cblof import CBLOF
from ad_classical.detectors.elliptic_envelope import EllipticEnvelope, _covariance
from ad_classical.detectors.gaussian_mixture import GaussianMixture
from ad_classical.detectors.kde import KDE
from ad_classical.detectors.loci import LOCI
from ad_classical.detectors.one_class_svm import OneClassSVM
from ad_classical.detectors.sgd_one_class_svm import SGDOneClassSVM
from ad_core.errors import FitError

TABLES = Path(os.environ.get("AD_DATA_MIRROR", "")) / "adbench" / "Classical"


def clusters(n=700, d=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + 6 * rng.integers(3, size=(n, 1))


DATA = {
    "clusters": clusters(),
    "ties": np.random.default_rng(1).integers(0, 3, size=(400, 4)).astype(float),
    "constant": np.c_[clusters(300), np.full(300, 0.5)],
    "one column": clusters(300, 1),
    "far from 0": clusters(300) + 1e9,
}
EACH = pytest.mark.parametrize("X", DATA.values(), ids=DATA.keys())


def real(name):
    found = sorted(TABLES.glob(f"*_{name}.npz"))
    if not found:
        pytest.skip("AD_DATA_MIRROR holds no data sets of ADBench")
    return np.asarray(np.load(found[0])["X"], dtype=float)


def new(X, n=200):
    rng = np.random.default_rng(7)
    chosen = X[rng.integers(len(X), size=n)]
    noise = rng.normal(size=chosen.shape) * X.std(axis=0)
    return np.vstack([chosen, chosen + noise, X.mean(axis=0) + 50 * noise[:9]])


@pytest.fixture
def threads(monkeypatch):
    """Let threads begin however little there is to do."""
    monkeypatch.setattr("ad_classical._products.MANY_ELEMENTS", 0)
    monkeypatch.setattr("ad_classical._gaussian_sums._MANY_PAIRS", 0)


def assert_alone_as_in_the_batch(detector, T):
    batch = detector.score_samples(T)
    alone = [detector.score_samples(row[None])[0] for row in T[::13]]
    np.testing.assert_allclose(alone, batch[::13], rtol=1e-12, atol=1e-12)


# -- KDE ------------------------------------------------------------------------------------------


def negative_log_density(X, T, h):
    logs = [logsumexp(-((X - t) ** 2).sum(axis=1) / 2 / h**2) for t in T]
    return np.log(len(X)) + X.shape[1] / 2 * np.log(2 * np.pi * h**2) - np.array(logs)


@EACH
@pytest.mark.parametrize("width", [0.01, 1.0, 100.0])
def test_kde_is_the_direct_sum(X, width):
    h, T = width * X.std(axis=0).max(), new(X)
    detector = KDE(bandwidth=h).fit(X)
    expected = negative_log_density(X, T, h)
    np.testing.assert_allclose(detector.score_samples(T), expected, rtol=1e-9, atol=1e-9)
    left_out = [negative_log_density(np.delete(X, i, axis=0), X[[i]], h)[0] for i in range(20)]
    np.testing.assert_allclose(detector.training_scores_[:20], left_out, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["cardio", "satellite"])
def test_kde_is_the_direct_sum_on_real_rows(name):
    X = real(name)[:1500]
    detector = KDE().fit(X[:1000])
    expected = negative_log_density(X[:1000], X[1000:], detector.bandwidth_)
    np.testing.assert_allclose(detector.score_samples(X[1000:]), expected, rtol=1e-9, atol=1e-9)


@EACH
def test_kde_scores_a_row_alone_as_in_the_batch(X):
    assert_alone_as_in_the_batch(KDE().fit(X), new(X))


@EACH
@pytest.mark.parametrize("width", [0.01, 1.0, 100.0])
def test_kde_of_near_rows_alone_is_that_of_all(monkeypatch, X, width):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    h, T = width * X.std(axis=0).max(), new(X)
    detector = KDE(bandwidth=h).fit(X)
    alone = [detector.score_samples(row[None])[0] for row in T]
    np.testing.assert_allclose(alone, negative_log_density(X, T, h), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(alone, detector.score_samples(T), rtol=1e-9, atol=1e-9)
    monkeypatch.setattr(_kernels, "_numba", lambda: False)
    plain = KDE(bandwidth=h).fit(X)
    np.testing.assert_allclose(detector.training_scores_, plain.training_scores_, 1e-9, 1e-9)


@pytest.mark.usefixtures("threads")
def test_kde_has_the_same_bits_with_any_number_of_threads():
    X, T = clusters(1500), new(clusters(1500), 500)
    one, two = KDE(n_jobs=1).fit(X), KDE(n_jobs=2).fit(X)
    np.testing.assert_array_equal(one.training_scores_, two.training_scores_)
    np.testing.assert_array_equal(one.score_samples(T), two.score_samples(T))


# -- all of them ----------------------------------------------------------------------------------

DETECTORS = [
    KDE(),
    GaussianMixture(),
    GaussianMixture(4, covariance_type="diag", random_state=0),
    BayesianGaussianMixture(random_state=0),
    EllipticEnvelope(random_state=0),
    OneClassSVM(),
    OneClassSVM(kernel="sigmoid"),
    CBLOF(random_state=0),
    CBLOF(random_state=0, use_weights=True),
    SGDOneClassSVM(random_state=0),
]
ALL = pytest.mark.parametrize("detector", DETECTORS, ids=[repr(one) for one in DETECTORS])


@ALL
@EACH
def test_a_row_alone_scores_as_in_the_batch(detector, X):
    assert_alone_as_in_the_batch(detector.clone().fit(X), new(X))


@ALL
@pytest.mark.usefixtures("threads")
def test_any_number_of_threads_gives_the_same_bits(detector):
    X = clusters(1500)
    T = np.tile(new(X, 900), (16, 1))  # more than a block
    one, two = (detector.clone().set_params(n_jobs=n_jobs).fit(X) for n_jobs in (1, 2))
    np.testing.assert_array_equal(one.training_scores_, two.training_scores_)
    np.testing.assert_array_equal(one.score_samples(T), two.score_samples(T))


# -- mixtures -------------------------------------------------------------------------------------

SHAPES = pytest.mark.parametrize("shape", ["full", "tied", "diag", "spherical"])
NEAR = [name for name in DATA if name != "far from 0"]


def assert_like(ours, theirs, T):
    np.testing.assert_allclose(ours.score_samples(T), -theirs.score_samples(T), 1e-9, 1e-9)


@SHAPES
@pytest.mark.parametrize("name", NEAR)
@pytest.mark.parametrize("reg_covar", [1e-6, 0.1])
def test_one_gaussian_is_what_expectation_maximisation_arrives_at(shape, name, reg_covar):
    X, arguments = DATA[name], {"covariance_type": shape, "reg_covar": reg_covar}
    theirs = mixture.GaussianMixture(random_state=0, **arguments).fit(X)
    assert_like(GaussianMixture(**arguments).fit(X), theirs, new(X))


@pytest.mark.parametrize("start", ["kmeans", "random", "random_from_data", "k-means++"])
def test_one_gaussian_does_not_depend_on_the_start(start):
    X = DATA["clusters"]
    theirs = mixture.GaussianMixture(init_params=start, random_state=0, tol=0, max_iter=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(X)
    assert_like(GaussianMixture(init_params=start).fit(X), theirs, new(X))


@SHAPES
@pytest.mark.parametrize("name", NEAR)
def test_several_gaussians_are_scikit_learns(shape, name):
    X, arguments = DATA[name], {"n_components": 3, "covariance_type": shape, "random_state": 1}
    theirs = mixture.GaussianMixture(**arguments).fit(X)
    assert_like(GaussianMixture(**arguments).fit(X), theirs, new(X))


@SHAPES
@pytest.mark.parametrize("kind", ["dirichlet_process", "dirichlet_distribution"])
def test_a_bayesian_mixture_is_scikit_learns(shape, kind):
    X = DATA["clusters"]
    arguments = {
        "n_components": 4,
        "covariance_type": shape,
        "weight_concentration_prior_type": kind,
        "random_state": 1,
        "max_iter": 400,
    }
    theirs = mixture.BayesianGaussianMixture(**arguments).fit(X)
    assert_like(BayesianGaussianMixture(**arguments).fit(X), theirs, new(X))


@pytest.mark.parametrize("name", ["cardio", "satellite"])
def test_one_gaussian_of_real_rows_is_scikit_learns(name):
    X = real(name)
    assert_like(GaussianMixture().fit(X), mixture.GaussianMixture(random_state=0).fit(X), X)


def test_given_means_move_with_columns_far_from_0():
    X, far = DATA["clusters"], DATA["far from 0"]
    means = X[:3]
    near = GaussianMixture(3, means_init=means, random_state=0).fit(X[:300] + 0)
    moved = GaussianMixture(3, means_init=means + 1e9, random_state=0).fit(X[:300] + 1e9)
    np.testing.assert_allclose(moved.score_samples(X + 1e9), near.score_samples(X), rtol=1e-3)
    assert len(far) == 300


def test_a_singular_covariance_names_the_argument_that_mends_it():
    for shape in ("full", "diag"):
        with pytest.raises(
            FitError, match=r"GaussianMixture: .* singular; raise reg_covar \(now 0"
        ):
            GaussianMixture(covariance_type=shape, reg_covar=0.0).fit(DATA["constant"])


# -- MCD ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [{}, {"support_fraction": 0.8}, {"assume_centered": True}])
@pytest.mark.parametrize("n", [60, 700, 1700])
def test_mcd_is_scikit_learns(arguments, n):
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(n, 4)) @ rng.normal(size=(4, 4)), rng.normal(size=(20, 4)) + 9])
    theirs = SklearnEnvelope(random_state=3, **arguments).fit(X)
    assert_like(EllipticEnvelope(random_state=3, **arguments).fit(X), theirs, new(X))


@pytest.mark.parametrize("assume_centered", [False, True])
@pytest.mark.parametrize("shape", [(2, 1), (150, 20), (1501, 7)])
def test_covariances_have_the_bits_of_scikit_learns(assume_centered, shape):
    X = np.random.default_rng(0).normal(size=shape) * 7 + np.arange(shape[1])
    expected = empirical_covariance(X, assume_centered=assume_centered)
    np.testing.assert_array_equal(_covariance(X, assume_centered=assume_centered), expected)
    assert callable(MinCovDet._nonrobust_covariance), "the attribute that it goes to"


# -- the one-class SVM ----------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly", "sigmoid"])
@pytest.mark.parametrize("name", NEAR)
@pytest.mark.parametrize("gamma", ["scale", "auto", 3.0])
def test_one_class_svm_is_scikit_learns(kernel, name, gamma):
    X, arguments = DATA[name], {"kernel": kernel, "gamma": gamma, "coef0": 0.5, "nu": 0.3}
    if name == "constant" and kernel == "rbf":
        X = X - [0, 0, 0, 0, 0, 0.5]  # as if it were far from 0, for the sake of "scale"
    theirs = svm.OneClassSVM(**arguments)
    theirs.random_state = 0
    T = new(X)
    expected = -theirs.fit(X).score_samples(T)
    scores = OneClassSVM(**arguments).fit(X).score_samples(T)
    largest = 1 if kernel in ("rbf", "sigmoid") else np.linalg.norm(X, axis=1).max()
    scale = np.abs(theirs.dual_coef_).sum() * largest
    np.testing.assert_allclose(scores, expected, rtol=1e-9, atol=1e-11 * scale)


def test_one_class_svm_tells_support_vectors_apart_far_from_their_mean():
    X = np.vstack([clusters(200, 2), clusters(200, 2) + 1e6])
    detector = OneClassSVM(gamma=1.0).fit(X)
    theirs = svm.OneClassSVM(gamma=1.0)
    theirs.random_state = 0
    moved = theirs.fit(X).score_samples(X)
    np.testing.assert_allclose(detector.score_samples(X), -moved, atol=1e-3)
    inexact = np.linalg.norm(X - detector.shifts_, axis=1) > 1e5
    assert inexact.all()


# -- CBLOF ----------------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize("weights", [False, True])
def test_cblof_is_the_distance_to_the_own_or_the_nearest_large_centre(X, weights):
    detector = CBLOF(5, alpha=0.6, use_weights=weights, random_state=0).fit(X)
    T = new(X)
    distances = np.linalg.norm(T[:, None] - detector.cluster_centers_, axis=2)
    own = distances.argmin(axis=1)
    to_large = distances[:, detector.is_large_].min(axis=1)
    expected = np.where(detector.is_large_[own], distances.min(axis=1), to_large)
    expected *= detector.cluster_sizes_[own] if weights else 1
    np.testing.assert_allclose(detector.score_samples(T), expected, rtol=1e-9)


def test_cblof_counts_distinct_rows_beyond_the_first_ones():
    X = np.zeros((100, 1))
    X[60:] = np.arange(40)[:, None]
    assert len(CBLOF(8, random_state=0).fit(X).cluster_centers_) == 8
    assert len(CBLOF(8, random_state=0).fit(np.minimum(X, 2)).cluster_centers_) == 3


# -- SGD ------------------------------------------------------------------------------------------


def test_features_kept_or_computed_anew_give_the_same_direction(monkeypatch):
    X = clusters(1500)
    kept = SGDOneClassSVM(random_state=0).fit(X)
    monkeypatch.setattr("ad_classical.detectors.sgd_one_class_svm._KEPT_ELEMENTS", 0)
    anew = SGDOneClassSVM(random_state=0).fit(X)
    np.testing.assert_allclose(anew.coef_, kept.coef_, rtol=1e-9, atol=1e-12)


# -- LOCI -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clusters", "ties", "constant"])
@pytest.mark.parametrize("arguments", [{}, {"scoring": "first"}, {"max_radii": 7}])
def test_loci_has_the_same_bits_compiled_or_not_and_in_threads(monkeypatch, name, arguments):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    X = np.unique(DATA[name], axis=0)[:80] if name != "ties" else DATA[name][:80]
    T = new(DATA[name], 5)
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    compiled = LOCI(**arguments, n_jobs=2).fit(X)
    expected = compiled.score_samples(T)
    monkeypatch.setattr(_kernels, "_numba", lambda: False)
    plain = LOCI(**arguments).fit(X)
    np.testing.assert_array_equal(compiled.training_scores_, plain.training_scores_)
    np.testing.assert_array_equal(expected, plain.score_samples(T))
