"""Ranks, intervals and tests against published examples and against definitions."""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import friedmanchisquare, rankdata, wilcoxon

from ad_core.results._statistics import LEAST_DATASETS, holm, statistics

# Ranks of C4.5, C4.5+m, C4.5+cf, C4.5+m+cf by AUC on 14 sets: Demšar 2006, table 6.
DEMSAR = np.array(
    [
        *([4, 3, 2, 1], [1, 2, 3, 4], [4, 1, 2, 3], [4, 1, 3, 2], [4, 2, 3, 1]),
        *([1, 2.5, 4, 2.5], [3, 2, 4, 1], [2.5, 2.5, 4, 1], [4, 3, 2, 1], [2.5] * 4),
        *([4, 2.5, 1, 2.5], [3, 2, 4, 1], [4, 1, 2, 3], [3, 1, 4, 2]),
    ]
).T


TABLE = Path(os.environ.get("AD_DATA_MIRROR", "")) / "tables" / "adbench_unsup.csv"


def adbench():
    table = pl.read_csv(TABLE)
    wide = table.pivot("algorithm", index="dataset", values="aucroc").drop("dataset", "DAGMM")
    return wide.columns, wide.to_numpy().T


def test_demsars_example():
    found = statistics(DEMSAR, higher_is_better=False)
    assert found.mean_ranks == pytest.approx((3.143, 2.000, 2.893, 1.964), abs=5e-4)
    n, k = 14, 4
    chi2 = 12 * n / (k * (k + 1)) * (sum(r**2 for r in found.mean_ranks) - k * (k + 1) ** 2 / 4)
    assert chi2 == pytest.approx(9.279, abs=5e-4)
    assert (n - 1) * chi2 / (n * (k - 1) - chi2) == pytest.approx(3.686, abs=5e-4)
    assert found.friedman == pytest.approx(10.228, abs=5e-4)  # corrected for ties


@pytest.mark.skipif(not TABLE.is_file(), reason="AD_DATA_MIRROR holds no tables")
def test_the_table_of_adbench():
    models, values = adbench()
    found = statistics(values)
    ranks = dict(zip(models, found.mean_ranks, strict=True))
    places = dict(zip(models, found.place_intervals, strict=True))
    assert min(ranks, key=ranks.get) == "IForest"
    assert max(ranks, key=ranks.get) == "DeepSVDD"
    assert places["IForest"].low == 1
    assert (places["DeepSVDD"].low, places["DeepSVDD"].high) == (13, 13)
    assert found.friedman_p < 1e-15
    best = [models[place] for place in found.cliques[0]]
    assert best[:3] == ["IForest", "CBLOF", "KNN"]
    assert not any("DeepSVDD" in [models[place] for place in clique] for clique in found.cliques)


@pytest.mark.skipif(not TABLE.is_file(), reason="AD_DATA_MIRROR holds no tables")
def test_the_table_of_adbench_against_scipy_pair_by_pair():
    _, values = adbench()
    n_models, n_datasets = values.shape
    assert (n_models, n_datasets) == (13, 45)  # of the paper's 57 sets, those in the table at hand
    found = statistics(values)
    assert found.friedman == pytest.approx(friedmanchisquare(*values).statistic)
    pairs = list(combinations(range(n_models), 2))
    raw = {(i, j): wilcoxon(values[i], values[j], zero_method="pratt").pvalue for i, j in pairs}
    largest, n_different = 0.0, 0
    for step, (i, j) in enumerate(sorted(raw, key=raw.get)):
        largest = max(largest, min(1.0, raw[i, j] * (len(pairs) - step)))
        assert found.p_values[i][j] == pytest.approx(largest)
        n_different += found.p_values[i][j] <= 0.05
    assert 0 < n_different < len(pairs)
    for clique in found.cliques:
        assert all(found.p_values[i][j] > 0.05 for i, j in combinations(clique, 2))


@pytest.mark.skipif(not TABLE.is_file(), reason="AD_DATA_MIRROR holds no tables")
def test_intervals_against_a_bootstrap_written_out():
    _, values = adbench()
    found = statistics(values)
    ranks = rankdata(-values, axis=0)
    rng = np.random.default_rng(7)
    draws = [rng.choice(45, 45) for _ in range(2000)]
    means = np.array([ranks[:, draw].mean(axis=1) for draw in draws])
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    assert [one.low for one in found.rank_intervals] == pytest.approx(low, abs=0.15)
    assert [one.high for one in found.rank_intervals] == pytest.approx(high, abs=0.15)
    places = np.array([[1 + (row < one).sum() for one in row] for row in means])
    assert [one.low for one in found.place_intervals] == pytest.approx(
        np.quantile(places, 0.025, axis=0, method="inverted_cdf"), abs=1
    )


@pytest.mark.parametrize(("tied", "method"), [(False, "exact"), (True, "approx")])
def test_signed_ranks_are_exact_unless_there_are_ties(tied, method):
    values = np.random.default_rng(0).random((2, 12))
    values = np.round(values, 1) if tied else values
    expected = wilcoxon(*values, zero_method="pratt", method=method).pvalue
    assert statistics(values).p_values[0][1] == pytest.approx(expected)


def test_one_data_set_has_no_intervals():
    found = statistics([[0.1], [0.2]])
    assert (found.mean_ranks, found.rank_intervals, found.place_intervals) == ((2, 1), None, None)


def test_holms_own_arithmetic():
    # 0.01·4, 0.02·3, 0.03·2 → raised to 0.06, 0.04·1 → raised to 0.06
    assert holm([0.04, 0.01, 0.03, 0.02]).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]).tolist() == [1.0, 1.0]


def test_below_ten_data_sets_there_are_no_p_values():
    rng = np.random.default_rng(0)
    few = statistics(rng.random((4, LEAST_DATASETS - 1)))
    assert (few.friedman, few.friedman_p, few.p_values, few.cliques) == (None, None, None, ())
    assert len(few.rank_intervals) == 4
    assert statistics(rng.random((4, LEAST_DATASETS))).p_values is not None


def test_a_model_that_always_wins_is_alone_and_certain():
    rng = np.random.default_rng(0)
    values = rng.random((4, 30))
    values[2] += 2
    found = statistics(values)
    assert found.mean_ranks[2] == 1.0
    assert (found.place_intervals[2].low, found.place_intervals[2].high) == (1, 1)
    assert (found.rank_intervals[2].low, found.rank_intervals[2].high) == (1.0, 1.0)
    assert all(found.p_values[2][other] < 0.01 for other in (0, 1, 3))
    assert all(2 not in clique for clique in found.cliques)


def test_equal_models_are_one_clique_and_no_test_fails():
    found = statistics(np.ones((3, 12)))
    assert found.mean_ranks == (2.0, 2.0, 2.0)
    assert found.friedman is None
    assert found.cliques == ((0, 1, 2),)


@settings(max_examples=10, deadline=None)
@given(arrays(float, (3, 12), elements=st.integers(0, 5).map(float)))
def test_what_must_hold_for_all_values(values):
    found = statistics(values)
    assert sum(found.mean_ranks) == pytest.approx(6)
    for mean, interval in zip(found.mean_ranks, found.rank_intervals, strict=True):
        assert interval.low - 1e-9 <= mean <= interval.high + 1e-9
    turned = statistics(-values, higher_is_better=False)
    assert turned == found
    matrix = np.array(found.p_values)
    assert (matrix == matrix.T).all()
    assert ((matrix >= 0) & (matrix <= 1)).all()
