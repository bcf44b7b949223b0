"""LOCI: local correlation integral."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ad_classical._distances import row_blocks
from ad_classical._kernels import kernels
from ad_classical._threads import in_threads
from ad_core.detector import BaseDetector

__all__ = ["LOCI"]

Floats = NDArray[np.float64]

_MIN_SAMPLING = 20


class LOCI(BaseDetector):
    r"""Rows with fewer neighbours than their neighbours have, at some radius.

    Let n(q, s) be the number of rows within distance s of q. Over the rows q
    within radius r of x, n(q, alpha r) has mean m and standard deviation s, and

    .. math:: \frac{MDEF}{\sigma_{MDEF}}(x, r) = \frac{m - n(x, \alpha r)}{s}.

    The score is the largest value over the critical radii (the distances from x,
    and these over alpha) at which m is at least 20, as in the paper; the paper
    flags x where it exceeds 3. It is 0 where no radius qualifies, in particular
    for fewer than 20 training rows, and at a radius at which all counts are the
    same. Each row is scored as if it alone were added to the training rows; for
    a training row this is its score among the others. A lone row cannot score
    above the square root of the number of training rows.

    The cost is cubic in the number of training rows; `max_radii` bounds it.

    Parameters
    ----------
    alpha
        Radius of the counts over radius of the sampling neighbourhood.
    k
        Value beyond which ``scoring="first"`` stops.
    scoring
        ``"maximum"`` takes the largest value; ``"first"`` the first one above `k`,
        or else the last one, as PyOD does.
    max_radii
        Use this many of the critical radii, evenly spaced in their order; None for all.
    n_jobs
        Threads that score; None for 1, -1 for one a core. The scores are the same.

    References
    ----------
    S. Papadimitriou, H. Kitagawa, P. B. Gibbons, C. Faloutsos, "LOCI: Fast outlier
    detection using the local correlation integral", ICDE 2003.
    doi:10.1109/ICDE.2003.1260802
    """

    rows_: Floats
    ordered_: Floats

    def __init__(
        self,
        alpha: Annotated[float, Gt(0), Lt(1)] = 0.5,
        k: Annotated[float, Gt(0)] = 3,
        scoring: Literal["maximum", "first"] = "maximum",
        max_radii: Annotated[int, Ge(2)] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.k = k
        self.scoring = scoring
        self.max_radii = max_radii
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        self.rows_ = X
        self.ordered_ = cdist(X, X)
        self.ordered_.sort(axis=1)

    def _score(self, X: Floats) -> Floats:
        return self._deviations(X, added=True)

    def _training_scores(self, X: Floats) -> Floats:
        return self._deviations(X, added=False)

    def _deviations(self, X: Floats, *, added: bool) -> Floats:
        """Score rows; `added` says whether they come on top of the training rows."""
        n = len(self.rows_)
        scores = np.zeros(len(X))

        def work(share: slice) -> None:
            for part in row_blocks(share.stop - share.start, 4 * n):
                start, stop = share.start + part.start, share.start + part.stop
                distances = cdist(X[start:stop], self.rows_)
                radii = self._radii(distances)
                if not added:
                    # The row itself is one of the training rows, and counted there already.
                    own = np.arange(start, stop)
                    distances[np.arange(len(own)), own] = np.inf
                for row, places in enumerate(distances):
                    scores[start + row] = self._score_one(places, radii[row], added=added)

        in_threads(work, len(X), self.n_jobs)
        return scores

    def _radii(self, distances: Floats) -> Floats:
        """Return the critical radii of each row, sorted; zeros stand for none."""
        radii = np.sort(np.concatenate((distances, distances / self.alpha), axis=1), axis=1)
        if self.max_radii is not None and self.max_radii < radii.shape[1]:
            places = np.linspace(0, radii.shape[1] - 1, self.max_radii).round().astype(np.intp)
            radii = radii.take(places, axis=1)
        return radii

    def _score_one(self, distances: Floats, radii: Floats, *, added: bool) -> float:
        """Return the score of one row from its distances to the training rows."""
        local = radii * self.alpha
        nearest = np.sort(distances)
        own = np.asarray(np.searchsorted(nearest, local, side="left") + 1, dtype=np.float64)
        number = np.asarray(np.searchsorted(nearest, radii, side="right") + 1, dtype=np.float64)
        # Sums of whole numbers: exact.
        total, squares = np.zeros((2, len(radii)), dtype=np.int64)
        compiled = kernels("loci", len(self.rows_) ** 2 * len(radii))
        add = _add_counts if compiled is None else compiled.add_counts
        add(self.ordered_, distances, radii, local, added, total, squares)
        return self._reduce(own, number, own + total, own**2 + squares)

    def _reduce(self, own: Floats, number: Floats, total: Floats, squares: Floats) -> float:
        """Return one value from the counts at all radii of a row."""
        mean = total / number
        spread = np.sqrt(number * squares - total**2) / number
        ratio = np.divide(mean - own, spread, out=np.zeros_like(mean), where=spread > 0.0)
        valid = mean >= _MIN_SAMPLING
        if not valid.any():
            return 0.0
        if self.scoring == "maximum":
            return float(np.where(valid, ratio, 0.0).max())
        stops = np.flatnonzero(valid & (ratio > self.k))
        return float(ratio[stops[0] if len(stops) else np.flatnonzero(valid)[-1]])


def _add_counts(
    ordered: Floats,
    distances: Floats,
    radii: Floats,
    local: Floats,
    added: bool,
    total: NDArray[np.int64],
    squares: NDArray[np.int64],
) -> None:
    """Do what the kernel of this name does."""
    for q in np.flatnonzero(distances <= radii[-1]):
        first = np.searchsorted(radii, distances[q])
        counts = np.searchsorted(ordered[q], local[first:])
        if added:
            counts += distances[q] < local[first:]
        total[first:] += counts
        squares[first:] += counts * counts
