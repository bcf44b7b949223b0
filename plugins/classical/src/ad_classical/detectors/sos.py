"""SOS: stochastic outlier selection."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.special import expit

from ad_classical._perplexity import N_COEFFICIENTS, Bindings, adjusted, entropy_series, precisions
from ad_classical._threads import in_blocks
from ad_core.detector import BaseDetector

__all__ = ["SOS"]

Floats = NDArray[np.float64]

_BLOCK_ELEMENTS = 2**17
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
    n_jobs
        Threads; None for 1, -1 for one a core. The scores are the same.

    References
    ----------
    J. H. M. Janssens, F. Huszár, E. O. Postma, H. J. van den Herik, "Stochastic
    outlier selection", Tilburg Centre for Creative Computing, TR 2012-001, 2012.
    """

    rows_: Floats
    beta_: Floats
    nearest_: Floats
    n_nearest_: NDArray[np.intp]
    coefficients_: Floats
    entropy_: float

    def __init__(
        self,
        perplexity: Annotated[float, Gt(1)] = 30.0,
        metric: Literal[
            "euclidean", "cityblock", "chebyshev", "sqeuclidean", "canberra"
        ] = "euclidean",
        eps: Annotated[float, Gt(0)] = 1e-5,
        n_jobs: int | None = None,
    ) -> None:
        self.perplexity = perplexity
        self.metric = metric
        self.eps = eps
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        n = len(X)
        self.rows_ = X
        self.entropy_ = float(np.log(min(self.perplexity, max(1.0, n / 3))))
        self.beta_, self.nearest_ = np.empty((2, n))
        self.n_nearest_ = np.empty(n, dtype=np.intp)
        self.coefficients_ = np.empty((N_COEFFICIENTS, n))

        def work(rows: slice) -> None:
            others = self._to_others(rows)
            self.nearest_[rows] = others.min(axis=1)
            others -= self.nearest_[rows, None]
            self.n_nearest_[rows] = np.count_nonzero(others == 0.0, axis=1)
            self.beta_[rows] = precisions(others, self.entropy_, self.eps)
            self.coefficients_[:, rows] = entropy_series(others, self.beta_[rows])

        in_blocks(work, n, self._step(), self.n_jobs, blas=False)

    def _step(self) -> int:
        return max(1, _BLOCK_ELEMENTS // len(self.rows_))

    def _score(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        log_affinities = np.log(self.coefficients_[0])
        bindings = Bindings(
            self.beta_, self.coefficients_, self.n_nearest_, self.entropy_, self.eps
        )

        def work(rows: slice) -> None:
            excess = cdist(X[rows], self.rows_, self.metric) - self.nearest_
            log_odds = self.beta_ * excess + log_affinities
            unbound = expit(log_odds)
            new, own = np.nonzero(log_odds < _NEGLIGIBLE)
            found = bindings.unbound(own, excess[new, own])
            unbound[new, own] = found
            left = np.isnan(found)
            for i in np.unique(own[left]):
                places = new[left & (own == i)]
                unbound[places, i] = self._unbound(int(i), excess[places, i])
            scores[rows] = unbound.prod(axis=1)

        in_blocks(work, len(X), self._step(), self.n_jobs, blas=False)
        return scores

    def _unbound(self, i: int, to_new: Floats) -> Floats:
        """Return the probability that training row i does not bind to each of some new rows."""
        others = self._to_others(slice(i, i + 1))[0] - self.nearest_[i]
        distances = np.column_stack((np.tile(others, (len(to_new), 1)), to_new))
        distances -= distances.min(axis=1, keepdims=True)
        start = np.full(len(to_new), self.beta_[i])
        beta = adjusted(distances, self.entropy_, self.eps, start)
        affinities = np.exp(-beta[:, None] * distances)
        return np.asarray(affinities[:, :-1].sum(axis=1) / affinities.sum(axis=1))

    def _training_scores(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        log_affinities = np.log(self.coefficients_[0])

        def work(rows: slice) -> None:
            exponents = cdist(X[rows], X, self.metric)
            exponents -= self.nearest_
            exponents *= -self.beta_
            exponents -= log_affinities
            own = np.arange(rows.start, rows.stop)
            exponents[np.arange(len(own)), own] = -np.inf
            np.minimum(exponents, 0.0, out=exponents)
            np.exp(exponents, out=exponents)
            np.subtract(1.0, exponents, out=exponents)
            scores[rows] = exponents.prod(axis=1)

        in_blocks(work, len(X), self._step(), self.n_jobs, blas=False)
        return scores

    def _to_others(self, rows: slice) -> Floats:
        """Return the distances of some training rows to all other ones, shape (m, n - 1)."""
        n = len(self.rows_)
        distances = cdist(self.rows_[rows], self.rows_, self.metric)
        keep = np.arange(n) != np.arange(rows.start, rows.stop)[:, None]
        return np.asarray(distances[keep].reshape(-1, n - 1))
