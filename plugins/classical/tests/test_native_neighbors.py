"""ABOD, COF, SOD, SOS, LOCI and HDBSCAN: rows held against the training rows around them."""

import importlib
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_breast_cancer

from ad_classical import _kernels
from ad_classical._distances import nearest, nearest_others
from ad_classical._searches import Plain
from ad_classical.detectors.abod import ABOD
from ad_classical.detectors.cof import COF
from ad_classical.detectors.hdbscan import HDBSCAN
from ad_classical.detectors.loci import LOCI
from ad_classical.detectors.sod import SOD
from ad_classical.detectors.sos import SOS
from ad_core.metrics import roc_auc

ALL = pytest.mark.parametrize("kind", [ABOD, COF, HDBSCAN, LOCI, SOD, SOS])


def upstream(module, name, X, **params):
    """Fit PyOD's detector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module(f"pyod.models.{module}")
        if name == "SOD":
            # Compiling its parallel loop takes longer than all else here.
            module._snn_imp = getattr(module._snn_imp, "py_func", module._snn_imp)
        return getattr(module, name)(**params).fit(X)


def quietly(function, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args)


def cancer(n=160):
    X = load_breast_cancer().data[:n]
    return (X - X.mean(axis=0)) / X.std(axis=0)


def normal(n=120, d=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


# -- neighbours -------------------------------------------------------------------------------


def test_nearest_orders_ties_by_place_and_is_the_same_for_one_row():
    train = np.array([[1.0], [-1.0], [1.0], [3.0], [-1.0]])
    distances, places = nearest(np.array([[0.0], [3.0]]), train, 3)
    np.testing.assert_array_equal(places, [[0, 1, 2], [3, 0, 2]])
    np.testing.assert_array_equal(distances, [[1, 1, 1], [0, 2, 2]])
    np.testing.assert_array_equal(nearest(np.array([[3.0]]), train, 3)[1][0], places[1])


def test_nearest_others_leaves_out_the_row_but_not_its_copies():
    _, places = nearest_others(np.array([[1.0], [1.0], [5.0]]), 1)
    np.testing.assert_array_equal(places.ravel(), [1, 0, 0])


def test_nearest_keeps_its_digits_far_from_the_origin():
    X = normal(50, 20)
    near, far = nearest_others(X, 5), nearest_others(np.ldexp(np.round(X, 6), 0) + 1e6, 5)
    np.testing.assert_allclose(far[0], near[0], rtol=1e-4)


# -- equality to PyOD where PyOD is right -------------------------------------------------------


@pytest.mark.parametrize("method", ["fast", "default"])
def test_abod_of_new_rows_is_pyods(method):
    X = cancer(60 if method == "default" else 160)
    train, T = X[:-20], X[-20:]
    detector = upstream("abod", "ABOD", train, method=method)
    expected = detector.decision_function(T)
    scores = ABOD(method=method).fit(train).score_samples(T)
    np.testing.assert_allclose(scores, expected, rtol=1e-9, atol=1e-12)


def test_abod_of_training_rows_is_pyods_without_the_row_among_its_own_neighbours():
    X = cancer()
    expected = upstream("abod", "ABOD", X, n_neighbors=6).decision_scores_
    scores = ABOD(n_neighbors=5).fit(X).training_scores_
    np.testing.assert_allclose(scores, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("data", [cancer, normal])
def test_cof_of_training_rows_is_pyods(data):
    expected = upstream("cof", "COF", data()).decision_scores_
    np.testing.assert_allclose(COF().fit(data()).training_scores_, expected, rtol=1e-9)


@pytest.mark.parametrize("data", [cancer, normal])
def test_sos_of_training_rows_is_pyods(data):
    expected = upstream("sos", "SOS", data()).decision_scores_
    scores = SOS(perplexity=4.5).fit(data()).training_scores_
    np.testing.assert_allclose(scores, expected, rtol=1e-9)


def test_sos_of_a_new_row_is_pyods_with_the_row_added_to_the_training_rows():
    X = normal(80)
    scores = SOS(perplexity=4.5).fit(X[:75]).score_samples(X[75:])
    for row, score in zip(X[75:], scores, strict=True):
        added = upstream("sos", "SOS", np.vstack([X[:75], row])).decision_scores_[-1]
        assert score == pytest.approx(added, rel=1e-3)


@pytest.mark.parametrize("data", [cancer, normal])
def test_loci_first_is_pyods_and_the_maximum_is_never_below_it(data):
    X = data()[:70]
    expected = upstream("loci", "LOCI", X).decision_scores_
    first = LOCI(scoring="first").fit(X).training_scores_
    np.testing.assert_allclose(first, expected, rtol=1e-9, atol=1e-9)
    largest = LOCI().fit(X).training_scores_
    assert (largest >= first - 1e-9).all()
    np.testing.assert_array_equal(largest > 3, expected > 3)


def test_loci_of_a_new_row_is_its_score_when_added_to_the_training_rows():
    X = normal(60)
    scores = LOCI().fit(X[:55]).score_samples(X[55:])
    for row, score in zip(X[55:], scores, strict=True):
        added = LOCI().fit(np.vstack([X[:55], row])).training_scores_[-1]
        assert score == pytest.approx(added, rel=1e-12)


def test_sod_is_pyods_wherever_the_reference_set_is_no_tie():
    X = cancer()
    _, places = nearest_others(X, 20)
    lists = [set(one) for one in places]
    shared = np.array([[len(a & b) for b in lists] for a in lists])
    np.fill_diagonal(shared, -1)
    ranked = -np.sort(-shared, axis=1)
    clear = ranked[:, 9] > ranked[:, 10]
    assert clear.sum() > 10
    expected = upstream("sod", "SOD", X).decision_scores_
    np.testing.assert_allclose(SOD().fit(X).training_scores_[clear], expected[clear], rtol=1e-9)


# -- the contract ---------------------------------------------------------------------------------


@ALL
def test_the_training_rows_are_used(kind):
    T = normal(30, seed=1)
    one = kind().fit(normal()).score_samples(T)
    other = kind().fit(normal() * 1000 + 7).score_samples(T)
    assert not np.allclose(one, other)


@ALL
@pytest.mark.parametrize("data", [cancer, normal])
def test_one_row_scores_as_in_its_batch(kind, data):
    X = data()
    detector = kind().fit(X[:100])
    batch = detector.score_samples(X[100:])
    alone = [detector.score_samples(row[None])[0] for row in X[100:]]
    np.testing.assert_allclose(alone, batch, rtol=1e-12, atol=1e-12)


@ALL
def test_a_far_row_scores_above_every_inlier(kind):
    X = normal()
    detector = kind().fit(X)
    far = detector.score_samples(normal(10, seed=3) + 100)
    assert far.min() > detector.training_scores_.max()


@ALL
def test_a_pile_of_duplicates_scores_alike_finite_and_dense(kind):
    X = np.vstack([normal(), np.repeat(normal(1, seed=8), 40, axis=0)])
    detector = kind().fit(X)
    assert np.isfinite(detector.training_scores_).all()
    assert np.ptp(detector.training_scores_[120:]) < 1e-12
    around = detector.score_samples(np.vstack([X[-1:], X[-1:] + 1e-3]))
    assert np.isfinite(around).all()
    # ABOD looks past a pile, and in SOS its rows choose among many: neither calls it dense.
    if kind not in (ABOD, SOS):
        assert around[0] <= np.quantile(detector.training_scores_[:120], 0.6)


@ALL
@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_of_the_data_does_not_change_the_order(kind, scale):
    X, T = normal(60), normal(30, seed=1)
    expected = kind().fit(X).score_samples(T)
    scores = kind().fit(X * scale).score_samples(T * scale)
    assert (
        np.corrcoef(np.argsort(np.argsort(expected)), np.argsort(np.argsort(scores)))[0, 1] > 0.999
    )


@ALL
@pytest.mark.parametrize(
    "X",
    [np.ones((10, 3)), np.zeros((30, 1)), normal(4, 9), np.c_[normal(40), np.ones(40)], normal(2)],
    ids=["ones", "zeros", "wide", "constant column", "two rows"],
)
def test_degenerate_data_score_finite(kind, X):
    detector = kind().fit(X)
    T = np.vstack([X, X + 1.0, X * 1e9 - 5, X * 1e-300])
    assert np.isfinite(detector.training_scores_).all()
    assert np.isfinite(detector.score_samples(T)).all()


@settings(max_examples=25, deadline=None)
@given(
    X=arrays(float, (9, 2), elements=st.sampled_from([0.0, 1.0, 2.0, 5.0, 5e-324, -1e6])),
    order=st.permutations(range(9)),
)
def test_order_of_the_training_rows_does_not_matter_even_among_ties(X, order):
    for detector in (ABOD(), COF(n_neighbors=3), HDBSCAN(), SOD(n_neighbors=4, ref_set=3)):
        expected = detector.clone().fit(X)
        moved = detector.clone().fit(X[list(order)])
        np.testing.assert_allclose(moved.score_samples(X), expected.score_samples(X), rtol=1e-9)
        np.testing.assert_allclose(
            moved.training_scores_, expected.training_scores_[list(order)], rtol=1e-9
        )


# -- what is particular to one ------------------------------------------------------------------


def test_abod_looks_past_coincident_rows():
    X = normal(30)
    piled = ABOD().fit(np.vstack([X, np.repeat(X[:1], 9, axis=0)]))
    np.testing.assert_allclose(piled.score_samples(X[:1]), ABOD().fit(X).score_samples(X[:1]))


def test_abod_fast_with_all_neighbours_is_the_full_one():
    X, T = normal(30), normal(10, seed=1)
    fast = ABOD(n_neighbors=30).fit(X).score_samples(T)
    np.testing.assert_allclose(ABOD(method="default").fit(X).score_samples(T), fast, rtol=1e-9)


def test_abod_counts_equal_training_rows_once():
    X, T = normal(30), normal(10, seed=1)
    for method in ("fast", "default"):
        once = ABOD(method=method).fit(X)
        often = ABOD(method=method).fit(np.repeat(X, 7, axis=0))
        np.testing.assert_array_equal(often.score_samples(T), once.score_samples(T))


@pytest.mark.parametrize("k", [3, 5, 400])
def test_abod_is_the_same_compiled_or_not_and_in_threads(monkeypatch, k):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    X = np.random.default_rng(0).integers(0, 9, size=(300, 3)).astype(float)
    X = np.vstack([X, X[:50], X[:9] + 1e-80])
    T = np.vstack([X[::3], X[:40] + 0.5, np.full((1, 3), 1e6)])
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    compiled = ABOD(k, n_jobs=2).fit(X)
    expected = compiled.score_samples(T)
    assert not isinstance(compiled.neighbors_._search, Plain)
    monkeypatch.setattr(_kernels, "_numba", lambda: False)
    plain = ABOD(k).fit(X)
    np.testing.assert_allclose(compiled.training_scores_, plain.training_scores_, 1e-9, 1e-15)
    np.testing.assert_allclose(expected, plain.score_samples(T), 1e-9, 1e-15)


def test_abod_scores_training_rows_as_new_ones_that_coincide_with_them():
    X = np.random.default_rng(0).integers(0, 9, size=(300, 3)).astype(float)
    for rows in (X, X + 1e-3 * np.arange(300)[:, None]):  # ties in the first column, and none
        detector = ABOD().fit(rows)
        np.testing.assert_allclose(detector.training_scores_, detector.score_samples(rows))


def test_abod_of_rows_that_all_coincide():
    scores = ABOD().fit(np.ones((10, 2))).score_samples([[1.0, 1.0], [2.0, 1.0]])
    np.testing.assert_allclose(scores, [-1.0, 0.0], atol=1e-12)


def test_cof_of_a_pile_is_one_and_of_a_row_beside_it_large():
    X = np.vstack([np.zeros((40, 2)), [[1.0, 0.0]]])
    detector = COF().fit(X)
    assert detector.training_scores_[0] == 1
    assert 1e10 < detector.training_scores_[-1] < np.inf


def test_sod_is_the_distance_in_the_columns_where_the_reference_set_agrees():
    reference = np.array([[0.0, 0, 7], [2, 10, 7], [1, 20, 7]])
    rows = np.array([[1.0, 900, 7], [4, 0, 11]])
    scores = SOD().fit(normal(9, 3))._deviation(rows, np.stack([reference] * 2))
    np.testing.assert_allclose(scores, [0, np.sqrt((3**2 + 4**2) / 2)])


def test_sod_uses_every_column_where_the_reference_set_agrees_in_none():
    reference = np.array([[[0.0, 0.0], [2.0, 2.0]]])
    scores = SOD().fit(normal(9, 2))._deviation(np.array([[10.0, 11.0]]), reference)
    assert scores == pytest.approx(np.sqrt((9**2 + 10**2) / 2))


def test_sod_counts_a_constant_column_only_for_rows_that_differ_in_it():
    X, T = normal(), normal(20, seed=1)
    detector = SOD().fit(np.c_[X, np.full(120, 0.1)])
    np.testing.assert_allclose(
        detector.score_samples(np.c_[T, np.full(20, 0.1)]), SOD().fit(X).score_samples(T)
    )
    assert detector.score_samples(np.c_[T, np.full(20, 9.0)]).min() > 2


def test_sod_of_a_set_without_variance_uses_every_column():
    scores = SOD().fit(np.zeros((20, 2))).score_samples([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(scores, [0, 5 / np.sqrt(2)])


def test_sos_of_identical_rows_binds_uniformly():
    scores = SOS().fit(np.ones((10, 2))).training_scores_
    np.testing.assert_allclose(scores, (1 - 1 / 9) ** 9)


@pytest.mark.parametrize("perplexity", [1.001, 4.5, 500.0])
def test_sos_scores_are_probabilities_whatever_the_perplexity_can_reach(perplexity):
    X = np.vstack([normal(30, 2), np.zeros((9, 2)), np.full((3, 2), 7.0)])
    detector = SOS(perplexity=perplexity).fit(X)
    scores = detector.score_samples(np.vstack([X, X + 1e-9, X * 1e3]))
    assert ((scores >= 0) & (scores <= 1)).all()


def test_sos_takes_a_third_of_the_rows_for_the_perplexity_at_most():
    X = normal(30)
    third = SOS(perplexity=10).fit(X).training_scores_
    np.testing.assert_array_equal(SOS(perplexity=29).fit(X).training_scores_, third)


def test_sos_sees_eight_anomalies_in_one_place_unless_the_perplexity_is_smaller():
    X, y = np.vstack([normal(150, 2), normal(8, 2, seed=1) + 9]), np.repeat([0, 1], [150, 8])
    assert roc_auc(y, SOS().fit(X).training_scores_) > 0.8
    assert roc_auc(y, SOS(perplexity=4.5).fit(X).training_scores_) < 0.7


def test_loci_needs_twenty_rows_for_a_score():
    assert (LOCI().fit(normal(19)).training_scores_ == 0).all()


def test_loci_with_few_radii_stays_close_to_all():
    X = normal(100)
    exact, few = LOCI().fit(X).training_scores_, LOCI(max_radii=50).fit(X).training_scores_
    assert (few <= exact + 1e-9).all()
    assert np.corrcoef(exact, few)[0, 1] > 0.95


def test_hdbscan_grows_with_the_distance():
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 10])
    center, between, far, farther = (
        HDBSCAN().fit(X).score_samples([[0.0, 0.0], [5.0, 5.0], [100.0, 100.0], [1e3, 1e3]])
    )
    assert center < between < far < farther < 1


def test_hdbscan_membership_agrees_with_scikit_learns_noise():
    from sklearn import cluster

    X = np.vstack(
        [
            normal(80, 2),
            normal(80, 2, seed=1) + 8,
            np.random.default_rng(2).uniform(-20, 30, (15, 2)),
        ]
    )
    noise = cluster.HDBSCAN(min_cluster_size=5, copy=True).fit(X).labels_ == -1
    scores = HDBSCAN().fit(X).training_scores_
    assert np.median(scores[noise]) > np.median(scores[~noise])


def test_hdbscan_levels_are_the_single_linkage_heights_for_core_distance_zero():
    from scipy.cluster.hierarchy import linkage

    X = normal(40, 2)
    detector = HDBSCAN(min_samples=1, min_cluster_size=41).fit(X)
    heights = linkage(X, "single")[:, 2]
    np.testing.assert_allclose(np.unique(detector.level_), heights.max())


@pytest.mark.parametrize("name", ["cof", "sod", "sos", "loci"])
def test_the_fault_that_makes_these_native_is_still_there(name):
    X, T = normal(60), normal(30, seed=1)
    one = upstream(name, name.upper(), X)
    other = upstream(name, name.upper(), X * 1000 + 7)
    np.testing.assert_array_equal(
        quietly(one.decision_function, T), quietly(other.decision_function, T)
    )
