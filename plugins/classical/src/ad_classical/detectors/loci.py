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
        self.sorted_distances_ = np.sort(cdist(X, X), axis=1)

    def _score(self, X: Floats) -> Floats:
        return self._deviations(X, added=True)

    def _training_scores(self, X: Floats) -> Floats:
        return self._deviations(X, added=False)

    def _deviations(self, X: Floats, *, added: bool) -> Floats:
        """Score rows; `added` says whether they come on top of the training rows."""
        n = len(self.rows_)
        scores = np.zeros(len(X))
        for part in row_blocks(len(X), 4 * (self.max_radii or 2 * n)):
            distances = cdist(X[part], self.rows_)
            radii = self._radii(distances)
            if not added:
                # The row itself is one of the training rows, and counted there already.
                own = np.arange(part.start, part.stop)
                distances[np.arange(len(own)), own] = np.inf
            scores[part] = self._reduce(*self._counts(distances, radii, added=added))
        return scores

    def _radii(self, distances: Floats) -> Floats:
        """Return the critical radii of each row, sorted; zeros stand for none."""
        radii = np.sort(np.concatenate((distances, distances / self.alpha), axis=1), axis=1)
        if self.max_radii is not None and self.max_radii < radii.shape[1]:
            places = np.linspace(0, radii.shape[1] - 1, self.max_radii).round().astype(np.intp)
            radii = radii[:, places]
        return radii

    def _counts(
        self, distances: Floats, radii: Floats, *, added: bool
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return each row's own count, and number, sum and sum of squares of its neighbours'.

        All are whole numbers and exact, of the shape of `radii`.
        """
        local = radii * self.alpha
        own = np.ones_like(radii)
        for row in range(len(radii)):
            own[row] += np.searchsorted(np.sort(distances[row]), local[row], side="left")
        number, total, squares = np.ones_like(radii), own.copy(), own**2
        for place, reference in enumerate(self.sorted_distances_):
            to_place = distances[:, place, None]
            within = to_place <= radii
            counts = np.searchsorted(reference, local, side="left").astype(np.float64)
            if added:
                counts += to_place < local
            counts *= within
            number += within
            total += counts
            squares += counts**2
        return own, number, total, squares

    def _reduce(self, own: Floats, number: Floats, total: Floats, squares: Floats) -> Floats:
        """Return one value a row from the counts at all radii."""
        mean = total / number
        spread = np.sqrt(number * squares - total**2) / number
        ratio = np.divide(mean - own, spread, out=np.zeros_like(mean), where=spread > 0.0)
        valid = mean >= _MIN_SAMPLING
        if self.scoring == "maximum":
            return np.asarray(np.where(valid, ratio, 0.0).max(axis=1))
        stops = valid & (ratio > self.k)
        last = ratio.shape[1] - 1 - np.argmax(valid[:, ::-1], axis=1)
        chosen = np.where(stops.any(axis=1), np.argmax(stops, axis=1), last)
        values = np.take_along_axis(ratio, chosen[:, None], axis=1)[:, 0]
        return np.where(valid.any(axis=1), values, 0.0)
