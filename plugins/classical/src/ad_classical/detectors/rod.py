"""ROD: rotation-based outlier detection."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ad_classical._distances import canonical_order
from ad_classical._threads import in_blocks
from ad_core.detector import BaseDetector

__all__ = ["ROD"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_STEPS, _TOLERANCE = 500, 1e-5
_ROWS, _BLOCK_ELEMENTS = 4096, 2**15
_COINCIDENT = 1e-150
"""Points this close coincide: the inverse of a distance much below it is no float."""
_CONSTANT = 1e-80
"""Quartiles this close are equal: a cube of what is divided by less could overflow."""
_RANGES = np.array([[0.001, 0.955], [np.pi / 2 + 0.001, 2.186]])
"""To which angles, in radians, up to and beyond a right angle are stretched."""


class ROD(BaseDetector):
    r"""Unusual volumes when a row is rotated about the geometric median, in 3-d subspaces.

    In each subspace of three columns, with v the row relative to the geometric
    median of the training rows and gamma its angle to the median's own vector,
    stretched to a fixed range, the rotations span a volume of

    .. math:: c = \|v\|^3 \cos \gamma \, \sin^2 \gamma.

    The score is the modified z-score of c: 0.6745 times its distance from the
    median volume of the training rows over their median absolute deviation. For
    more than three columns these are scaled by median and quartiles, and the
    logistic functions of the z-scores averaged over all subspaces; with two columns,
    a column of zeros is added. One column has no angles (PyOD's ranges of them weigh
    one side of the median 400,000 times as much as the other): there c is the cube
    of v. All medians, scales and ranges of angles are those of the training rows.
    Where the median absolute deviation is 0, the mean absolute deviation takes its
    place (times 1.253314 * 0.6745); where that is 0 too, the subspace says nothing.

    There are d (d - 1) (d - 2) / 6 subspaces: the cost is cubic in the columns.

    Parameters
    ----------
    n_jobs
        Threads; None for 1, -1 for one a core. The scores are the same.

    References
    ----------
    Y. Almardeny, N. Boujnah, F. Cleary, "A novel outlier detection method for
    multivariate data", IEEE TKDE 34(9), 2022. doi:10.1109/TKDE.2020.3036524
    """

    center_: Floats
    scale_: Floats
    subspaces_: Indices
    origin_: Floats
    angles_: Floats
    volume_: Floats
    spread_: Floats

    def __init__(self, n_jobs: int | None = None) -> None:
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        # Sums in a canonical order: the median's direction must not hang on rounding.
        X = X[canonical_order(X)]
        self.center_, self.scale_ = np.zeros(X.shape[1]), np.ones(X.shape[1])
        if X.shape[1] > 3:
            low, self.center_, high = np.quantile(X, (0.25, 0.5, 0.75), axis=0)
            self.scale_ = np.where(high - low > _CONSTANT, high - low, 1.0)
        rows = self._scaled(X)
        self.subspaces_ = np.array(list(combinations(range(rows.shape[1]), 3)), dtype=np.intp)
        # Scaled columns have units of one quartile range; others bring their own.
        unit = 1.0 if X.shape[1] > 3 else float(np.abs(rows - rows.mean(axis=0)).max())
        tolerance = _TOLERANCE * unit
        n = len(self.subspaces_)
        self.origin_, self.angles_ = np.empty((n, 3)), np.empty((n, 2, 2))
        self.volume_, self.spread_ = np.empty((2, n))
        columns = np.ascontiguousarray(rows.T)

        def work(part: slice) -> None:
            points = columns[self.subspaces_[part].T]
            self.origin_[part] = _geometric_medians(points, tolerance).T
            lengths, angles = _polar(points, self.origin_[part])
            self.angles_[part] = _angle_ranges(angles, lengths > 0.0)
            volumes = self._spanned(points, part)
            self.volume_[part] = np.median(volumes, axis=1)
            self.spread_[part] = _spreads(np.abs(volumes - self.volume_[part, None]))

        in_blocks(work, n, max(1, _BLOCK_ELEMENTS // len(X)), self.n_jobs, blas=False)

    def _score(self, X: Floats) -> Floats:
        scores = np.empty(len(X))

        def work(rows: slice) -> None:
            scores[rows] = self._mean_score(X[rows])

        in_blocks(work, len(X), _ROWS, self.n_jobs, blas=False)
        return scores

    def _mean_score(self, X: Floats) -> Floats:
        columns = np.ascontiguousarray(self._scaled(X).T)
        total, n = np.zeros(len(X)), len(self.subspaces_)
        step = max(1, _BLOCK_ELEMENTS // max(1, len(X)))
        for part in (slice(start, start + step) for start in range(0, n, step)):
            volumes = self._spanned(columns[self.subspaces_[part].T], part)
            deviations = np.abs(volumes - self.volume_[part, None])
            spread = self.spread_[part, None]
            scores = np.divide(
                0.6745 * deviations, spread, out=np.zeros_like(volumes), where=spread > 0.0
            )
            total += (expit(scores) if X.shape[1] > 3 else scores).sum(axis=0)
        return total / n

    def _spanned(self, points: Floats, part: slice) -> Floats:
        """Return the volumes of points in some of the subspaces."""
        if len(self.center_) == 1:
            return np.asarray((points[0] - self.origin_[part, 0, None]) ** 3)
        lengths, angles = _polar(points, self.origin_[part])
        return _volumes(lengths, angles, self.angles_[part])

    def _scaled(self, X: Floats) -> Floats:
        rows = (X - self.center_) / self.scale_
        return np.asarray(np.pad(rows, ((0, 0), (0, max(0, 3 - X.shape[1])))))


def _geometric_medians(points: Floats, tolerance: float) -> Floats:
    """Return the point of least total distance in each set (Vardi and Zhang).

    Of points of shape (3, s, n), those of shape (3, s).
    """
    medians = points.mean(axis=2)
    active = np.arange(points.shape[1])
    chosen = points
    for _ in range(_STEPS):
        current = medians[:, active]
        distances = _lengths(chosen - current[:, :, None])
        apart = distances > _COINCIDENT
        weights = np.divide(1.0, distances, out=np.zeros_like(distances), where=apart)
        total = weights.sum(axis=1)
        pulled = np.einsum("sn,ksn->ks", weights, chosen) / np.maximum(total, 1e-300)
        pull = _lengths(pulled - current) * total
        there = (~apart).sum(axis=1)
        stay = np.where(there > 0, 1.0, 0.0)
        stay = np.minimum(np.divide(there, pull, out=stay, where=pull > 0.0), 1.0)
        medians[:, active] = (1.0 - stay) * pulled + stay * current
        going = _lengths(medians[:, active] - current) >= tolerance
        if not going.any() or not tolerance:
            break
        if not going.all():
            active, chosen = active[going], chosen[:, going]
    return np.asarray(medians)


def _lengths(vectors: Floats) -> Floats:
    """Return the lengths of vectors of shape (3, ...)."""
    return np.asarray(np.sqrt(np.einsum("k...,k...->...", vectors, vectors)))


def _polar(points: Floats, origins: Floats) -> tuple[Floats, Floats]:
    """Return each point's distance from its set's origin, and the angle to the origin's vector."""
    vectors = points - origins.T[:, :, None]
    lengths = _lengths(vectors)
    products = np.einsum("ksn,sk->sn", vectors, origins)
    norms = lengths * _lengths(origins.T)[:, None]
    cosines = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0.0)
    return lengths, np.arccos(np.clip(cosines, -1.0, 1.0))


