"""A one-class support vector machine whose cost does not grow with the number of rows."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from ad_classical._threads import in_blocks, serial_blas
from ad_classical.detectors._members import Array, moments
from ad_core.detector import BaseDetector

__all__ = ["SGDOneClassSVM"]

_BLOCK_ELEMENTS = 2**16
_KEPT_ELEMENTS = 2**23
"""Most random features, over all rows, that a fit keeps instead of computing them anew."""


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
    n_jobs
        Threads; None for 1, -1 for one a core. The scores are the same.

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
        n_jobs: int | None = None,
    ) -> None:
        self.nu = nu
        self.gamma = gamma
        self.n_components = n_components
        self.n_steps = n_steps
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        generator = self._generator()
        d = X.shape[1]
        gamma = 1 / d if self.gamma == "scale" else self.gamma
        self.means_, self.deviations_ = moments(X)
        self.weights_ = generator.normal(scale=np.sqrt(2 * gamma), size=(d, self.n_components))
        self.phases_ = generator.uniform(0, 2 * np.pi, size=self.n_components)
        with serial_blas():
            self._descend(X, generator)

    def _descend(self, X: Array, generator: np.random.Generator) -> None:
        n = len(X)
        size = min(self.batch_size, n)
        lowest = max(1, round(self.nu * size))
        few = size == n or n * self.n_components <= _KEPT_ELEMENTS
        kept = self._map(X) if few else None
        self.coef_ = np.zeros(self.n_components)
        for step in range(1, self.n_steps + 1):
            if kept is not None and size == n:
                features = kept
            else:
                drawn = generator.integers(n, size=size)
                features = self._map(X[drawn]) if kept is None else kept[drawn]
            outside = np.zeros(size)
            outside[np.argpartition(features @ self.coef_, lowest - 1)[:lowest]] = 1.0 / lowest
            self.coef_ += (outside @ features - self.coef_) / step

    def _map(self, X: Array) -> Array:
        """Random features of the standardised rows, shape (n, n_components)."""
        features = np.empty((len(X), self.n_components))

        def work(rows: slice) -> None:
            self._map_block(X[rows], features[rows])

        in_blocks(work, len(X), self._step(), self.n_jobs, blas=True)
        return features

    def _map_block(self, rows: Array, features: Array) -> None:
        np.matmul((rows - self.means_) / self.deviations_, self.weights_, out=features)
        features += self.phases_
        np.cos(features, out=features)
        features *= np.sqrt(2 / self.n_components)

    def _score(self, X: Array) -> Array:
        scores = np.empty(len(X))

        def work(rows: slice) -> None:
            features = np.empty((rows.stop - rows.start, self.n_components))
            self._map_block(X[rows], features)
            np.negative(features @ self.coef_, out=scores[rows])

        in_blocks(work, len(X), self._step(), self.n_jobs, blas=True)
        return scores

    def _step(self) -> int:
        return max(1, _BLOCK_ELEMENTS // self.n_components)
