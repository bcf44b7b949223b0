"""Native detectors against PyOD and scikit-learn, wherever those are right."""

import numpy as np
import pytest
from pyod.models import cblof, hbos, inne, knn, lof, mcd, ocsvm
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.svm import OneClassSVM

from ad_classical.detectors.cblof import CBLOF
from ad_classical.detectors.hbos import HBOS
from ad_classical.detectors.pca import PCA
from ad_classical.detectors.sampling import Sampling
from ad_classical.detectors.sgd_one_class_svm import SGDOneClassSVM
from ad_core.load import create


def real():
    X = load_wine().data
    return X[::2].copy(), X[1::2].copy()


def off_the_bin_edges():
    """Real rows, moved a little: a value on an edge belongs to either bin."""
    rng = np.random.default_rng(0)
    return tuple(rows + 1e-4 * rng.normal(size=rows.shape) for rows in real())


def correlated(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    return np.c_[a, a + 0.1 * rng.normal(size=n)]


def close(a, b, tolerance=1e-9):
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("name", "method"), [("knn", "largest"), ("avg_knn", "mean"), ("median_knn", "median")]
)
def test_knn_is_pyods_with_leave_one_out_training_scores(name, method):
    X, T = real()
    ours, theirs = create(name, n_neighbors=7).fit(X), knn.KNN(n_neighbors=7, method=method).fit(X)
    close(ours.score_samples(T), theirs.decision_function(T))
    close(ours.training_scores_, theirs.decision_scores_)
    assert (ours.score_samples(X) <= ours.training_scores_ + 1e-12).all()


def test_lof_is_pyods_with_leave_one_out_training_scores():
    X, T = real()
    ours, theirs = create("lof").fit(X), lof.LOF().fit(X)
    close(ours.score_samples(T), theirs.decision_function(T))
    close(ours.training_scores_, theirs.decision_scores_)


def test_isolation_forest_is_scikit_learns():
    X, T = real()
    ours = create("iforest", random_state=3).fit(X)
    close(ours.score_samples(T), -IsolationForest(random_state=3).fit(X).score_samples(T))


def test_one_class_svm_is_scikit_learns_and_pyods_up_to_an_offset():
    X, T = real()
    ours = create("ocsvm", gamma="auto").fit(X).score_samples(T)
    close(ours, -OneClassSVM(gamma="auto").fit(X).score_samples(T))
    theirs = ocsvm.OCSVM(gamma="auto").fit(X).decision_function(T)
    close(ours - ours[0], theirs - theirs[0])


def test_mcd_is_pyods():
    X, T = real()
    X, T = X[:, :4], T[:, :4]
    ours = create("mcd", random_state=0).fit(X).score_samples(T)
    close(ours, mcd.MCD(random_state=0).fit(X).decision_function(T))


def test_gmm_is_scikit_learns_and_right_for_integers():
    X = np.random.default_rng(0).integers(0, 50, size=(200, 3))
    ours = create("gmm", random_state=0).fit(X)
    theirs = GaussianMixture(random_state=0).fit(X.astype(float))
    close(ours.score_samples(X), -theirs.score_samples(X.astype(float)))


def test_inne_is_pyods():
    X, T = real()
    ours = create("inne", random_state=5).fit(X)
    close(ours.score_samples(T), inne.INNE(random_state=5).fit(X).decision_function(T))


@pytest.mark.parametrize("n_bins", [5, 10, 25])
def test_hbos_with_densities_is_pyods(n_bins):
    X, T = off_the_bin_edges()
    ours, theirs = HBOS(n_bins=n_bins, heights="density").fit(X), hbos.HBOS(n_bins=n_bins).fit(X)
    close(ours.score_samples(T), theirs.decision_function(T))


def test_hbos_is_pyods_on_columns_scaled_to_the_unit_interval():
    X, T = off_the_bin_edges()
    low, span = X.min(axis=0), np.ptp(X, axis=0)
    scaled = hbos.HBOS().fit((X - low) / span)
    close(HBOS().fit(X).score_samples(T), scaled.decision_function((T - low) / span))


def test_hbos_finds_few_bins_for_a_uniform_column_and_more_for_two_modes():
    rng = np.random.default_rng(0)
    modes = np.r_[rng.normal(size=500), rng.normal(size=500) + 30]
    detector = HBOS(n_bins="auto").fit(np.c_[rng.uniform(size=1000), modes])
    flat, two = (len(logs) for logs in detector.logs_)
    assert flat == 2
    assert two > 8


