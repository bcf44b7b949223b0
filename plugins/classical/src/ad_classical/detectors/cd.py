"""CD: Cook's distance."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_core.detector import BaseDetector

__all__ = ["CD"]

Floats = NDArray[np.float64]

_RIDGE = 1e-10
_SMALLEST = 1e-100
"""A column that varies by less counts as constant: squares of its scaled values could overflow."""


class CD(BaseDetector):
    r"""How much a row moves the regressions of each column on all others.

    For each column, regressed on the others and an intercept by least squares,
    Cook's distance of a row x is the change of the p = n_features coefficients that x
    causes, measured by the information of all rows and the residual variance:

    .. math:: D(x) = \frac{e^2 h}{p \, s^2},

    with the residual e of x under the fit without it, and its leverage h and the
    residual variance s^2 in the fit with it. The score is the mean over the
    columns. A row scored later is added to the training rows, alone; a training
    row has been added to the others, so its score is its Cook's distance as usual.

    The regressions are read from the inverse of the correlation matrix. Where
    columns depend on one another, or rows are fewer than columns, it is singular:
    a ridge of 1e-10 keeps residual variances and leverages finite, and a row that
    breaks the dependence scores high.

    References
    ----------
    R. D. Cook, "Detection of influential observation in linear regression",
    Technometrics 19(1), 1977. doi:10.1080/00401706.1977.10489493
    """

    mean_: Floats
    scale_: Floats
    precision_: Floats
    n_rows_: int

    def _fit(self, X: Floats, y: Any) -> None:
        self.n_rows_ = len(X)
        self.mean_ = X.mean(axis=0)
        deviations = X - self.mean_
        largest = np.abs(deviations).max(axis=0)
        varies = largest > _SMALLEST
        self.scale_ = np.where(varies, largest, 1.0)
        scaled = np.where(varies, deviations / self.scale_, 0.0)
        gram = scaled.T @ scaled
        norms = np.sqrt(np.diag(gram)).astype(np.float64)
        norms[norms == 0.0] = 1.0
        self.scale_ = self.scale_ * norms
        gram = gram / (norms * norms[:, None])
        inverse = np.linalg.inv(gram + _RIDGE * np.eye(len(gram)))
        self.precision_ = np.asarray(inverse, dtype=np.float64)

    def _score(self, X: Floats) -> Floats:
        residual, leverage = self._regress(X)
        return self._distance(residual, leverage / (1.0 + leverage), added=True)

    def _training_scores(self, X: Floats) -> Floats:
        residual, leverage = self._regress(X)
        # The ridge may leave a leverage of 1 that rounding lifts above it.
        leverage = np.minimum(leverage, 1.0 - _RIDGE)
        return self._distance(residual / (1.0 - leverage), leverage, added=False)

    def _regress(self, X: Floats) -> tuple[Floats, Floats]:
        """Return residual and leverage of each row in each column's regression.

        With the inverse P of the Gram matrix, column j's regression on the others
        has the residual (P z)_j / P_jj, and z has the leverage z'Pz - (P z)_j^2 / P_jj.
        """
        z = (X - self.mean_) / self.scale_
        projected = z @ self.precision_
        diagonal = np.diag(self.precision_)
        whole = np.einsum("ij,ij->i", z, projected)[:, None]
        leverage = np.maximum(whole - projected**2 / diagonal, 0.0) + 1.0 / self.n_rows_
        return projected / diagonal, leverage

    def _distance(self, residual: Floats, leverage: Floats, *, added: bool) -> Floats:
        """Combine deleted residuals and leverages, shape (m, d), to one score a row."""
        n, p = self.n_rows_ + added, residual.shape[1]
        squares = 1.0 / np.diag(self.precision_)
        if added:
            squares = squares + residual**2 * (1.0 - leverage)
        variance = squares / max(1, n - p)
        return np.asarray((residual**2 * leverage / (p * variance)).mean(axis=1))
