"""SOS: beta of a row that one more row joins, by the series and by all distances."""

import numpy as np
import pytest

from ad_classical._perplexity import Bindings, adjusted, entropy_series, precisions
from ad_classical.detectors.sos import SOS

WANTED, EPS = np.log(10.0), 1e-5
rng = np.random.default_rng(0)
TIES = rng.integers(1, 12, size=(40, 60)).astype(float)
PLAIN = rng.gamma(2.0, size=(40, 60))


def prepared(distances):
    nearest = distances.min(axis=1)
    excess = distances - nearest[:, None]
    beta = precisions(excess, WANTED, EPS)
    n_nearest = np.count_nonzero(excess == 0, axis=1)
    coefficients = entropy_series(excess, beta)
    return excess, Bindings(beta, coefficients, n_nearest, WANTED, EPS)


@pytest.mark.parametrize("distances", [PLAIN, TIES], ids=["plain", "ties"])
def test_the_entropy_is_as_wanted_where_it_can_be(distances):
    excess, bindings = prepared(distances)
    affinities = np.exp(-bindings.beta[:, None] * excess)
    shares = affinities / affinities.sum(axis=1, keepdims=True)
    entropy = -(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1)
    can_be = bindings.n_nearest < 10
    assert can_be.sum() > 10
    np.testing.assert_allclose(entropy[can_be], WANTED, atol=2 * EPS)


@pytest.mark.parametrize("distances", [PLAIN, TIES], ids=["plain", "ties"])
@pytest.mark.parametrize("new", [-0.02, 0.0, 0.1, 1.0, 4.0])
def test_the_series_gives_what_all_distances_give(distances, new):
    excess, bindings = prepared(distances)
    rows = np.arange(40)
    found = bindings.unbound(rows, np.full(40, new))
    joined = np.c_[excess, np.full(40, new)]
    joined -= joined.min(axis=1, keepdims=True)
    beta = adjusted(joined, WANTED, EPS, bindings.beta)
    affinities = np.exp(-beta[:, None] * joined)
    expected = affinities[:, :-1].sum(axis=1) / affinities.sum(axis=1)
    near = ~np.isnan(found)
    assert near.sum() > 20
    np.testing.assert_allclose(found[near], expected[near], rtol=1e-11)


def test_a_large_change_of_beta_is_left_to_all_distances():
    bindings = prepared(PLAIN)[1]
    assert np.isnan(bindings.unbound(np.arange(40), np.full(40, -50.0))).all()


def test_sos_has_the_same_bits_with_any_number_of_threads():
    X, T = rng.normal(size=(600, 3)), rng.normal(size=(500, 3)) * 2
    one, two = SOS(n_jobs=1).fit(X), SOS(n_jobs=2).fit(X)
    np.testing.assert_array_equal(one.training_scores_, two.training_scores_)
    np.testing.assert_array_equal(one.score_samples(T), two.score_samples(T))
