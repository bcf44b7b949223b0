"""Principal components: the squared distance along each, in units of its variance."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from sklearn.covariance import ledoit_wolf

from ad_core.detector import BaseDetector

__all__ = ["PCA"]

Array = np.ndarray[Any, np.dtype[np.float64]]


class PCA(BaseDetector):
    """Principal component classifier of Shyu et al.

    A row's score is the sum over components of its squared projection divided
    by the component's variance (equation 3 of the paper). Rows that break the
    correlations score high even where every single value is ordinary. With
    every component this is the squared Mahalanobis distance.

    The covariance is shrunk as Ledoit and Wolf propose, so that a constant
    column, columns that determine one another and fewer rows than columns give
    finite scores: a row that leaves the span of the training rows scores high.

    Parameters
    ----------
    n_components
        Number of leading components to keep; None for all.
    n_selected_components
        Use only this many of the kept components, those of smallest variance;
        None for all.
    weighted
        Divide each squared projection by the component's variance.
    standardization
        Bring every column to mean 0 and variance 1 first.

    Attributes
    ----------
    components_ : ndarray of shape (n_used, n_features)
        The directions that count, by falling variance.
    variances_ : ndarray of shape (n_used,)
        Their (shrunk) variances.

    References
    ----------
    M.-L. Shyu, S.-C. Chen, K. Sarinnapakorn, L. Chang. A novel anomaly
    detection scheme based on principal component classifier. ICDM workshop, 2003.

    O. Ledoit, M. Wolf. A well-conditioned estimator for large-dimensional
    covariance matrices. J. Multivariate Analysis 88, 2004.
    """

    mean_: Array
    scale_: Array
    components_: Array
    variances_: Array

    def __init__(
        self,
        n_components: Annotated[int, Ge(1)] | None = None,
        n_selected_components: Annotated[int, Ge(1)] | None = None,
        weighted: bool = True,
        standardization: bool = True,
    ) -> None:
        self.n_components = n_components
        self.n_selected_components = n_selected_components
        self.weighted = weighted
        self.standardization = standardization

    def _fit(self, X: Array, y: Any) -> None:
        self.mean_ = X.mean(axis=0)
        self.scale_ = _scales(X) if self.standardization else np.ones(X.shape[1])
        Z = (X - self.mean_) / self.scale_
        covariance, _ = ledoit_wolf(Z, assume_centered=True)
        variances, directions = np.linalg.eigh(np.atleast_2d(covariance))
        kept = slice(None, None, -1)
        variances, components = variances[kept], directions.T[kept]
        first = len(variances) if self.n_components is None else self.n_components
        variances, components = variances[:first], components[:first]
        last = len(variances) if self.n_selected_components is None else self.n_selected_components
        self.components_ = np.ascontiguousarray(components[-last:])
        # All rows identical: no variance at all, so distances count as they are.
        chosen = variances[-last:]
        self.variances_ = np.where(chosen > 0, chosen, 1.0)

    def _score(self, X: Array) -> Array:
        # einsum adds up in the same order for one row as for many; a BLAS product need not.
        Z = (X - self.mean_) / self.scale_
        projected = np.einsum("ij,kj->ik", Z, self.components_)
        squares = projected * projected
        if self.weighted:
            squares /= self.variances_
        return np.asarray(squares.sum(axis=1), dtype=np.float64)


def _scales(X: Array) -> Array:
    """Standard deviation of each column; 1 where it is constant up to rounding."""
    deviations = X.std(axis=0)
    rounding = 10 * np.finfo(np.float64).eps * np.abs(X).max(axis=0)
    return np.where(deviations > rounding, deviations, 1.0)
