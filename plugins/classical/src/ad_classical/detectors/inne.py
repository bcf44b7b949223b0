"""Isolation by nearest-neighbour hyperspheres (iNNE)."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from scipy.spatial.distance import cdist

from ad_classical._distances import row_blocks
from ad_classical._kernels import kernels
from ad_classical._threads import in_blocks
from ad_classical.detectors._members import Array
from ad_core.detector import BaseDetector

__all__ = ["INNE"]

Places = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

_EPS = np.finfo(np.float64).eps
_EPS_SINGLE = float(np.finfo(np.float32).eps)
_UNSURE = 1 / 200
"""Share of a usual squared radius up to which single precision may be in doubt."""
_NORMAL = np.finfo(np.float64).tiny / _EPS
"""Squares that are smaller may have lost digits."""
_BLOCK, _FEW = 64, 32
_FIRST_BIT = np.array([8 - max(1, byte.bit_length()) for byte in range(256)])
"""Place of the first bit of a byte that is set; 7 where none is."""


class INNE(BaseDetector):
    """Isolation by hyperspheres that reach to the nearest neighbour in small samples.

    In each of many small samples a hypersphere around each row reaches to its nearest
    neighbour. A row in no hypersphere scores 1 there; otherwise it takes the score of
    the smallest one it lies in: one minus the ratio of the neighbour's squared radius
    to its own. The score is the mean over the samples.

    Parameters
    ----------
    n_estimators
        Number of samples.
    max_samples
        Rows in each sample: a number (no more than there are rows), a share of the
        rows, or ``"auto"`` for 8.
    random_state
        Seed of the samples.
    n_jobs
        Threads that score; None for 1, -1 for every core. The scores do not depend on it.

    Attributes
    ----------
    centers_ : ndarray of shape (n_estimators, n_sampled, n_features)
    radii_ : ndarray of shape (n_estimators, n_sampled)
        Squared radii, in ascending order.
    ratios_ : ndarray of shape (n_estimators, n_sampled)
        Score inside each hypersphere, in [0, 1].

    References
    ----------
    T. Bandaragoda, K. M. Ting, D. Albrecht, F. T. Liu, Y. Zhu, J. Wells.
    Isolation-based anomaly detection using nearest-neighbor ensembles.
    Computational Intelligence 34, 2018.
    """

    _private_rows = False
    centers_: Array
    radii_: Array
    ratios_: Array

    def __init__(
        self,
        n_estimators: Annotated[int, Ge(1)] = 200,
        max_samples: Annotated[int, Ge(2)]
        | Annotated[float, Gt(0), Lt(1)]
        | Literal["auto"] = "auto",
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        size = self._sample_size(len(X))
        # PyOD's order of draws, so that a seed means the same samples.
        draws = np.random.RandomState(self._int_seed())
        seeds = draws.randint(np.iinfo(np.int32).max, size=self.n_estimators)
        chosen = np.array([_chosen(draws, seed, len(X), size) for seed in seeds])
        self.centers_, self.radii_, self.ratios_ = _spheres(X[chosen])

    def _sample_size(self, n: int) -> int:
        if self.max_samples == "auto":
            return min(8, n)
        share = self.max_samples
        return min(n, max(2, int(share * n if isinstance(share, float) else share)))

    def _score(self, X: Array) -> Array:
        scores = np.empty(len(X))
        first = self._first if len(X) <= _FEW else _Planes(self, len(X)).first

        def score(part: slice) -> None:
            scores[part] = self._mean_ratio(first(X[part]))

        in_blocks(score, len(X), _BLOCK, self.n_jobs, blas=True)
        return scores

    def _first(self, X: Array) -> Places:
        """Return which hypersphere of each sample is the first around each row.

        Shape (n, n_estimators); `n_sampled` where there is none.
        """
        flat = self.centers_.reshape(-1, X.shape[1])
        distances = cdist(X, flat, metric="sqeuclidean").reshape(len(X), *self.radii_.shape)
        return _first_set(distances <= self.radii_)

    def _mean_ratio(self, first: Places) -> Array:
        """Return the mean over the samples of the ratio of the first hypersphere around a row."""
        n_estimators, size = self.ratios_.shape
        with_isolated = np.column_stack([self.ratios_, np.ones(n_estimators)])
        first += np.arange(0, with_isolated.size, size + 1)
        return np.asarray(with_isolated.take(first).mean(axis=1), dtype=np.float64)


def _first_set(flags: Flags) -> Places:
    """Return the place of the first flag that is set on the last axis; its length for none."""
    *shape, size = flags.shape
    if size % 8:
        flags = np.concatenate([flags, np.zeros((*shape, -size % 8), dtype=bool)], axis=-1)
    eights = np.packbits(flags).reshape(*shape, -1)
    which = eights[..., 0]
    first = _FIRST_BIT.take(which)
    if eights.shape[-1] > 1:
        eight = (eights != 0).argmax(axis=-1)
        which = np.take_along_axis(eights, eight[..., None], axis=-1)[..., 0]
        first = 8 * eight + _FIRST_BIT.take(which)
    first[which == 0] = size
    return np.asarray(first)


def _chosen(draws: np.random.RandomState, seed: int, n: int, size: int) -> Any:
    draws.seed(seed)
    # What `choice` without replacement takes; a copy, so that the others need not be kept.
    return draws.permutation(n)[:size].copy()


def _spheres(samples: Array) -> tuple[Array, Array, Array]:
    """Return centres, squared radii and ratios of the hyperspheres, the smallest ones first.

    All have the shape of the samples, (n_samples, size, d), but for its end.
    """
    n_samples, size, _ = samples.shape
    radii, nearest = np.empty((n_samples, size)), np.empty((n_samples, size), dtype=np.intp)
    for part in row_blocks(n_samples, size**2):
        distances = np.empty((part.stop - part.start, size, size))
        for sample, out in zip(samples[part], distances, strict=True):
            cdist(sample, sample, metric="sqeuclidean", out=out)
        distances[:, np.arange(size), np.arange(size)] = np.inf
        radii[part], nearest[part] = distances.min(axis=2), distances.argmin(axis=2)
    theirs = np.take_along_axis(radii, nearest, axis=1)
    ratios = 1 - (theirs + _EPS) / (radii + _EPS)
    order = np.argsort(radii, axis=1, kind="stable")
    return (
        np.take_along_axis(samples, order[:, :, None], axis=1),
        np.take_along_axis(radii, order, axis=1),
        np.take_along_axis(ratios, order, axis=1),
    )


class _Planes:
    """Finds the hyperspheres around rows by a matrix product, and is sure of what it says.

    A row x lies in the hypersphere of radius r around c where x c - x x / 2 - (c c - r r) / 2,
    half of what r squared is above the squared distance, is not negative. Where rounding
    could decide on the sign, the squared distance itself is compared. The product is one
    of single precision unless that would leave many in doubt.
    """

    def __init__(self, detector: INNE, n_rows: int) -> None:
        self._shape = detector.radii_.shape
        self._compiled = kernels("spheres", n_rows * detector.radii_.size)
        self._centers = detector.centers_.reshape(-1, detector.centers_.shape[2])
        self._radii = detector.radii_.ravel()
        self._origin = self._centers.mean(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            centers = self._centers - self._origin
            squares = np.square(centers).sum(axis=1)
            largest = (squares + self._radii).max()
            steps = 2 * centers.shape[1] + 36
            typical = np.median(self._radii)
            sure = steps * _EPS_SINGLE * largest < _UNSURE * typical and typical > _NORMAL
            self._type: type[Any] = np.float32 if sure else np.float64
            self._rounding = steps * float(np.finfo(self._type).eps)
            # Squares of the unit are as large as they get: none is lost in single precision.
            self._unit = np.sqrt(largest) if sure else 1.0
            self._largest = largest / self._unit**2
            ends = (self._radii - squares) / (2 * self._unit**2)
            planes = np.vstack([centers.T / self._unit, np.ones(len(centers)), ends])
            self._planes = planes.astype(self._type)

    def first(self, X: Array) -> Places:
        """Return what `INNE._first` returns."""
        with np.errstate(over="ignore", invalid="ignore"):
            moved = (X - self._origin) / self._unit
            squares = np.square(moved).sum(axis=1)
            columns = np.column_stack([moved, squares / -2, np.ones(len(X))])
            excess = columns.astype(self._type, copy=False) @ self._planes
            doubt = (self._rounding * (squares + self._largest)).astype(self._type, copy=False)
        if self._compiled is None:
            return _first_set(self._inside(X, excess, doubt).reshape(-1, *self._shape))
        first = np.empty((len(X), self._shape[0]), dtype=np.int64)
        spheres = self._centers.reshape(*self._shape, -1), self._radii.reshape(self._shape)
        rows = np.ascontiguousarray(X)
        self._compiled.first_around(excess.reshape(-1, *self._shape), doubt, rows, *spheres, first)
        return first

    def _inside(self, X: Array, excess: Array, doubt: Array) -> Flags:
        """Return which rows are in which hyperspheres, shape (m, n_estimators * n_sampled)."""
        limits = doubt[:, None]
        inside = np.asarray(excess > limits)
        unsure = np.flatnonzero(inside == (excess < -limits))
        for part in row_blocks(len(unsure), X.shape[1]):
            rows, spheres = np.divmod(unsure[part], len(self._radii))
            inside.reshape(-1)[unsure[part]] = self._within(X[rows], spheres)
        return inside

    def _within(self, X: Array, spheres: Places) -> Flags:
        """Return whether each row is in the hypersphere that goes with it."""
        with np.errstate(over="ignore"):
            # Added up one column after the other, as cdist does.
            distances = np.square(X - self._centers[spheres]).cumsum(axis=1)[:, -1]
        return np.asarray(distances <= self._radii[spheres])
