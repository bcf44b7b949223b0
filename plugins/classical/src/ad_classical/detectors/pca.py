"""Principal components: the squared distance along each, in units of its variance."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from ad_classical._covariance import shrunk_covariance
from ad_classical._whitening import row_length, squared_lengths
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
    n_jobs
        Number of threads; None for one, -1 for one a core.

    Attributes
    ----------
    components_ : ndarray of shape (n_used, n_features)
        The directions that count, by falling variance.
    variances_ : ndarray of shape (n_used,)
        Their (shrunk) variances.
    weights_ : ndarray of shape (n_features, n_used)
        What a centred row is multiplied by; its score is the squared length of the result.

    References
    ----------
    M.-L. Shyu, S.-C. Chen, K. Sarinnapakorn, L. Chang. A novel anomaly
    detection scheme based on principal component classifier. ICDM workshop, 2003.

    O. Ledoit, M. Wolf. A well-conditioned estimator for large-dimensional
    covariance matrices. J. Multivariate Analysis 88, 2004.
    """

    _private_rows = False
    mean_: Array
    scale_: Array
    components_: Array
    variances_: Array
    weights_: Array

    def __init__(
        self,
        n_components: Annotated[int, Ge(1)] | None = None,
        n_selected_components: Annotated[int, Ge(1)] | None = None,
        weighted: bool = True,
        standardization: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.n_selected_components = n_selected_components
        self.weighted = weighted
        self.standardization = standardization
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        self.mean_, self.scale_, covariance = shrunk_covariance(
            X, standardized=self.standardization, n_jobs=self.n_jobs
        )
        variances, directions = np.linalg.eigh(covariance)
        kept = slice(None, None, -1)
        variances, components = variances[kept], directions.T[kept]
        first = len(variances) if self.n_components is None else self.n_components
        variances, components = variances[:first], components[:first]
        last = len(variances) if self.n_selected_components is None else self.n_selected_components
        self.components_ = np.ascontiguousarray(components[-last:])
        # All rows identical: no variance at all, so distances count as they are.
        chosen = variances[-last:]
        self.variances_ = np.where(chosen > 0, chosen, 1.0)
        divisors = np.sqrt(self.variances_) if self.weighted else 1.0
        weights = self.components_.T / divisors / self.scale_[:, np.newaxis]
        self.weights_ = np.ascontiguousarray(weights)

    def _score(self, X: Array) -> Array:
        if len(X) == 1:
            return np.array([row_length(X[0], self.mean_, self.weights_, None)])
        return squared_lengths(X, self.mean_, self.weights_, self.n_jobs)
