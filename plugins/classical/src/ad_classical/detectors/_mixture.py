"""What the two Gaussian mixtures share: conditioning, scoring, and fits by scikit-learn."""

from typing import Any

import numpy as np

from ad_classical._conditioning import origin
from ad_classical._products import centred, row_values
from ad_classical._whitening import block_lengths, row_length, squared_lengths
from ad_classical.detectors._members import Array
from ad_core.detector import BaseDetector, quiet
from ad_core.errors import InputError

__all__ = ["Mixture"]


class Mixture(BaseDetector):
    """Negative log-density under Gaussian components.

    Attributes
    ----------
    shifts_ : ndarray of shape (n_features,)
        What is subtracted from columns far from 0; 0 for the others.
    is_shifted_ : bool
        Whether there are such columns.
    means_ : ndarray of shape (n_components, n_features)
        Of the shifted columns.
    transforms_ : ndarray of shape (n_components, n_features, n_features)
        What turns each component into a standard one; shape (n_components, n_features)
        where covariances are diagonal.
    constants_ : ndarray of shape (n_components,)
        Logarithm of the weighted density at each mean.
    """

    _private_rows = False
    n_components: int
    covariance_type: str
    n_jobs: int | None
    shifts_: Array
    is_shifted_: bool
    means_: Array
    transforms_: Array
    constants_: Array

    def _score(self, X: Array) -> Array:
        shifts = self.shifts_ if self.is_shifted_ else None
        if len(self.means_) > 1:
            return row_values(self._negative_log_densities, X, self.n_jobs)
        mean, transform = self.means_[0], self.transforms_[0]
        if len(X) == 1:
            length = row_length(X[0], mean, transform, shifts)
            return np.array([0.5 * length - self.constants_[0]])
        scores = squared_lengths(X, mean, transform, self.n_jobs, shifts=shifts)
        scores *= 0.5
        scores -= self.constants_[0]
        return scores

    def _negative_log_densities(self, rows: Array, room: Array) -> Array:
        """Return what several components say of a few rows."""
        if self.is_shifted_:
            rows = centred(rows, self.shifts_, room[2])
        logs = np.empty((len(self.means_), len(rows)))
        for i, log in enumerate(logs):
            log[:] = block_lengths(rows, self.means_[i], self.transforms_[i], room)
        logs *= -0.5
        logs += self.constants_[:, None]
        largest = logs.max(axis=0)
        logs -= largest
        return np.asarray(-(largest + np.log(np.exp(logs, out=logs).sum(axis=0))))

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
        self.is_shifted_ = bool(self.shifts_.any())
        return X - self.shifts_ if self.is_shifted_ else X

    def _placed(self, point: Any) -> Array | None:
        """Return a given point, or points, in shifted columns."""
        return None if point is None else np.asarray(point, dtype=np.float64) - self.shifts_
