"""LODA: lightweight on-line detector of anomalies."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from ad_core.detector import BaseDetector

__all__ = ["LODA"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


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

    References
    ----------
    T. Pevný, "Loda: Lightweight on-line detector of anomalies", Machine Learning
    102, 2016. doi:10.1007/s10994-015-5521-0
    L. Birgé, Y. Rozenholc, "How many bins should be put in a regular histogram",
    ESAIM: Probability and Statistics 10, 2006. doi:10.1051/ps:2006001
    """

    columns_: NDArray[np.intp]
    weights_: Floats
    low_: Floats
    high_: Floats
    bins_: Counts
    counts_: list[Counts]

    def __init__(
        self,
        n_bins: Annotated[int, Ge(1)] | Literal["auto"] = 10,
        n_random_cuts: Annotated[int, Ge(1)] = 100,
        random_state: int | None = None,
    ) -> None:
        self.n_bins = n_bins
        self.n_random_cuts = n_random_cuts
        self.random_state = random_state

    def _fit(self, X: Floats, y: Any) -> None:
        generator = self._generator()
        d = X.shape[1]
        used = int(np.sqrt(d))
        shape = (self.n_random_cuts, used)
        self.columns_ = np.array([generator.permutation(d)[:used] for _ in range(shape[0])])
        self.weights_ = generator.standard_normal(shape)
        self.low_, self.high_ = np.empty((2, self.n_random_cuts))
        self.bins_ = np.empty(self.n_random_cuts, dtype=np.int64)
        self.counts_ = []
        for cut in range(self.n_random_cuts):
            values = self._project(X, cut)
            low, high = values.min(), values.max()
            bins = _best_bins(values) if self.n_bins == "auto" else int(self.n_bins)
            counts = np.bincount(_bin_of(values, low, high, bins), minlength=bins + 1)
            self.low_[cut], self.high_[cut], self.bins_[cut] = low, high, bins
            self.counts_.append(counts)

    def _score(self, X: Floats) -> Floats:
        return self._surprise(X, left_out=0)

    def _training_scores(self, X: Floats) -> Floats:
        return self._surprise(X, left_out=1)

    def _surprise(self, X: Floats, *, left_out: int) -> Floats:
        """Score rows; `left_out` is how often each one is in the counts itself."""
        scores = np.zeros(len(X))
        for cut, counts in enumerate(self.counts_):
            low, high, bins = self.low_[cut], self.high_[cut], int(self.bins_[cut])
            found = counts[_bin_of(self._project(X, cut), low, high, bins)]
            scores += np.log(counts.sum() - left_out + bins + 1) - np.log(found - left_out + 1)
        return scores / self.n_random_cuts

    def _project(self, X: Floats, cut: int) -> Floats:
        """Project each row, term by term: BLAS rounds a batch otherwise than a single row."""
        projected = np.zeros(len(X))
        for column, weight in zip(self.columns_[cut], self.weights_[cut], strict=True):
            projected += weight * X[:, column]
        return projected


def _bin_of(values: Floats, low: float, high: float, bins: int) -> Counts:
    """Return each value's bin, 0 to bins - 1, or `bins` for one outside [low, high]."""
    width = high - low
    inside = (values >= low) & (values <= high)
    if width == 0.0:
        return np.where(inside, 0, bins)
    share = np.where(inside, (values - low) / width, 0.0)
    return np.where(inside, np.minimum((share * bins).astype(np.int64), bins - 1), bins)


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
