"""A support vector machine around the data."""

import math
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from ad_classical._conditioning import origin
from ad_classical._distances import row_blocks
from ad_classical._gaussian_sums import (
    exponent_error,
    gaussian_sum,
    gaussian_sums,
    kernel_tiles,
    squared_norms,
    tile_rows,
)
from ad_classical._threads import in_blocks
from ad_classical.detectors._members import Array
from ad_core.detector import BaseDetector, quiet
from ad_core.load import importing_much

__all__ = ["OneClassSVM"]

_TOLERANCE = 1e-10
_TILE_ELEMENTS = 2**17


class OneClassSVM(BaseDetector):
    r"""Distance from the boundary that a support vector machine draws around the data.

    The solver is scikit-learn's (libsvm); the score is minus the weighted sum of the
    kernels on the support vectors. Kernels are Gaussian, with
    :math:`e^{-\gamma \|x - y\|^2}`, or functions of the product of the rows.

    Parameters
    ----------
    kernel
        ``"poly"`` is :math:`(\gamma x \cdot y + c)^{degree}`, ``"sigmoid"``
        :math:`\tanh(\gamma x \cdot y + c)` with `coef0` for c.
    degree
        Degree of ``"poly"``.
    gamma
        Coefficient of all kernels but the linear one; ``"scale"`` is one over the number
        of columns times the variance of all values, ``"auto"`` one over the number of columns.
    coef0
        Constant term of ``"poly"`` and ``"sigmoid"``.
    tol
        Violation of the optimality conditions at which the solver stops.
    nu
        Most training rows, as a share, that lie outside the boundary, and least that
        are support vectors.
    shrinking
        Whether the solver leaves settled rows out as it goes on.
    cache_size
        Megabytes that the solver keeps kernels in.
    max_iter
        Most steps of the solver; -1 for no limit.
    n_jobs
        Threads that score; None for 1, -1 for one a core. The scores are the same.

    Attributes
    ----------
    shifts_ : ndarray of shape (n_features,)
        What is subtracted from the columns first.
    gamma_ : float
        Coefficient of the kernel.
    coefs_ : ndarray of shape (n_support,)
        Weights of the support vectors.

    References
    ----------
    B. Schölkopf, J. Platt, J. Shawe-Taylor, A. Smola, R. Williamson. Estimating the
    support of a high-dimensional distribution. Neural Computation 13, 2001.
    doi:10.1162/089976601750264965
    """

    _private_rows = False
    shifts_: Array
    gamma_: float
    coefs_: Array
    vectors_: Array
    tiles_: Array

    def __init__(
        self,
        *,
        kernel: Literal["rbf", "linear", "poly", "sigmoid"] = "rbf",
        degree: Annotated[int, Ge(0)] = 3,
        gamma: Annotated[float, Ge(0)] | Literal["scale", "auto"] = "scale",
        coef0: float = 0.0,
        tol: Annotated[float, Gt(0)] = 1e-3,
        nu: Annotated[float, Gt(0), Le(1)] = 0.5,
        shrinking: bool = True,
        cache_size: Annotated[float, Gt(0)] = 200,
        max_iter: Annotated[int, Ge(-1)] = -1,
        n_jobs: int | None = None,
    ) -> None:
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.nu = nu
        self.shrinking = shrinking
        self.cache_size = cache_size
        self.max_iter = max_iter
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        with importing_much():
            from sklearn.svm import OneClassSVM as Upstream

        rbf = self.kernel == "rbf"
        # Where only differences between rows count, those far from 0 would lose their digits.
        self.shifts_ = origin(X) if rbf else np.zeros(X.shape[1])
        rows = X - self.shifts_ if self.shifts_.any() else X
        self.gamma_ = self._gamma(rows)
        names = ("kernel", "degree", "coef0", "tol", "nu", "shrinking", "cache_size", "max_iter")
        model = Upstream(gamma=self.gamma_, **{name: getattr(self, name) for name in names})
        # Left at None, it would draw from numpy's global generator.
        model.random_state = 0
        with quiet():
            model.fit(rows)
        self.coefs_ = np.asarray(model.dual_coef_[0])
        vectors = np.asarray(model.support_vectors_)
        if not rbf:
            self.vectors_ = vectors
            return
        center = vectors.mean(axis=0) if len(vectors) else np.zeros(X.shape[1])
        self.shifts_ += center
        self.tiles_ = kernel_tiles((vectors - center) * math.sqrt(2 * self.gamma_), self.coefs_)

    def _gamma(self, rows: Array) -> float:
        if isinstance(self.gamma, str):
            variance = float(rows.var()) if self.gamma == "scale" else 1.0
            return 1.0 / (rows.shape[1] * variance) if variance > 0 else 1.0
        return float(self.gamma)

    def _score(self, X: Array) -> Array:
        if self.kernel == "rbf":
            return self._gaussian(X)
        scores = np.empty(len(X))

        def work(part: slice) -> None:
            scores[part] = -(self._kernels(X[part]) @ self.coefs_)

        step = max(1, _TILE_ELEMENTS // max(1, len(self.coefs_)))
        in_blocks(work, len(X), step, self.n_jobs, blas=True)
        return scores

    def _gaussian(self, X: Array) -> Array:
        rows = (X - self.shifts_) * math.sqrt(2 * self.gamma_)
        if len(rows) == 1:
            row = rows[0]
            if exponent_error(row.dot(row), 0.0, len(row)) <= _TOLERANCE:
                return np.array([-gaussian_sum(row, self.tiles_)])
        sums = gaussian_sums(rows, self.tiles_, n_jobs=self.n_jobs)
        norms = squared_norms(rows)
        if exponent_error(norms.max(), 0.0, X.shape[1]) <= _TOLERANCE:
            return np.negative(sums, out=sums)
        inexact = ~(exponent_error(norms, 0.0, X.shape[1]) <= _TOLERANCE)
        sums[inexact] = self._by_differences(rows[inexact])
        return -sums

    def _by_differences(self, rows: Array) -> Array:
        from scipy.spatial.distance import cdist

        vectors = tile_rows(self.tiles_, len(self.coefs_))
        sums = np.empty(len(rows))
        for part in row_blocks(len(rows), len(vectors)):
            sums[part] = np.exp(cdist(rows[part], vectors, "sqeuclidean") / -2) @ self.coefs_
        return sums

    def _kernels(self, rows: Array) -> Array:
        products = rows @ self.vectors_.T
        match self.kernel:
            case "poly":
                return np.asarray((self.gamma_ * products + self.coef0) ** self.degree)
            case "sigmoid":
                return np.asarray(np.tanh(self.gamma_ * products + self.coef0))
            case _:
                return np.asarray(products)
