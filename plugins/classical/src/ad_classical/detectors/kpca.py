"""KPCA: reconstruction error of kernel principal components."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray

from ad_classical._distances import canonical_order, row_blocks
from ad_classical._gaussian_sums import exponents, kernel_factors
from ad_classical._leading import leading_eigenvectors
from ad_core.detector import BaseDetector

__all__ = ["KPCA"]

Floats = NDArray[np.float64]

_FOLDS = 5
_EPS = float(np.finfo(np.float64).eps)
_POSITIVE = frozenset({"rbf", "linear", "cosine"})
"""Kernels whose eigenvalues are never negative, so that they add up to the trace."""


class KPCA(BaseDetector):
    r"""Distance, in the kernel's feature space, to the span of the leading components.

    With the centred kernel k~ and the orthonormal components v_1, ..., v_q of the
    training rows, the score is the squared reconstruction error

    .. math:: \tilde k(x, x) - \sum_{l=1}^{q} \langle v_l, \tilde\phi(x) \rangle^2.

    All components (PyOD's default) reconstruct the training rows perfectly and
    nothing else, and few flatter them still: the scores by which the threshold is
    set come from five folds, each scored by components of the other four.

    Parameters
    ----------
    n_components
        Components q: a number, or the share of the kernel's variance to explain.
    kernel
        Kernel function; ``"rbf"`` and ``"poly"`` want columns of similar scale.
    gamma
        Coefficient of ``"rbf"``, ``"poly"`` and ``"sigmoid"``; None for 1 over the sum of
        the columns' variances, which on standardised columns is PyOD's 1 / n_features.
    degree
        Degree of ``"poly"``.
    coef0
        Constant term of ``"poly"`` and ``"sigmoid"``.
    sampling
        Learn from a random subset: time and memory are cubic and quadratic in its size.
    subset_size
        Rows of that subset, a number or a share.
    random_state
        Seed of the subset.

    References
    ----------
    H. Hoffmann, "Kernel PCA for novelty detection", Pattern Recognition 40(3),
    2007. doi:10.1016/j.patcog.2006.07.009
    """

    rows_: Floats
    shift_: Floats
    gamma_: float
    components_: Floats
    row_means_: Floats
    mean_: float

    def __init__(
        self,
        n_components: Annotated[int, Ge(1)] | Annotated[float, Gt(0), Lt(1)] = 0.9,
        *,
        kernel: Literal["rbf", "linear", "poly", "sigmoid", "cosine"] = "rbf",
        gamma: Annotated[float, Gt(0)] | None = None,
        degree: Annotated[int, Ge(1)] = 3,
        coef0: float = 1,
        sampling: bool = False,
        subset_size: Annotated[int, Ge(2)] | Annotated[float, Gt(0), Lt(1)] = 20,
        random_state: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.sampling = sampling
        self.subset_size = subset_size
        self.random_state = random_state

    def _fit(self, X: Floats, y: Any) -> None:
        self._find_components(self._subset(X))

    def _subset(self, X: Floats) -> Floats:
        if not self.sampling:
            return X
        wanted = self.subset_size
        size = round(wanted * len(X)) if isinstance(wanted, float) else wanted
        size = min(max(2, size), len(X))
        return X[np.sort(self._generator().choice(len(X), size, replace=False))]

    def _find_components(self, rows: Floats) -> None:
        # The variance of equal numbers need not be 0: their mean is rounded.
        total = float(rows.var(axis=0).sum()) if np.ptp(rows, axis=0).any() else 1.0
        self.gamma_ = 1.0 / total if self.gamma is None else float(self.gamma)
        # Where only differences between rows count, those far from 0 would lose their digits.
        moves = self.kernel in ("rbf", "linear")
        self.shift_ = rows.mean(axis=0) if moves else np.zeros(rows.shape[1])
        self.rows_ = rows - self.shift_
        kernel = self._kernel(self.rows_, self.rows_)
        self.row_means_ = kernel.mean(axis=0)
        self.mean_ = float(self.row_means_.mean())
        kernel += self.mean_ - self.row_means_ - self.row_means_[:, None]
        wanted = self.n_components
        if isinstance(wanted, float) and self.kernel not in _POSITIVE:
            wanted = len(kernel)
        values, vectors = leading_eigenvectors(kernel, wanted)
        # Smaller eigenvalues are rounding errors of the largest.
        rank = int(np.count_nonzero(values > len(kernel) * _EPS * max(values[0], 0)))
        whole = len(values) == len(kernel)
        total = float(values[:rank].sum() if whole else np.trace(kernel))
        kept = min(rank, self._n_kept(values[:rank], total))
        self.components_ = vectors[:, :kept] / np.sqrt(values[:kept])

    def _n_kept(self, values: Floats, total: float) -> int:
        if not isinstance(self.n_components, float):
            return self.n_components
        share = np.cumsum(values) / total if len(values) else values
        return int(np.searchsorted(share, self.n_components)) + 1

    def _score(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        for part in row_blocks(len(X), len(self.rows_)):
            rows = X[part] - self.shift_
            kernel = self._kernel(rows, self.rows_)
            means = kernel.mean(axis=1)
            potential = self._diagonal(rows) - 2 * means + self.mean_
            kernel += self.mean_ - means[:, None] - self.row_means_
            scores[part] = potential - ((kernel @ self.components_) ** 2).sum(axis=1)
        return scores

    def _training_scores(self, X: Floats) -> Floats:
        folds = min(_FOLDS, len(X))
        place = np.empty(len(X), dtype=np.intp)
        place[canonical_order(X)] = np.arange(len(X))
        scores = np.empty(len(X))
        for fold in range(folds):
            held = place % folds == fold
            twin = self.clone()
            twin._find_components(twin._subset(X[~held]))
            scores[held] = twin._score(X[held])
        return scores

    def _kernel(self, X: Floats, Y: Floats) -> Floats:
        if self.kernel == "rbf":
            return self._gaussian(X, Y)
        from sklearn.metrics.pairwise import pairwise_kernels

        return np.asarray(
            pairwise_kernels(
                X,
                Y,
                metric=self.kernel,
                filter_params=True,
                gamma=self.gamma_,
                degree=self.degree,
                coef0=self.coef0,
            )
        )

    def _gaussian(self, X: Floats, Y: Floats) -> Floats:
        width = np.sqrt(2 * self.gamma_)
        factors = kernel_factors(Y * width)
        kernel = np.empty((len(X), len(Y)))
        for rows in row_blocks(len(X), 16 * len(Y)):
            np.minimum(exponents(X[rows] * width, factors), 0.0, out=kernel[rows])
            np.exp(kernel[rows], out=kernel[rows])
        return kernel

    def _diagonal(self, X: Floats) -> Floats:
        """Return the kernel of each row with itself."""
        squares = np.einsum("ij,ij->i", X, X)
        match self.kernel:
            case "rbf":
                return np.ones(len(X))
            case "linear":
                return np.asarray(squares)
            case "poly":
                return np.asarray((self.gamma_ * squares + self.coef0) ** self.degree)
            case "sigmoid":
                return np.asarray(np.tanh(self.gamma_ * squares + self.coef0))
            case "cosine":
                return np.asarray(squares > 0.0, dtype=np.float64)
