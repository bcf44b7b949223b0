"""SOD: subspace outlier degree."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

from ad_classical._distances import canonical_order, equal_rows_alike, row_blocks
from ad_classical._threads import in_threads
from ad_classical.detectors._neighborhood import KeepsNeighbors

__all__ = ["SOD"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


class SOD(KeepsNeighbors):
    r"""Rows far from their reference set in the columns where the set agrees.

    The reference set of x holds the `ref_set` training rows that share most
    nearest neighbours with x. A column is relevant when the variance of the set
    in it is below `alpha` times the mean variance over the columns; with V the
    relevant columns and m the mean of the set, the score is

    .. math:: \sqrt{\frac{1}{|V|} \sum_{j \in V} (x_j - m_j)^2}.

    Where no column is below that limit, as in data of a single column, or where the
    set has no variance at all, every column is relevant. (The paper gives 0 then, the
    score of the most ordinary row, however far away x is.) A column in which all
    training rows are equal has no say in what is relevant and no part in the number
    of columns; a row that differs in it is further away all the same.

    Numbers of shared neighbours are small, so ties are the rule: the nearer row
    goes first. A training row is left out of its own reference set, and equal
    training rows get their mean score; rows scored later are held against the
    training rows only.

    Parameters
    ----------
    n_neighbors
        Nearest neighbours whose overlap is counted.
    ref_set
        Size of the reference set; at most one less than the training rows are used.
    alpha
        Share of the mean variance below which a column is relevant.
    n_jobs
        Number of threads; None for one, -1 for one a core.

    References
    ----------
    H.-P. Kriegel, P. Kröger, E. Schubert, A. Zimek, "Outlier detection in
    axis-parallel subspaces of high dimensional data", PAKDD 2009.
    doi:10.1007/978-3-642-01307-2_86
    """

    varied_: NDArray[np.bool_]
    lists_: Indices

    def __init__(
        self,
        n_neighbors: Annotated[int, Ge(1)] = 20,
        ref_set: Annotated[int, Ge(1)] = 10,
        alpha: Annotated[float, Gt(0), Lt(1)] = 0.8,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.ref_set = ref_set
        self.alpha = alpha
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        self.neighbors_ = self._indexed(X[canonical_order(X)])
        self.varied_ = np.ptp(X, axis=0) > 0.0
        self.varied_ |= ~self.varied_.any()
        k = min(self.n_neighbors, len(X) - 1)
        _, self.lists_ = self.neighbors_.nearest_others(k, self.n_jobs)

    def _score(self, X: Floats) -> Floats:
        _, neighbors = self.neighbors_.nearest(X, self.lists_.shape[1], self.n_jobs)
        return self._degrees(X, neighbors)

    def _training_scores(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        own = np.arange(len(X))
        rows = self.neighbors_.rows
        degrees = self._degrees(rows, self.lists_, own)
        scores[canonical_order(X)] = equal_rows_alike(rows, degrees)
        return scores

    def _degrees(self, X: Floats, neighbors: Indices, own: Indices | None = None) -> Floats:
        """Score rows with their neighbours; `own` are their places among the training rows."""
        training = self.neighbors_.rows
        n = len(training)
        size = min(self.ref_set, n - 1)
        training_lists = _indicators(self.lists_, n).T.tocsr()
        scores = np.empty(len(X))

        def work(rows: slice) -> None:
            for block in row_blocks(rows.stop - rows.start, 3 * n + size * X.shape[1]):
                part = slice(rows.start + block.start, rows.start + block.stop)
                shared = (_indicators(neighbors[part], n) @ training_lists).toarray()
                if own is not None:
                    shared[np.arange(len(shared)), own[part]] = -1.0
                squared = cdist(X[part], training, "sqeuclidean")
                reference = _largest(shared, squared, size)
                scores[part] = self._deviation(X[part], training[reference])

        in_threads(work, len(X), self.n_jobs, least=64)
        return scores

    def _deviation(self, X: Floats, reference: Floats) -> Floats:
        """Return the distance to the reference sets, shape (m, size, d), in relevant columns."""
        mean = reference.mean(axis=1)
        variance = reference.var(axis=1)
        average = variance[:, self.varied_].mean(axis=1, keepdims=True)
        relevant = self.varied_ & (variance < self.alpha * average)
        relevant |= self.varied_ & ~relevant.any(axis=1, keepdims=True)
        squared = np.where(relevant | ~self.varied_, (X - mean) ** 2, 0.0).sum(axis=1)
        return np.asarray(np.sqrt(squared / relevant.sum(axis=1)))


def _indicators(neighbors: Indices, n: int) -> csr_array:
    """Return the 0/1 matrix of who is whose neighbour, shape (m, n)."""
    m, k = neighbors.shape
    starts = np.arange(0, m * k + 1, k)
    return csr_array((np.ones(m * k), neighbors.ravel(), starts), shape=(m, n))


def _largest(shared: Floats, squared: Floats, size: int) -> Indices:
    """Return the places of the `size` largest counts of each row, ties by distance, then place."""
    floor = -np.partition(-shared, size - 1, axis=1)[:, size - 1, None]
    chosen = np.empty((len(shared), size), dtype=np.intp)
    for row, candidates in enumerate(shared >= floor):
        places = np.flatnonzero(candidates)
        order = np.lexsort((squared[row, places], -shared[row, places]))
        chosen[row] = places[order[:size]]
    return chosen
