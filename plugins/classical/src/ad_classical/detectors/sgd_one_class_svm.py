"""A one-class support vector machine whose cost does not grow with the number of rows."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from ad_classical.detectors._members import Array, moments
from ad_core.detector import BaseDetector

__all__ = ["SGDOneClassSVM"]


class SGDOneClassSVM(BaseDetector):
    """One-class support vector machine on random Fourier features.

    A random map that approximates the Gaussian kernel, and stochastic subgradient
    descent with step ``1 / (nu t)`` on the primal problem (equation 3.4 of Schölkopf
    et al.). For a given direction the best offset is the `nu`-quantile of the
    projections, so each step averages in the mean of the share `nu` of a batch that
    lies lowest. It approximates one_class_svm.

    Parameters
    ----------
    nu
        Share of the training rows that lie outside the boundary.
    gamma
        Coefficient of the Gaussian kernel on the standardised columns; ``"scale"`` is one
        over the number of columns.
    n_components
        Number of random features; more approximate the kernel better.
    n_steps
        Number of steps.
    batch_size
        Rows drawn at each step; all of them where there are no more.
    random_state
        Seed of the features and of the batches.

    Attributes
    ----------
    weights_ : ndarray of shape (n_features, n_components)
        Frequencies of the random features.
    phases_ : ndarray of shape (n_components,)
        Their phases.
    coef_ : ndarray of shape (n_components,)
        The direction along which normal rows lie far from the origin.

    References
    ----------
    B. Schölkopf, J. Platt, J. Shawe-Taylor, A. Smola, R. Williamson. Estimating the
    support of a high-dimensional distribution. Neural Computation 13, 2001.

    A. Rahimi, B. Recht. Random features for large-scale kernel machines. NeurIPS, 2007.

    S. Shalev-Shwartz, Y. Singer, N. Srebro, A. Cotter. Pegasos: primal estimated
    sub-gradient solver for SVM. Mathematical Programming 127, 2011.
    """

    means_: Array
    deviations_: Array
    weights_: Array
    phases_: Array
    coef_: Array

    def __init__(
        self,
        nu: Annotated[float, Gt(0), Le(1)] = 0.5,
        gamma: Annotated[float, Gt(0)] | Literal["scale"] = "scale",
        n_components: Annotated[int, Ge(1)] = 512,
        n_steps: Annotated[int, Ge(1)] = 300,
        batch_size: Annotated[int, Ge(1)] = 1024,
        random_state: int | None = None,
    ) -> None:
        self.nu = nu
        self.gamma = gamma
        self.n_components = n_components
        self.n_steps = n_steps
        self.batch_size = batch_size
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        generator = self._generator()
        n, d = X.shape
        gamma = 1 / d if self.gamma == "scale" else self.gamma
        self.means_, self.deviations_ = moments(X)
        self.weights_ = generator.normal(scale=np.sqrt(2 * gamma), size=(d, self.n_components))
        self.phases_ = generator.uniform(0, 2 * np.pi, size=self.n_components)
        size = min(self.batch_size, n)
        lowest = max(1, round(self.nu * size))
        batch = self._map(X) if size == n else None
        self.coef_ = np.zeros(self.n_components)
        for step in range(1, self.n_steps + 1):
            features = self._map(X[generator.integers(n, size=size)]) if batch is None else batch
            outside = np.argpartition(features @ self.coef_, lowest - 1)[:lowest]
            self.coef_ += (features[outside].mean(axis=0) - self.coef_) / step

    def _map(self, X: Array) -> Array:
        """Random features of the standardised rows, shape (n, n_components)."""
        Z = (X - self.means_) / self.deviations_
        # einsum adds up in the same order for one row as for many; a BLAS product need not.
        angles = np.einsum("ij,jk->ik", Z, self.weights_) + self.phases_
        return np.asarray(np.sqrt(2 / self.n_components) * np.cos(angles))

    def _score(self, X: Array) -> Array:
        return np.asarray(-np.einsum("ij,j->i", self._map(X), self.coef_))
