"""Empirical tail probabilities a column, for ECOD and COPOD."""

from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_classical._kernels import kernels
from ad_classical._threads import in_threads
from ad_core.detector import BaseDetector

__all__ = ["Scoring", "TailsDetector", "guides"]

Floats = NDArray[np.float64]
Scoring = Literal["inductive", "transductive"]

STEPS_PER_VALUE = 20
"""How the work of looking up a value is counted: see `kernels`."""
RANKED = 4096
"""Rows from which a compiled sort is worth its start."""
THREADED = 100_000
"""Values from which on threads are worth their start."""
COLUMNS = 8
"""Columns whose shares of the scores are kept until they are added up."""


class Tails(NamedTuple):
    """What the training values say; see `add_tails` of the kernels."""

    columns: Floats
    signs: Floats
    surprise: Floats


class TailsDetector(BaseDetector):
    """Adds up over the columns how far out in its tails each value is.

    With n training values in a column, the tails of x are ``F(x) = #{t <= x} / n``
    and ``G(x) = #{t >= x} / n``. Beyond the training range one of them is 0, and its
    logarithm infinite: n values cannot tell a probability apart from anything below
    1/n, so the tail of the extreme itself, 1/n, stands for all that lies beyond it.

    Attributes
    ----------
    sorted_columns_ : ndarray of shape (n_features, n_samples)
    skewness_signs_ : ndarray of shape (n_features,)
    surprise_ : ndarray of shape (n_samples + 1,)
        At k, the negative logarithm of k / n.
    """

    _copula: ClassVar[bool]
    """How the tails of a column are combined: as by COPOD, else as by ECOD."""

    _private_rows = False
    sorted_columns_: Floats
    skewness_signs_: Floats
    surprise_: Floats
    _totals: Floats | None = None
    """The training scores, where sorting gave them, until they are asked for."""

    def __init__(self, scoring: Scoring = "inductive", n_jobs: int | None = None) -> None:
        self.scoring = scoring
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        ranked = self.threshold is not None  # else nobody asks for the training scores
        found, self._totals = _learned(X, self._copula, self.n_jobs, ranked=ranked)
        self.sorted_columns_, self.skewness_signs_, self.surprise_ = found

    def _score(self, X: Floats) -> Floats:
        if self.scoring == "transductive":
            joint = np.vstack((self.sorted_columns_.T, X))
            # numpy looks up few rows sooner than it ranks all.
            ranked = len(joint) >= RANKED or 3 * len(X) > len(joint)
            tails, totals = _learned(joint, self._copula, self.n_jobs, ranked=ranked)
            return self._add(X, tails) if totals is None else totals[-len(X) :]
        return self._look_up(X)

    def _training_scores(self, X: Floats) -> Floats:
        totals, self._totals = self._totals, None
        return self._look_up(X) if totals is None else totals

    def _look_up(self, X: Floats) -> Floats:
        return self._add(X, Tails(self.sorted_columns_, self.skewness_signs_, self.surprise_))

    def _write_state(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        attributes, files = super()._write_state()
        attributes.pop("_totals", None)
        return attributes, files

    def _add(self, X: Floats, tails: Tails) -> Floats:
        total = np.zeros(len(X))
        compiled = kernels("tails", X.size * STEPS_PER_VALUE)
        if compiled is None:
            _add_tails(X, tails, self._copula, total)
            return total
        # Of few rows a guide would cost more than it saves.
        cells = guides(tails.columns, min(4 * len(X), tails.columns.shape[1]), self.n_jobs)

        def work(part: slice) -> None:
            compiled.add_tails(X[part], *tails, self._copula, *cells, total[part])

        in_threads(work, len(X), self.n_jobs, least=1000)
        return total


def _learned(
    X: Floats, copula: bool, n_jobs: int | None, *, ranked: bool = True
) -> tuple[Tails, Floats | None]:
    """Return what the columns say, and of their own rows unless that is not wanted."""
    n, d = X.shape
    columns, signs = np.empty((d, n)), np.empty(d)
    tails = Tails(columns, signs, np.log(n) - np.log(np.maximum(np.arange(n + 1), 1)))
    n_jobs = n_jobs if X.size > THREADED else 1
    if not ranked:

        def work(part: slice) -> None:
            for j in range(d)[part]:
                columns[j] = X[:, j]
                columns[j].sort()
                # Of the sorted values: whether a sum is exactly 0 must not hang on their order.
                signs[j] = _skewness_sign(columns[j])

        in_threads(work, d, n_jobs)
        return tails, None
    compiled = kernels("tails", X.size * STEPS_PER_VALUE) if n >= RANKED else None
    totals = np.zeros(n)
    for first in range(0, d, COLUMNS):
        for shares in _shares(X, tails, slice(first, first + COLUMNS), copula, compiled, n_jobs):
            totals += shares
    return tails, totals


def _shares(
    X: Floats, tails: Tails, chosen: slice, copula: bool, compiled: Any, n_jobs: int | None
) -> Floats:
    """Learn from some columns, and return what each says of its own values."""
    wanted = range(X.shape[1])[chosen]
    shares = np.empty((len(wanted), len(X)))

    def work(part: slice) -> None:
        for j, share in zip(wanted[part], shares[part], strict=True):
            if compiled is None:
                _share_out(X[:, j], tails, j, copula, share)
                continue
            values = X[:, j] + 0.0  # no negative zero
            places = compiled.sort_column(values, values.view(np.uint64), tails.columns[j])
            tails.signs[j] = _skewness_sign(tails.columns[j])
            compiled.share_out(
                tails.columns[j], places, tails.signs[j], tails.surprise, copula, share
            )

    in_threads(work, len(wanted), n_jobs)
    return shares


def _share_out(values: Floats, tails: Tails, j: int, copula: bool, share: Floats) -> None:
    """Do what the kernels do for a column."""
    order = np.argsort(values)
    column = np.take(values, order, out=tails.columns[j])
    tails.signs[j] = _skewness_sign(column)
    ends = np.flatnonzero(np.concatenate((column[1:] != column[:-1], [True]))) + 1
    starts = np.concatenate(([0], ends[:-1]))
    left, right = tails.surprise[ends], tails.surprise[len(values) - starts]
    share[order] = np.repeat(_combined(left, right, tails.signs[j], copula), ends - starts)


def _skewness_sign(column: Floats) -> float:
    """Return the sign of the skewness, 0 for a symmetric or constant column.

    A column counts as constant when its deviations are rounding errors, the
    rule of `scipy.stats.skew`.
    """
    mean = column.mean()
    deviations = column - mean
    # In a unit that is a power of two, so that nothing overflows and no digit is lost.
    unit = np.ldexp(1.0, min(1000, -int(np.frexp(np.abs(deviations).max())[1])))
    deviations *= unit
    squares = deviations**2
    with np.errstate(over="ignore"):
        constant = squares.mean() <= (np.finfo(np.float64).eps * mean * unit) ** 2
    return 0.0 if constant else float(np.sign(np.mean(squares * deviations)))


def guides(columns: Floats, n_cells: int, n_jobs: int | None) -> tuple[Floats, NDArray[np.int32]]:
    """Return the scales and guides of the columns; see `lay_guides` of the kernels."""
    from ad_classical._kernels.tails import lay_guides

    spans = columns[:, -1] - columns[:, 0]
    with np.errstate(over="ignore"):
        scales = np.divide(n_cells, spans, out=np.zeros_like(spans), where=spans > 0)
    scales[~np.isfinite(scales)] = 0.0
    guides = np.empty((len(columns), n_cells + 1), dtype=np.int32)
    in_threads(
        lambda part: lay_guides(columns[part], scales[part], guides[part]), len(columns), n_jobs
    )
    return scales, guides


def _add_tails(X: Floats, tails: Tails, copula: bool, total: Floats) -> None:
    """Do what the kernel does."""
    n = tails.columns.shape[1]
    for values, column, sign in zip(X.T, tails.columns, tails.signs, strict=True):
        left = tails.surprise[np.searchsorted(column, values, side="right")]
        right = tails.surprise[n - np.searchsorted(column, values, side="left")]
        total += _combined(left, right, sign, copula)


def _combined(left: Floats, right: Floats, sign: float, copula: bool) -> Floats:
    """Return what the tails of values add to their scores."""
    if copula:
        skewed = left if sign < 0.0 else right if sign > 0.0 else left + right
        return np.maximum(skewed, (left + right) / 2.0)
    return left + right if sign == 0.0 else np.maximum(left, right)
