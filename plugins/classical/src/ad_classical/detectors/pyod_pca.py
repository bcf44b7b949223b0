"""PCA as PyOD computes it: to reproduce published tables, and for nothing else."""

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.preprocessing import StandardScaler

from ad_core.detector import BaseDetector

__all__ = ["PyODPCA"]

Array = np.ndarray[Any, np.dtype[np.float64]]


class PyODPCA(BaseDetector):
    r"""Weighted distances to the unit vectors of the principal components.

    With the components v of the standardised training rows and their shares w of
    the variance, a standardised row scores :math:`\sum_j \lVert x - v_j \rVert / w_j`.
    That is the distance to the tip of each component, not along it, and turns on
    the sign of v, which means nothing. The sign is the one that scikit-learn gave
    before 1.5: the training row with the largest coordinate along v has a positive
    one. The detector `pca` computes what the paper says.

    References
    ----------
    Y. Zhao, Z. Nasrullah, Z. Li, "PyOD: a Python toolbox for scalable outlier
    detection", JMLR 20, 2019.
    """

    scaler_: StandardScaler
    components_: Array
    shares_: Array

    def _fit(self, X: Array, y: Any) -> None:
        self.scaler_ = StandardScaler().fit(X)
        standard = self.scaler_.transform(X)
        coordinates, values, components = np.linalg.svd(
            standard - standard.mean(axis=0), full_matrices=False
        )
        largest = np.abs(coordinates).argmax(axis=0)
        signs = np.sign(coordinates[largest, np.arange(len(values))])
        self.components_ = components * signs[:, np.newaxis]
        variances = values**2
        self.shares_ = variances / max(np.sum(variances), np.finfo(np.float64).tiny)

    def _score(self, X: Array) -> Array:
        distances = cdist(self.scaler_.transform(X), self.components_)
        with np.errstate(divide="ignore"):
            return np.asarray(np.sum(distances / self.shares_, axis=1))
