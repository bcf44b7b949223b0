"""SOS: stochastic outlier selection."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.special import expit

from ad_classical._distances import row_blocks
from ad_core.detector import BaseDetector

__all__ = ["SOS"]

Floats = NDArray[np.float64]

_MAX_STEPS = 200
_MAX_BETA = 1e100
_NEGLIGIBLE = float(np.log(1e3))
"""Logarithm of the odds against a binding beyond which it is left as it is."""


class SOS(BaseDetector):
    r"""The probability that no training row chooses x as a neighbour.

    Row i binds to row j with probability

    .. math:: b_{ij} = \frac{e^{-\beta_i D_{ij}}}{\sum_{l \ne i} e^{-\beta_i D_{il}}},

    where beta_i makes the perplexity of its binding distribution equal to
    `perplexity`; the score of j is the product of 1 - b_ij over all other rows i.
    A row scored later is added to the training rows, alone: beta_i is found anew
    for every training row i that would bind to it with a probability above one in
    a thousand.

    Affinities are taken relative to that of the nearest row, so that they never
    all vanish. Where no beta reaches the perplexity (more duplicates than it asks
    for), the limit is taken: the binding is uniform over the nearest rows.

    Anomalies that are fewer than the perplexity asks for bind to the other rows as
    well. More of them, close together, choose one another, and score low: PyOD's
    default of 4.5 ranks eight of them below the other rows.

    Parameters
    ----------
    perplexity
        Smooth number of neighbours that a row binds to; at most a third of the
        training rows are used.
    metric
        Distance between rows.
    eps
        How closely the logarithm of the perplexity is met.

    References
    ----------
    J. H. M. Janssens, F. Huszár, E. O. Postma, H. J. van den Herik, "Stochastic
    outlier selection", Tilburg Centre for Creative Computing, TR 2012-001, 2012.
    """

    rows_: Floats
    beta_: Floats
    nearest_: Floats
    log_affinities_: Floats
    entropy_: float

    def __init__(
        self,
        perplexity: Annotated[float, Gt(1)] = 30.0,
        metric: Literal[
            "euclidean", "cityblock", "chebyshev", "sqeuclidean", "canberra"
        ] = "euclidean",
        eps: Annotated[float, Gt(0)] = 1e-5,
    ) -> None:
        self.perplexity = perplexity
        self.metric = metric
        self.eps = eps

    def _fit(self, X: Floats, y: Any) -> None:
        n = len(X)
        self.rows_ = X
        self.entropy_ = float(np.log(min(self.perplexity, max(1.0, n / 3))))
        self.beta_, self.nearest_, self.log_affinities_ = np.empty((3, n))
        for rows in row_blocks(n, 3 * n):
            others = self._to_others(rows)
            self.nearest_[rows] = others.min(axis=1)
            others -= self.nearest_[rows, None]
            self.beta_[rows] = _precisions(others, self.entropy_, self.eps)
            self.log_affinities_[rows] = np.log(
                np.exp(-self.beta_[rows, None] * others).sum(axis=1)
            )

    def _score(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        for rows in row_blocks(len(X), 4 * len(self.rows_)):
            distances = cdist(X[rows], self.rows_, self.metric)
            log_odds = self.beta_ * (distances - self.nearest_) + self.log_affinities_
            unbound = expit(log_odds)
            for i in np.flatnonzero((log_odds < _NEGLIGIBLE).any(axis=0)):
                near = log_odds[:, i] < _NEGLIGIBLE
                unbound[near, i] = self._unbound(int(i), distances[near, i])
            scores[rows] = unbound.prod(axis=1)
        return scores

    def _unbound(self, i: int, to_new: Floats) -> Floats:
        """Return the probability that training row i does not bind to each of some new rows."""
        others = self._to_others(slice(i, i + 1))[0]
        distances = np.column_stack((np.tile(others, (len(to_new), 1)), to_new))
        distances -= distances.min(axis=1, keepdims=True)
        start = np.full(len(to_new), self.beta_[i])
        beta = _adjusted(distances, self.entropy_, self.eps, start)
        affinities = np.exp(-beta[:, None] * distances)
        return np.asarray(affinities[:, :-1].sum(axis=1) / affinities.sum(axis=1))

    def _training_scores(self, X: Floats) -> Floats:
        scores = np.ones(len(X))
        for rows in row_blocks(len(X), 3 * len(X)):
            own = np.arange(rows.start, rows.stop)
            excess = cdist(X[rows], X, self.metric) - self.nearest_[rows, None]
            exponents = -self.beta_[rows, None] * excess - self.log_affinities_[rows, None]
            exponents[np.arange(len(own)), own] = -np.inf
            scores *= np.prod(1.0 - np.exp(np.minimum(exponents, 0.0)), axis=0)
        return scores

    def _to_others(self, rows: slice) -> Floats:
        """Return the distances of some training rows to all other ones, shape (m, n - 1)."""
        n = len(self.rows_)
        distances = cdist(self.rows_[rows], self.rows_, self.metric)
        keep = np.arange(n) != np.arange(rows.start, rows.stop)[:, None]
        return np.asarray(distances[keep].reshape(-1, n - 1))


def _precisions(excess: Floats, wanted: float, eps: float) -> Floats:
    """Find beta a row such that the binding entropy is `wanted`, by bisection.

    Parameters
    ----------
    excess
        Distances to the other rows, less the smallest of each row, shape (m, n - 1).
    wanted, eps
        The entropy wanted, and the tolerance.
    """
    reachable = _reachable(excess, wanted)
    beta = np.where(reachable, 1.0, _MAX_BETA)
    low, high = np.zeros(len(excess)), np.full(len(excess), np.inf)
    active = np.flatnonzero(reachable)
    for _ in range(_MAX_STEPS):
        difference = _entropy(excess[active], beta[active, None]) - wanted
        unmet = np.abs(difference) > eps
        active, difference = active[unmet], difference[unmet]
        if not len(active):
            break
        wide = active[difference > 0]
        narrow = active[difference < 0]
        low[wide] = beta[wide]
        high[narrow] = beta[narrow]
        unbounded = np.isinf(high[active])
        middle = (low[active] + np.where(unbounded, 0.0, high[active])) / 2.0
        beta[active] = np.where(unbounded, beta[active] * 2.0, middle)
    return beta


def _reachable(excess: Floats, wanted: float) -> NDArray[np.bool_]:
    """Tell which rows have fewer nearest rows, equally near, than the entropy asks for."""
    return np.asarray(np.log(np.count_nonzero(excess == 0.0, axis=1)) < wanted)


def _entropy(excess: Floats, beta: Floats) -> Floats:
    """Return the entropy of each row's binding distribution."""
    exponents = beta * excess
    affinities = np.exp(-exponents)
    total = affinities.sum(axis=1)
    return np.asarray(np.log(total) + (exponents * affinities).sum(axis=1) / total)