def test_hbos_does_not_depend_on_units_where_pyods_goes_blind():
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(500, 3)), np.vstack([rng.normal(size=(100, 3)), np.full((10, 3), 9.0)])
    y = np.r_[np.zeros(100), np.ones(10)]
    close(HBOS().fit(X).score_samples(T), HBOS().fit(X * 1e6).score_samples(T * 1e6))
    assert roc_auc_score(y, HBOS().fit(X * 1e6).score_samples(T * 1e6)) == 1
    theirs = hbos.HBOS().fit(X * 1e6).decision_function(T * 1e6)
    assert np.ptp(theirs) < 1e-3  # every row alike


def test_cblof_is_pyods_on_clusters():
    X = load_breast_cancer().data[:, :5]
    ours, theirs = CBLOF(random_state=0).fit(X[::2]), cblof.CBLOF(random_state=0).fit(X[::2])
    close(ours.score_samples(X[1::2]), theirs.decision_function(X[1::2]))
    weighted = cblof.CBLOF(random_state=0, use_weights=True).fit(X[::2])
    ours = CBLOF(random_state=0, use_weights=True).fit(X[::2])
    close(ours.score_samples(X[1::2]), weighted.decision_function(X[1::2]))


def test_cblof_of_one_cloud_calls_every_cluster_large():
    X = np.random.default_rng(0).normal(size=(300, 5))
    with pytest.raises(ValueError, match="Could not form valid cluster separation"):
        cblof.CBLOF(random_state=16).fit(X)
    detector = CBLOF(random_state=16).fit(X)
    assert detector.is_large_.all()
    assert detector.score_samples(np.full((1, 5), 20.0)) > detector.training_scores_.max()


def test_cblof_forms_no_more_clusters_than_there_are_distinct_rows():
    detector = CBLOF(n_clusters=8, random_state=0).fit(np.repeat([[0.0], [1.0], [9.0]], 20, axis=0))
    assert len(detector.cluster_centers_) == 3


def test_pca_sees_a_broken_correlation_on_either_side():
    detector = PCA().fit(correlated())
    broken = detector.score_samples([[1.5, -1.5], [-1.5, 1.5]])
    ordinary = detector.score_samples([[2.0, 2.0], [-2.0, -2.0], [0.0, 0.0]])
    close(broken[0], broken[1], 0.05)
    assert broken.min() > 20 * ordinary.max()


def test_pca_is_the_squared_mahalanobis_distance_for_many_rows():
    X = np.random.default_rng(0).multivariate_normal([1, 2], [[2, 1.2], [1.2, 1]], size=20_000)
    precision = np.linalg.inv(np.cov(X.T, bias=True))
    centred = X - X.mean(axis=0)
    expected = np.einsum("ij,jk,ik->i", centred, precision, centred)
    np.testing.assert_allclose(PCA().fit(X).score_samples(X), expected, rtol=2e-3)


def test_pca_sees_a_change_in_a_constant_or_dependent_column():
    X = correlated(300)
    X = np.c_[X, np.full(300, 4.0), X[:, 0] * 2]
    detector = PCA().fit(X)
    for column in (2, 3):
        row = X[:1].copy()
        row[0, column] += 3
        assert detector.score_samples(row) > detector.training_scores_.max()


def test_pca_of_some_components_and_of_more_columns_than_rows():
    X = np.random.default_rng(0).normal(size=(40, 8))
    assert PCA(n_components=5, n_selected_components=2).fit(X).components_.shape == (2, 8)
    wide = np.random.default_rng(0).normal(size=(20, 60))
    assert np.isfinite(PCA().fit(wide).score_samples(wide)).all()
    assert np.isfinite(PCA(weighted=False, standardization=False).fit(X).score_samples(X)).all()


def test_sampling_is_the_distance_to_its_sample():
    X, T = real()
    detector = Sampling(subset_size=0.25, random_state=0).fit(X)
    assert len(detector.subset_) == len(X) // 4
    expected = np.linalg.norm(T[:, None] - detector.subset_[None], axis=2).min(axis=1)
    close(detector.score_samples(T), expected)
    assert len(Sampling(subset_size=500).fit(X).subset_) == len(X)


def test_sgd_one_class_svm_ranks_as_one_class_svm_does():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(800, 4))
    X[:400] += 4
    T = rng.normal(size=(300, 4)) * 3
    exact = create("ocsvm", gamma=0.25).fit(X / X.std(axis=0)).score_samples(T / X.std(axis=0))
    close_to = SGDOneClassSVM(n_components=2048, random_state=0).fit(X).score_samples(T)
    ranks = np.argsort(np.argsort(exact)), np.argsort(np.argsort(close_to))
    assert np.corrcoef(*ranks)[0, 1] > 0.95
