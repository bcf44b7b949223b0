"""Minimum covariance determinant: the Mahalanobis distance that outliers do not mask."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Gt, Le

from ad_classical._conditioning import unit_intervals
from ad_classical._threads import serial_blas
from ad_classical._whitening import row_length, squared_lengths, whitening
from ad_classical.detectors._members import Array
from ad_core.detector import BaseDetector, quiet
from ad_core.load import importing_much

__all__ = ["EllipticEnvelope"]


class EllipticEnvelope(BaseDetector):
    """Squared Mahalanobis distance under the minimum covariance determinant.

    Mean and covariance are those of the share of the rows whose covariance has the least
    determinant, then of the rows near these: scikit-learn's FastMCD. A column far from
    0, or of tiny or huge numbers, is brought onto [0, 1] first, which changes no distance
    but keeps the search from taking it for constant.

    Parameters
    ----------
    assume_centered
        Whether 0 is taken for the mean.
    support_fraction
        Share of the rows in that subset; None for the least share that can be, about a half.
    random_state
        Seed of the subsets that the search starts from.
    n_jobs
        Threads that score; None for 1, -1 for one a core. The scores are the same.

    Attributes
    ----------
    shifts_ : ndarray of shape (n_features,)
        What is subtracted from columns far from 0; 0 for the others.
    is_shifted_ : bool
        Whether there are such columns.
    location_ : ndarray of shape (n_features,)
        Robust mean of the shifted columns.
    transform_ : ndarray of shape (n_features, n_features)
        What turns the robust covariance into the identity.

    References
    ----------
    P. Rousseeuw, K. Van Driessen. A fast algorithm for the minimum covariance
    determinant estimator. Technometrics 41, 1999. doi:10.1080/00401706.1999.10485670
    """

    _private_rows = False
    shifts_: Array
    is_shifted_: bool
    location_: Array
    transform_: Array

    def __init__(
        self,
        *,
        assume_centered: bool = False,
        support_fraction: Annotated[float, Gt(0), Le(1)] | None = None,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.assume_centered = assume_centered
        self.support_fraction = support_fraction
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        with importing_much():
            from sklearn.covariance import MinCovDet

        self.shifts_, spans = unit_intervals(X)
        if self.assume_centered:
            self.shifts_ = np.zeros(X.shape[1])
        self.is_shifted_ = bool(self.shifts_.any())
        model = MinCovDet(
            assume_centered=self.assume_centered,
            support_fraction=self.support_fraction,
            random_state=self._random_state(),
        )
        # It takes covariances some thousand times, and checks its rows anew each time.
        model._nonrobust_covariance = _covariance
        with quiet(), serial_blas():
            model.fit((X - self.shifts_) / spans if self.is_shifted_ or (spans != 1).any() else X)
        self.location_ = np.asarray(model.location_ * spans)
        self.transform_ = whitening(model.get_precision()) / spans[:, None]

    def _score(self, X: Array) -> Array:
        shifts = self.shifts_ if self.is_shifted_ else None
        if len(X) == 1:
            return np.array([row_length(X[0], self.location_, self.transform_, shifts)])
        return squared_lengths(X, self.location_, self.transform_, self.n_jobs, shifts=shifts)


def _covariance(rows: Array, *, assume_centered: bool = False) -> Array:
    """Return what scikit-learn's empirical_covariance does, to the bit."""
    moved = rows if assume_centered else rows - rows.mean(axis=0)
    products = moved.T @ moved
    return products / len(rows) if assume_centered else products * (1.0 / len(rows))