def _angle_ranges(angles: Floats, defined: NDArray[np.bool_]) -> Floats:
    """Return the smallest and largest angle of either kind in each set, shape (s, 2, 2)."""
    ranges = np.empty((len(angles), 2, 2))
    acute = angles <= np.pi / 2
    for kind, members in enumerate((acute & defined, ~acute & defined)):
        low, high = _RANGES[kind]
        ranges[:, kind, 0] = np.where(members, angles, low).min(axis=1, initial=low)
        ranges[:, kind, 1] = np.where(members, angles, high).max(axis=1, initial=high)
    return ranges


def _volumes(lengths: Floats, angles: Floats, ranges: Floats) -> Floats:
    """Return the volumes that the rotations span."""
    kind = (angles > np.pi / 2).astype(np.intp)
    sets = np.arange(len(angles))[:, None]
    low, high = ranges[sets, kind, 0], ranges[sets, kind, 1]
    start, stop = _RANGES[kind, 0], _RANGES[kind, 1]
    stretched = start + (angles - low) / (high - low) * (stop - start)
    return np.asarray(lengths**3 * np.cos(stretched) * np.sin(stretched) ** 2)


def _spreads(deviations: Floats) -> Floats:
    """Return the median absolute deviation of each set, or what stands for it where it is 0."""
    median = np.median(deviations, axis=1)
    return np.where(median > 0.0, median, 1.253314 * 0.6745 * deviations.mean(axis=1))
