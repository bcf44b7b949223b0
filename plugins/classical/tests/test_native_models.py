"""KDE, LODA, KPCA, CD and ROD: models of the training rows as a whole."""

import importlib
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.datasets import load_breast_cancer

from ad_classical.detectors.cd import CD
from ad_classical.detectors.kde import KDE
from ad_classical.detectors.kpca import KPCA
from ad_classical.detectors.loda import LODA, _best_bins, _bin_of
from ad_classical.detectors.rod import ROD
from ad_core.errors import ParameterError

ALL = pytest.mark.parametrize(
    "detector", [CD(), KDE(), KPCA(), LODA(random_state=0), ROD()], ids=lambda one: one.name
)


def upstream(name, X, **params):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module(f"pyod.models.{name.lower()}")
        return getattr(module, name)(**params).fit(X)


def cancer(columns=30):
    X = load_breast_cancer().data[:200, :columns]
    return (X - X.mean(axis=0)) / X.std(axis=0)


def normal(n=120, d=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


# -- the contract ---------------------------------------------------------------------------------


@ALL
def test_one_row_scores_as_in_its_batch(detector):
    X = cancer(8)
    fitted = detector.clone().fit(X[:150])
    alone = [fitted.score_samples(row[None])[0] for row in X[150:]]
    np.testing.assert_allclose(alone, fitted.score_samples(X[150:]), rtol=1e-10)


@ALL
def test_a_far_row_scores_above_every_inlier(detector):
    fitted = detector.clone().fit(normal())
    far = fitted.score_samples(normal(10, seed=3) + 100)
    assert far.min() > fitted.training_scores_.max()


@ALL
def test_few_fresh_rows_are_flagged(detector):
    fitted = detector.clone().fit(normal(400))
    assert 0.04 < fitted.predict(normal(1000, seed=1)).mean() < 0.17


@ALL
@pytest.mark.parametrize(
    "X",
    [
        np.ones((10, 3)),
        np.zeros((30, 1)),
        normal(4, 9),
        np.c_[normal(40), np.ones(40)],
        normal(2),
        np.repeat(normal(10), 8, axis=0),
        normal() * 1e9 + 1e12,
        normal() * 1e-9,
        np.c_[normal(40), normal(40)[:, :2] @ [[1.0], [-2.0]]],
    ],
    ids=["ones", "zeros", "wide", "constant", "two", "duplicates", "1e9", "1e-9", "collinear"],
)
def test_degenerate_data_score_finite(detector, X):
    fitted = detector.clone().fit(X)
    T = np.vstack([X, X + 1.0, X * 1e9 - 5, X * 1e-300])
    assert np.isfinite(fitted.training_scores_).all()
    assert np.isfinite(fitted.score_samples(T)).all()


@settings(max_examples=20, deadline=None)
@given(
    X=arrays(float, (10, 3), elements=st.floats(-100, 100, width=16)),
    order=st.permutations(range(10)),
)
def test_order_of_the_training_rows_does_not_matter(X, order):
    for detector in (CD(), KDE(), LODA(random_state=0), ROD()):
        expected = detector.clone().fit(X).score_samples(X)
        moved = detector.clone().fit(X[list(order)]).score_samples(X)
        np.testing.assert_allclose(moved, expected, rtol=1e-5, atol=1e-9)


# -- KDE -----------------------------------------------------------------------------------------


def test_kde_is_exact_where_the_tree_of_scikit_learn_is_not():
    X, T = cancer(4), np.vstack([cancer(4)[:20], cancer(4)[:20] + 12, cancer(4)[:5] * 1e4])
    h = 0.7
    logs = [logsumexp(-((X - t) ** 2).sum(axis=1) / 2 / h**2) for t in T]
    expected = np.log(len(X)) + 2 * np.log(2 * np.pi * h**2) - np.array(logs)
    np.testing.assert_allclose(KDE(bandwidth=h).fit(X).score_samples(T), expected, rtol=1e-12)


def test_kde_of_inliers_is_pyods():
    X = normal()
    scores = KDE(bandwidth=1.0).fit(X).score_samples(X)
    np.testing.assert_allclose(scores, upstream("KDE", X).decision_scores_, rtol=1e-9)


def test_kde_leaves_a_training_row_out_of_its_own_density():
    X = normal(30)
    for i, score in enumerate(KDE(bandwidth=1.0).fit(X).training_scores_):
        others = KDE(bandwidth=1.0).fit(np.delete(X, i, axis=0))
        assert score == pytest.approx(others.score_samples(X[[i]])[0], rel=1e-12)


@pytest.mark.parametrize(
    ("rule", "width"),
    [("spread", 1.0), ("scott", 100 ** (-1 / 9)), ("silverman", 175 ** (-1 / 9))],
)
def test_kde_bandwidth_rules_are_in_units_of_the_columns_spread(rule, width):
    X = normal(100)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    assert KDE(bandwidth=rule).fit(X * 1e-9 + 1).bandwidth_ == pytest.approx(width * 1e-9)
    both = np.c_[X[:, :4], 7 * X[:, 4]]  # variances 1, 1, 1, 1 and 49
    assert KDE(bandwidth=rule).fit(both).bandwidth_ == pytest.approx(width * np.sqrt(53 / 5))
    assert KDE(bandwidth=rule).fit(np.full((100, 5), 0.1)).bandwidth_ == pytest.approx(width)


def test_kde_bandwidth_must_be_positive():
    with pytest.raises(ParameterError, match="bandwidth"):
        KDE().set_params(bandwidth=-1.0)


def test_set_params_has_an_effect():
    X = normal()
    wide = KDE().set_params(bandwidth=5.0).fit(X).score_samples(X)
    np.testing.assert_array_equal(wide, KDE(bandwidth=5.0).fit(X).score_samples(X))
    assert not np.allclose(wide, KDE().fit(X).score_samples(X))


# -- LODA ----------------------------------------------------------------------------------------


def test_loda_bins_are_numpys_histogram():
    values = normal(500, 1)[:, 0]
    found = np.bincount(_bin_of(values, values.min(), values.max(), 12), minlength=12)
    np.testing.assert_array_equal(found, np.histogram(values, bins=12)[0])


def test_loda_values_beyond_the_range_have_a_bin_of_their_own():
    np.testing.assert_array_equal(_bin_of(np.array([-1e-9, 0, 1, 1 + 1e-9]), 0, 1, 4), [4, 0, 3, 4])
    np.testing.assert_array_equal(_bin_of(np.array([2.0, 3.0]), 2.0, 2.0, 4), [0, 4])


def test_loda_is_the_mean_surprise_of_its_histograms():
    X, T = normal(), normal(40, seed=1)
    detector = LODA(random_state=3, n_random_cuts=20).fit(X)
    expected = np.zeros(40)
    for cut in range(20):
        weights = np.zeros(5)
        weights[detector.columns_[cut]] = detector.weights_[cut]
        counts, edges = np.histogram(X @ weights, bins=10)
        place = np.searchsorted(edges, T @ weights, side="right") - 1
        inside = (place >= 0) & (place < 10)
        found = np.where(inside, counts[np.clip(place, 0, 9)], 0)
        expected -= np.log((found + 1) / (120 + 11)) / 20
    np.testing.assert_allclose(detector.score_samples(T), expected, rtol=1e-12)


def test_loda_uses_the_square_root_of_the_columns():
    assert LODA(random_state=0).fit(normal(50, 17)).columns_.shape == (100, 4)


def test_loda_auto_finds_few_bins_for_uniform_and_more_for_bimodal_values():
    rng = np.random.default_rng(0)
    assert _best_bins(rng.uniform(size=500)) <= 2
    assert _best_bins(np.r_[rng.normal(size=250), rng.normal(size=250) + 20]) > 5


def test_loda_agrees_with_pyod_on_which_rows_are_odd():
    X = cancer()
    expected = upstream("LODA", X, random_state=0).decision_scores_
    assert np.corrcoef(LODA(random_state=0).fit(X).training_scores_, expected)[0, 1] > 0.8


# -- KPCA ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly", "sigmoid", "cosine"])
def test_kpca_is_pyods_for_a_given_number_of_components(kernel):
    X, T = cancer(6)[:150], cancer(6)[150:]
    expected = upstream("KPCA", X, n_components=3, kernel=kernel)
    detector = KPCA(n_components=3, kernel=kernel, gamma=1 / 6).fit(X)
    np.testing.assert_allclose(detector.score_samples(T), expected.decision_function(T), atol=1e-9)
    np.testing.assert_allclose(detector.score_samples(X), expected.decision_scores_, atol=1e-9)


def test_kpca_takes_gamma_from_the_columns_variance():
    X, T = normal() * [1, 2, 3, 4, 5], normal(20, seed=1)
    total = X.var(axis=0).sum()
    given, none = KPCA(gamma=1 / total).fit(X), KPCA().fit(X)
    np.testing.assert_array_equal(none.score_samples(T), given.score_samples(T))


def test_kpca_with_all_components_still_has_honest_training_scores():
    X = normal(100)
    detector = KPCA(n_components=100).fit(X)
    assert np.abs(detector.score_samples(X)).max() < 1e-9
    assert detector.predict(normal(500, seed=1)).mean() < 0.2


def test_kpca_share_of_variance():
    X = cancer(6)
    sizes = [KPCA(n_components=share).fit(X).components_.shape[1] for share in (0.3, 0.9, 0.99)]
    assert sizes[0] < sizes[1] < sizes[2] < len(X)


def test_kpca_sampling_learns_from_a_seeded_subset():
    X = normal(300)
    one, same, other = (
        KPCA(sampling=True, subset_size=50, random_state=seed).fit(X) for seed in (0, 0, 1)
    )
    assert one.rows_.shape == (50, 5)
    np.testing.assert_array_equal(one.rows_, same.rows_)
    assert not np.array_equal(one.rows_, other.rows_)
    assert KPCA(sampling=True, subset_size=0.1).fit(X).rows_.shape == (30, 5)


# -- CD ------------------------------------------------------------------------------------------


def cooks_distance(X, i):
    """Cook's distance of row i by its definition: every regression with and without it."""
    n, p = X.shape
    distances = []
    for column in range(p):
        design = np.c_[np.ones(n), np.delete(X, column, axis=1)]
        kept = np.arange(n) != i
        whole = np.linalg.lstsq(design, X[:, column], rcond=None)[0]
        without = np.linalg.lstsq(design[kept], X[kept, column], rcond=None)[0]
        change = design @ (whole - without)
        variance = ((X[:, column] - design @ whole) ** 2).sum() / (n - p)
        distances.append(change @ change / (p * variance))
    return np.mean(distances)


def test_cd_of_training_rows_is_cooks_distance_by_deletion():
    X = cancer(5)[:60]
    expected = [cooks_distance(X, i) for i in range(60)]
    np.testing.assert_allclose(CD().fit(X).training_scores_, expected, rtol=1e-6)


def test_cd_of_a_new_row_is_its_cooks_distance_when_added():
    X, T = cancer(5)[:60], cancer(5)[60:70]
    expected = [cooks_distance(np.vstack([X, row]), 60) for row in T]
    np.testing.assert_allclose(CD().fit(X).score_samples(T), expected, rtol=1e-6)


def test_cd_finds_a_row_that_breaks_an_exact_dependence():
    X = normal(50, 2)
    X = np.c_[X, X.sum(axis=1)]
    detector = CD().fit(X)
    kept, broken = detector.score_samples([[1.0, 1.0, 2.0], [1.0, 1.0, -2.0]])
    assert broken > 10 * kept


def test_cd_does_not_depend_on_the_columns_units():
    X = cancer(4)
    expected = CD().fit(X).training_scores_
    scaled = CD().fit(X * [1e9, 1, 1e-9, -3]).training_scores_
    np.testing.assert_allclose(scaled, expected, rtol=1e-4)


# -- ROD -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [cancer(6), normal(100, 5), normal(80, 4) * 100 + 7])
def test_rod_of_training_rows_is_pyods(data):
    scores = ROD().fit(data).training_scores_
    np.testing.assert_allclose(scores, upstream("ROD", data).decision_scores_, rtol=1e-9)


@pytest.mark.parametrize("d", [2, 3])
def test_rod_of_two_or_three_columns_is_pyods_but_for_its_looser_median(d):
    X = normal(100, d) + 2
    expected = upstream("ROD", X).decision_scores_
    assert np.corrcoef(ROD().fit(X).training_scores_, expected)[0, 1] > 0.9999


def test_rod_of_one_column_sees_both_sides_where_pyods_sees_one():
    X = normal(100, 1)
    low, high, usual = ROD().fit(X).score_samples([[-9.0], [9.0], [0.0]])
    assert min(low, high) > 100 * usual
    assert low == pytest.approx(high, rel=0.5)
    low, high = upstream("ROD", np.vstack([X, [[-9.0], [9.0]]])).decision_scores_[-2:]
    assert max(low, high) > 1000 * min(low, high)


def test_rod_tells_rows_apart_when_they_are_scored_one_by_one():
    detector = ROD().fit(normal())
    usual, odd = (
        detector.score_samples(row)[0] for row in (np.zeros((1, 5)), np.full((1, 5), 6.0))
    )
    assert odd > usual + 0.1


def test_upstream_scores_every_lone_row_alike_in_rod():
    detector = upstream("ROD", normal())
    lone = {round(float(detector.decision_function(row)[0]), 9) for row in normal(5)[:, None]}
    assert len(lone) == 1


def test_the_density_of_normal_rows_ranks_as_the_true_one():
    X, T = normal(2000, 2), normal(300, 2, seed=1)
    truth = -multivariate_normal([0, 0], np.eye(2)).logpdf(T)
    assert np.corrcoef(KDE(bandwidth=0.3).fit(X).score_samples(T), truth)[0, 1] > 0.95


def test_rod_has_the_same_bits_with_any_number_of_threads():
    X, T = normal(3000, 6), normal(9000, 6, seed=1)
    one, two = ROD(n_jobs=1).fit(X), ROD(n_jobs=2).fit(X)
    np.testing.assert_array_equal(one.training_scores_, two.training_scores_)
    np.testing.assert_array_equal(one.score_samples(T), two.score_samples(T))
