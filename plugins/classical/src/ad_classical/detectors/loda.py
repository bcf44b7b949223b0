"""LODA: lightweight on-line detector of anomalies."""

from collections.abc import Callable
from threading import Lock
from types import ModuleType
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from ad_classical._kernels import kernels
from ad_classical._threads import in_blocks
from ad_core.detector import BaseDetector

__all__ = ["LODA"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Indices = NDArray[np.int64]

_COMPILED_ROWS, _NUMPY_ROWS = 1024, 128
_ONE_THREAD = 4096
"""Rows that are done before another thread has begun."""
_TINY = 5e-324


class LODA(BaseDetector):
    r"""Mean negative log-probability in histograms of sparse random projections.

    Each of k projections has about sqrt(d) columns with standard normal weights,
    and a histogram of equal bins over the range of the training rows. The score
    is

    .. math:: -\frac{1}{k} \sum_{i=1}^{k} \log \hat p_i(w_i^\top x).

    The probability of a bin follows Laplace's rule of succession, (count + 1) /
    (n + bins + 1), with everything beyond the training range as one more bin, so
    that an empty bin has a small probability rather than none. A training row is
    left out of the counts. (PyOD divides by k twice, and looks up the bin beside
    the right one.)

    Parameters
    ----------
    n_bins
        Bins of a histogram, or ``"auto"``: those that maximise, for each projection,
        the penalised likelihood of Birgé and Rozenholc.
    n_random_cuts
        Projections k.
    random_state
        Seed of the projections.
    n_jobs
        Threads; None for 1, -1 for every core. The scores do not depend on it.

    References
    ----------
    T. Pevný, "Loda: Lightweight on-line detector of anomalies", Machine Learning
    102, 2016. doi:10.1007/s10994-015-5521-0
    L. Birgé, Y. Rozenholc, "How many bins should be put in a regular histogram",
    ESAIM: Probability and Statistics 10, 2006. doi:10.1051/ps:2006001
    """

    _private_rows = False
    columns_: Indices
    weights_: Floats
    low_: Floats
    high_: Floats
    bins_: Counts
    first_: Indices
    counts_: Counts
    surprises_: Floats

    def __init__(
        self,
        n_bins: Annotated[int, Ge(1)] | Literal["auto"] = 10,
        n_random_cuts: Annotated[int, Ge(1)] = 100,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_bins = n_bins
        self.n_random_cuts = n_random_cuts
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        generator = self._generator()
        d = X.shape[1]
        used = int(np.sqrt(d))
        shape = (self.n_random_cuts, used)
        self.columns_ = np.array([generator.permutation(d)[:used] for _ in range(shape[0])])
        self.weights_ = generator.standard_normal(shape)
        self.low_, self.high_ = self._range(X)
        if self.n_bins == "auto":
            cuts = [slice(cut, cut + 1) for cut in range(self.n_random_cuts)]
            pairs = [(self.columns_[cut], self.weights_[cut]) for cut in cuts]
            self.bins_ = np.array([_best_bins(_project(X.T, *pair)[0]) for pair in pairs])
        else:
            self.bins_ = np.full(self.n_random_cuts, int(self.n_bins))
        self.first_ = np.cumsum(self.bins_ + 1) - (self.bins_ + 1)
        self.counts_ = self._count(X)
        self.surprises_ = self._surprises(len(X), self.counts_)

    def _range(self, X: Floats) -> tuple[Floats, Floats]:
        """Return the least and the largest value of each projection."""
        low, high = np.full((2, self.n_random_cuts), [[np.inf], [-np.inf]])
        compiled, lock = self._compiled(len(X)), Lock()

        def widen(columns: Floats, _: slice) -> None:
            if compiled is None:
                values = _project(columns, self.columns_, self.weights_)
                least, most = np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)
            else:
                least, most = np.full_like(low, np.inf), np.full_like(high, -np.inf)
                compiled.widen(columns, self.columns_, self.weights_, least, most)
            with lock:
                np.fmin(low, least, out=low)
                np.fmax(high, most, out=high)

        self._by_block(X, widen, compiled)
        return low, high

    def _count(self, X: Floats) -> Counts:
        """Return how many rows each bin of each histogram holds, one after the other."""
        counts = np.zeros(int(self.first_[-1] + self.bins_[-1] + 1), dtype=np.int64)
        compiled, lock = self._compiled(len(X)), Lock()

        def count(columns: Floats, _: slice) -> None:
            if compiled is None:
                own = np.bincount(self._places(columns).ravel(), minlength=len(counts))
            else:
                own = np.zeros_like(counts)
                compiled.count(columns, *self._histograms(), own)
            with lock:
                np.add(counts, own, out=counts)

        self._by_block(X, count, compiled)
        return counts

    def _surprises(self, n_rows: int, counts: Counts) -> Floats:
        """Return the negative log-probability of each bin, if it held so many of the rows."""
        return np.asarray(np.log(n_rows + np.repeat(self.bins_, self.bins_ + 1) + 1)) - np.log(
            counts + 1
        )

    def _score(self, X: Floats) -> Floats:
        return self._mean(X, self.surprises_)

    def _training_scores(self, X: Floats) -> Floats:
        # Each row is left out of the counts; of an empty bin nobody asks.
        return self._mean(X, self._surprises(len(X) - 1, np.maximum(self.counts_ - 1, 0)))

    def _mean(self, X: Floats, surprises: Floats) -> Floats:
        """Return the mean of the surprises of each row's bins."""
        total = np.zeros(len(X))
        compiled = self._compiled(len(X))

        def add(columns: Floats, rows: slice) -> None:
            if compiled is None:
                # Added up one by one: a sum may round a single row otherwise than many.
                total[rows] = surprises.take(self._places(columns)).cumsum(axis=0)[-1]
            else:
                compiled.add_surprises(columns, *self._histograms(), surprises, total[rows])

        self._by_block(X, add, compiled)
        return total / self.n_random_cuts

    def _compiled(self, n_rows: int) -> ModuleType | None:
        return kernels("projections", n_rows * self.weights_.size)

    def _by_block(
        self, X: Floats, work: Callable[[Floats, slice], None], compiled: ModuleType | None
    ) -> None:
        """Call `work` on the columns of some rows at a time."""
        step = _NUMPY_ROWS if compiled is None else _COMPILED_ROWS
        n_jobs = self.n_jobs if len(X) > _ONE_THREAD else 1
        in_blocks(
            lambda rows: work(np.ascontiguousarray(X[rows].T), rows),
            len(X),
            step,
            n_jobs,
            blas=False,
        )

    def _histograms(self) -> tuple[NDArray[Any], ...]:
        """Return what the kernels have to know of projections and bins."""
        return self.columns_, self.weights_, self.low_, self.high_, self.bins_, self.first_

    def _places(self, columns: Floats) -> Counts:
        """Return the place in `counts_` of each row's bins, shape (n_random_cuts, n)."""
        values = _project(columns, self.columns_, self.weights_)
        low, high, bins = self.low_[:, None], self.high_[:, None], self.bins_[:, None]
        return _bin_of(values, low, high, bins) + self.first_[:, None]


def _project(columns: Floats, used: Indices, weights: Floats) -> Floats:
    """Project rows, given by their columns, term by term: BLAS would round one row otherwise."""
    terms = columns.take(used.T, axis=0) * weights.T[:, :, None]
    projected: Floats = terms[0]
    for term in terms[1:]:
        projected = projected + term
    return projected


def _bin_of(values: Floats, low: Any, high: Any, bins: Any) -> Counts:
    """Return each value's bin, 0 to bins - 1, or `bins` for one outside [low, high]."""
    inside = (values >= low) & (values <= high)
    share = np.where(inside, values - low, 0.0)
    share /= np.maximum(high - low, _TINY)  # 0 where all values are equal
    share *= bins
    # The largest value is in the last bin, and 0 is where the share overflows.
    places = np.maximum(np.minimum(share.astype(np.int64), bins - 1), 0)
    return np.asarray(np.where(inside, places, bins), dtype=np.int64)


def _best_bins(values: Floats) -> int:
    r"""Return the number of bins, up to n / log n, of largest penalised likelihood.

    .. math:: \sum_j N_j \log (D N_j / n) - (D - 1 + \log^{2.5} D)
    """
    n = len(values)
    low, high = values.min(), values.max()
    best, best_value = 1, 0.0
    for bins in range(2, max(2, int(n / np.log(n))) + 1):
        counts = np.bincount(_bin_of(values, low, high, bins), minlength=bins)
        filled = counts[counts > 0]
        likelihood = float(np.sum(filled * np.log(bins * filled / n)))
        value = likelihood - (bins - 1 + np.log(bins) ** 2.5)
        if value > best_value:
            best, best_value = bins, value
    return best
