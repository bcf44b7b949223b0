"""What the two Gaussian mixtures share: conditioning, scoring, and fits by scikit-learn."""

from typing import Any

import numpy as np

from ad_classical._conditioning import origin
from ad_classical._threads import in_blocks
from ad_classical._whitening import MANY_ELEMENTS, block_lengths
from ad_classical.detectors._members import Array
from ad_core.detector import BaseDetector, quiet
from ad_core.errors import InputError

__all__ = ["Mixture"]

_BLOCK_ELEMENTS = 2**16


class Mixture(BaseDetector):
    """Negative log-density under Gaussian components.

    Attributes
    ----------
    shifts_ : ndarray of shape (n_features,)
        What is subtracted from columns far from 0; 0 for the others.
    means_ : ndarray of shape (n_components, n_features)
        Of the shifted columns.
    transforms_ : ndarray of shape (n_components, n_features, n_features)
        What turns each component into a standard one; shape (n_components, n_features)
        where covariances are diagonal.
    constants_ : ndarray of shape (n_components,)
        Logarithm of the weighted density at each mean.
    """

    n_components: int
    covariance_type: str
    n_jobs: int | None
    shifts_: Array
    means_: Array
    transforms_: Array
    constants_: Array

    def _score(self, X: Array) -> Array:
        scores = np.empty(len(X))

        def work(rows: slice) -> None:
            np.negative(self._log_densities(X[rows]), out=scores[rows])

        many = X.size * len(self.means_) >= MANY_ELEMENTS
        # So small a product stays in one thread of OpenBLAS, whose others cost more to wake.
        few = max(64, 2**18 // X.shape[1] ** 2)
        step = max(1, min(few, _BLOCK_ELEMENTS // X.shape[1]))
        in_blocks(work, len(X), step, self.n_jobs if many else 1, blas=many)
        return scores

    def _log_densities(self, rows: Array) -> Array:
        """Return the log-density of a few rows."""
        if self.shifts_.any():
            rows = rows - self.shifts_
        if len(self.means_) == 1:
            lengths = block_lengths(rows, self.means_[0], self.transforms_[0])
            return np.asarray(self.constants_[0] - 0.5 * lengths)
        logs = np.empty((len(self.means_), len(rows)))
        for i, log in enumerate(logs):
            log[:] = block_lengths(rows, self.means_[i], self.transforms_[i])
        logs *= -0.5
        logs += self.constants_[:, None]
        largest = logs.max(axis=0)
        logs -= largest
        return np.asarray(largest + np.log(np.exp(logs, out=logs).sum(axis=0)))

    def _fit_upstream(self, make: Any, X: Array, arguments: dict[str, Any]) -> None:
        """Fit scikit-learn's mixture to shifted rows and keep what scoring needs."""
        if len(X) < self.n_components:
            raise InputError(
                f"{self.name} needs at least {self.n_components} rows to fit "
                f"n_components={self.n_components}, got {len(X)}"
            )
        with quiet():
            model = make(random_state=self._random_state(), **arguments).fit(X)
        self.means_ = np.asarray(model.means_)
        factors = np.asarray(model.precisions_cholesky_)
        if self.covariance_type == "tied":
            factors = np.repeat(factors[None], self.n_components, axis=0)
        if self.covariance_type == "spherical":
            factors = np.repeat(factors[:, None], X.shape[1], axis=1)
        self.transforms_ = factors
        # At its mean a component's squared distance is 0, and the rest remains.
        self.constants_ = np.diagonal(model._estimate_weighted_log_prob(model.means_)).copy()

    def _shifted(self, X: Array) -> Array:
        """Choose the shifts, and return the rows without them."""
        self.shifts_ = origin(X)
        return X - self.shifts_ if self.shifts_.any() else X

    def _placed(self, point: Any) -> Array | None:
        """Return a given point, or points, in shifted columns."""
        return None if point is None else np.asarray(point, dtype=np.float64) - self.shifts_
