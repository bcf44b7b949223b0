"""LOCI: local correlation integral."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ad_classical._distances import row_blocks
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

    References
    ----------
    S. Papadimitriou, H. Kitagawa, P. B. Gibbons, C. Faloutsos, "LOCI: Fast outlier
    detection using the local correlation integral", ICDE 2003.
    doi:10.1109/ICDE.2003.1260802
    """

    rows_: Floats
    sorted_distances_: Floats
    owners_: NDArray[np.intp]

    def __init__(
        self,
        alpha: Annotated[float, Gt(0), Lt(1)] = 0.5,
        k: Annotated[float, Gt(0)] = 3,
        scoring: Literal["maximum", "first"] = "maximum",
        max_radii: Annotated[int, Ge(2)] | None = None,
    ) -> None:
        self.alpha = alpha
        self.k = k
        self.scoring = scoring
        self.max_radii = max_radii

    def _fit(self, X: Floats, y: Any) -> None:
        self.rows_ = X
        distances = cdist(X, X).ravel()
        order = np.argsort(distances, kind="stable")
        self.sorted_distances_ = distances[order]
        self.owners_ = order // len(X)

    def _score(self, X: Floats) -> Floats:
        return self._deviations(X, added=True)

    def _training_scores(self, X: Floats) -> Floats:
        return self._deviations(X, added=False)

    def _deviations(self, X: Floats, *, added: bool) -> Floats:
        """Score rows; `added` says whether they come on top of the training rows."""
        n = len(self.rows_)
        scores = np.zeros(len(X))
        for part in row_blocks(len(X), n):
            distances = cdist(X[part], self.rows_)
            radii = self._radii(distances)
            if not added:
                # The row itself is one of the training rows, and counted there already.
                own = np.arange(part.start, part.stop)
                distances[np.arange(len(own)), own] = np.inf
            for row, places in enumerate(distances):
                scores[part.start + row] = self._score_one(places, radii[row], added=added)
        return scores

    def _radii(self, distances: Floats) -> Floats:
        """Return the critical radii of each row, sorted; zeros stand for none."""
        radii = np.sort(np.concatenate((distances, distances / self.alpha), axis=1), axis=1)
        if self.max_radii is not None and self.max_radii < radii.shape[1]:
            places = np.linspace(0, radii.shape[1] - 1, self.max_radii).round().astype(np.intp)
            radii = radii[:, places]
        return radii

    def _score_one(self, distances: Floats, radii: Floats, *, added: bool) -> float:
        """Return the score of one row from its distances to the training rows."""
        local = radii * self.alpha
        nearest = np.sort(distances)
        own = np.asarray(np.searchsorted(nearest, local, side="left") + 1, dtype=np.float64)
        counts = self._neighbor_counts(local)
        if added:
            counts += distances[:, None] < local
        counts *= distances[:, None] <= radii
        # Sums of whole numbers: exact.
        number = np.asarray(np.searchsorted(nearest, radii, side="right") + 1, dtype=np.float64)
        total = own + counts.sum(axis=0)
        squares = own**2 + np.einsum("ij,ij->j", counts, counts)
        return self._reduce(own, number, total, squares)

    def _neighbor_counts(self, local: Floats) -> NDArray[np.int64]:
        """Return how many training rows lie nearer to each one than each of the radii.

        The distances between training rows are in order, so each radius cuts off the first
        of them, and the counts are sums of what lies between two cuts.
        """
        n, width = len(self.rows_), len(local) + 1
        cuts = np.searchsorted(self.sorted_distances_, local, side="left")
        between = np.repeat(np.arange(width), np.diff(cuts, prepend=0, append=n * n))
        counts = np.bincount(self.owners_ * width + between, minlength=n * width)
        return np.asarray(counts.reshape(n, width)[:, :-1].cumsum(axis=1))

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