def _adjusted(excess: Floats, wanted: float, eps: float, start: Floats) -> Floats:
    """Find the same beta as `_precisions`, from a start nearby, by bracketed Newton steps."""
    reachable = _reachable(excess, wanted)
    beta = np.where(reachable, start, _MAX_BETA)
    low, high = np.zeros(len(excess)), np.full(len(excess), np.inf)
    active = np.flatnonzero(reachable)
    for _ in range(_MAX_STEPS):
        distances, now = excess[active], beta[active]
        affinities = np.exp(-now[:, None] * distances)
        total = affinities.sum(axis=1)
        mean = np.einsum("ij,ij->i", affinities, distances) / total
        variance = np.einsum("ij,ij,ij->i", affinities, distances, distances) / total - mean**2
        difference = np.log(total) + now * mean - wanted
        low[active] = np.where(difference > 0, now, low[active])
        high[active] = np.where(difference > 0, high[active], now)
        # The entropy falls by beta^2 variance for each unit of log beta.
        slope = np.maximum(now**2 * variance, 1e-12)
        step = now * np.exp(np.clip(difference / slope, -3.0, 3.0))
        inside = (step > low[active]) & (step < high[active])
        middle = (low[active] + np.minimum(high[active], _MAX_BETA)) / 2
        beta[active] = np.minimum(np.where(inside, step, middle), _MAX_BETA)
        unmet = np.abs(difference) > eps
        beta[active[~unmet]] = now[~unmet]
        active = active[unmet]
        if not len(active):
            break
    return beta
