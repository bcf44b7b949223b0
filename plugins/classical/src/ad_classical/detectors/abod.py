"""ABOD: angle-based outlier detection."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from ad_classical._distances import row_blocks
from ad_classical._kernels import kernels
from ad_classical._neighbors import STEPS_PER_PAIR, Neighbors
from ad_classical._threads import in_threads
from ad_classical.detectors._neighborhood import Indices, KeepsNeighbors

__all__ = ["ABOD"]

Floats = NDArray[np.float64]

_COINCIDENT = 1e-75
"""Rows this close coincide: the fourth power of a distance below it is no float."""
_NO_ANGLE = -1.0


class ABOD(KeepsNeighbors):
    r"""Rows that see all others under similar angles lie outside.

    The score of x is minus the variance, over pairs (a, b) of training rows, of
    the angle weighted by the distances,

    .. math:: \frac{\langle a - x, b - x \rangle}{\|a - x\|^2 \, \|b - x\|^2},

    so scores are at most 0, and 0 is the most anomalous. Training rows that are
    equal count as one: two of them are seen under no angle, whatever the place of
    x. One that coincides with x forms no angle with it and is passed over; hence a
    training row is not its own neighbour, and its score is the leave-one-out score. A
    row that all training rows coincide with forms no angle at all; it is as normal
    as can be and scores -1 (any other row scores 0 then).

    Parameters
    ----------
    n_neighbors
        Training rows that form the pairs when `method` is ``"fast"``; at least 3,
        since fewer form one pair at most.
    method
        ``"fast"`` pairs the nearest training rows (FastABOD), ``"default"`` all of
        them: quadratic in the training rows for every row scored.
    n_jobs
        Number of threads; None for one, -1 for one a core.

    References
    ----------
    H.-P. Kriegel, M. Schubert, A. Zimek, "Angle-based outlier detection in
    high-dimensional data", KDD 2008. doi:10.1145/1401890.1401946
    """

    def __init__(
        self,
        n_neighbors: Annotated[int, Ge(3)] = 5,
        method: Literal["fast", "default"] = "fast",
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.method = method
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        self.neighbors_ = Neighbors(X, order=_distinct(X)[0])

    def _score(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        if self.method == "fast":
            # One distinct row at most coincides with x, so one more than k is enough.
            wanted = min(self.n_neighbors + 1, self.neighbors_.shape[0])

            def use(rows: Any, distances: Floats, indices: Indices) -> None:
                scores[rows] = self._scored(X[rows], distances, indices)

            self.neighbors_.each_nearest(X, wanted, self.n_jobs, use)
            return scores

        def work(part: slice) -> None:
            scores[part] = self._score_all(X[part])

        in_threads(work, len(X), self.n_jobs, least=64)
        return scores

    def _training_scores(self, X: Floats) -> Floats:
        n = self.neighbors_.shape[0]
        if self.method != "fast" or n == 1:
            return self._score(X)
        order, places = _distinct(X)
        scores = np.empty(n)

        def use(rows: Any, distances: Floats, indices: Indices) -> None:
            scores[rows] = self._scored(X[order[rows]], distances, indices)

        self.neighbors_.each_nearest_others(min(self.n_neighbors, n - 1), self.n_jobs, use)
        return scores[places]

    def _scored(self, X: Floats, distances: Floats, indices: Indices) -> Floats:
        """Return the scores of some rows, given their neighbours."""
        near = self.neighbors_.take(indices)
        n, d = self.neighbors_.shape
        variances = np.full(len(X), -_NO_ANGLE)
        if compiled := kernels("angles", n * n * d * STEPS_PER_PAIR):
            compiled.angle_variances(X, near, distances, _COINCIDENT, self.n_neighbors, variances)
        else:
            self._fill_variances(X, near, distances, variances)
        return np.asarray(np.negative(variances, out=variances))

    def _fill_variances(
        self, X: Floats, near: Floats, distances: Floats, variances: Floats
    ) -> None:
        """Do what the kernel does."""
        firsts = (distances <= _COINCIDENT).sum(axis=1)
        for first in np.unique(firsts[firsts < distances.shape[1]]):
            chosen = np.flatnonzero(firsts == first)
            last = first + self.n_neighbors
            for part in row_blocks(len(chosen), self.n_neighbors * (self.n_neighbors + X.shape[1])):
                rows = chosen[part]
                vectors = near[rows, first:last] - X[rows, None, :]
                variances[rows] = _pair_variance(_inverted(vectors))

    def _score_all(self, X: Floats) -> Floats:
        scores, training = np.full(len(X), _NO_ANGLE), self.neighbors_.rows
        for row, x in enumerate(X):
            differences = training - x
            apart = np.linalg.norm(differences, axis=1) > _COINCIDENT
            if apart.any():
                scores[row] = -_pair_variance_by_blocks(_inverted(differences[apart]))
        return scores


def _distinct(X: Floats) -> tuple[Indices, Indices]:
    """Return where the distinct rows are, in lexicographic order, and each row's among them."""
    order = np.argsort(X[:, 0], kind="stable")
    if (np.diff(X[order, 0]) > 0).all():  # the first column tells, as it mostly does
        places = np.empty(len(X), dtype=np.intp)
        places[order] = np.arange(len(X))
        return order, places
    _, first, places = np.unique(X, axis=0, return_index=True, return_inverse=True)
    return first, places.reshape(-1)


def _inverted(vectors: Floats) -> Floats:
    """Return v / |v|^2: the weighted angle of two vectors is the product of these."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / lengths / lengths)


def _pair_variance(vectors: Floats) -> Floats:
    """Return the variance of the products of all pairs, for each of m sets, shape (m, k, d)."""
    if vectors.shape[1] < 2:
        return np.zeros(len(vectors))
    first, second = np.triu_indices(vectors.shape[1], k=1)
    products = np.matmul(vectors, np.swapaxes(vectors, 1, 2))[:, first, second]
    return np.asarray(products.var(axis=1))


def _pair_variance_by_blocks(vectors: Floats) -> float:
    """Return the variance of the products of all pairs of one set, shape (n, d)."""
    n = len(vectors)
    if n < 2:
        return 0.0
    n_pairs = n * (n - 1) / 2
    total = vectors.sum(axis=0)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    mean = (total @ total - squares.sum()) / 2 / n_pairs
    deviations = 0.0
    for rows in row_blocks(n, n):
        products = vectors[rows] @ vectors.T - mean
        products[np.arange(len(products)), np.arange(rows.start, rows.stop)] = 0.0
        deviations += float(np.einsum("ij,ij->", products, products))
    return deviations / 2 / n_pairs
