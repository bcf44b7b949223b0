"""What reproduces published tables: PyOD's LODA and PCA, the k-means and the draws of 2022."""

import warnings

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import IsolationForest

from ad_classical._kmeans_2022 import _first_centers, kmeans_2022
from ad_core.load import create

X = load_breast_cancer().data[:300, :8]
TRAIN, TEST = X[:200], X[200:]


def state(seed=5):
    return np.random.RandomState(seed)


def test_loda_is_pyods_with_the_generator_that_it_is_given():
    from pyod.models.loda import LODA

    ours = create("pyod_loda", random_state=state()).fit(TRAIN)
    theirs = LODA(random_state=state()).fit(TRAIN)
    np.testing.assert_array_equal(ours.score_samples(TEST), theirs.decision_function(TEST))


def test_pca_is_pyods_with_the_signs_of_the_left_singular_vectors():
    from pyod.models.pca import PCA

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = PCA(svd_solver="full").fit(TRAIN)
    along = theirs.scaler_.transform(TRAIN) @ theirs.components_.T
    largest = along[np.abs(along).argmax(axis=0), np.arange(8)]
    assert not (largest > 0).all()
    components = theirs.components_ * np.sign(largest)[:, None]
    distances = cdist(theirs.scaler_.transform(TEST), components)
    expected = (distances / theirs.explained_variance_ratio_).sum(axis=1)
    ours = create("pyod_pca").fit(TRAIN)
    assert ours.score_samples(TEST) == pytest.approx(expected, rel=1e-9)


def test_the_first_center_of_2022_is_a_row_drawn_as_a_whole_number():
    assert _first_centers(X, 1, state()).tolist() == [X[state().randint(len(X))].tolist()]


def test_the_centers_of_2022_are_rows_far_apart():
    blobs = np.repeat(np.arange(6.0), 20)[:, None] * 100 + state().uniform(size=(120, 1))
    centers = _first_centers(blobs, 6, state())
    assert sorted((centers // 100).ravel()) == [0, 1, 2, 3, 4, 5]
    assert {*centers.ravel()} <= {*blobs.ravel()}


def test_the_best_of_ten_starts_is_kept():
    ten = kmeans_2022(8, state()).fit(X)
    generator = state()
    alone = []
    for _ in range(10):
        first = _first_centers(X - X.mean(axis=0), 8, generator)
        one = KMeans(8, init=first, n_init=1, algorithm="elkan").fit(X - X.mean(axis=0))
        alone.append(one.inertia_)
    assert ten.inertia_ == pytest.approx(min(alone))
    assert max(alone) > 1.01 * min(alone)


def test_cblof_takes_the_kmeans_of_2022_on_demand():
    now = create("cblof", random_state=1).fit(TRAIN)
    then = create("cblof", random_state=1, kmeans="2022").fit(TRAIN)
    expected = kmeans_2022(8, 1).fit(TRAIN).cluster_centers_
    assert then.cluster_centers_ == pytest.approx(expected)
    assert now.cluster_centers_.tolist() != then.cluster_centers_.tolist()


def test_a_foreign_detector_draws_from_the_very_generator_that_it_is_given():
    generator, same = state(), state()
    ours = create("isolation_forest", n_estimators=10, random_state=generator).fit(TRAIN)
    theirs = IsolationForest(n_estimators=10, random_state=same).fit(TRAIN)
    np.testing.assert_array_equal(ours.score_samples(TEST), -theirs.score_samples(TEST))
    assert generator.randint(10**6) == same.randint(10**6)


def test_a_detector_with_a_generator_can_be_saved(tmp_path):
    fitted = create("isolation_forest", n_estimators=10, random_state=state()).fit(TRAIN)
    fitted.save(tmp_path / "forest.ad")
    twin = type(fitted).load(tmp_path / "forest.ad")
    np.testing.assert_array_equal(twin.score_samples(TEST), fitted.score_samples(TEST))
