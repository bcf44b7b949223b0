"""A mixture of Gaussians: one in closed form, more by expectation maximisation."""

import math
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge

from ad_classical._products import column_means, covariance, variances
from ad_classical.detectors._members import Array
from ad_classical.detectors._mixture import Mixture
from ad_core.errors import FitError

__all__ = ["GaussianMixture"]

_UPSTREAM_ARGUMENTS = (
    "n_components",
    "covariance_type",
    "tol",
    "reg_covar",
    "max_iter",
    "n_init",
    "init_params",
    "weights_init",
    "precisions_init",
)


class GaussianMixture(Mixture):
    """Negative log-likelihood under a mixture of Gaussians.

    One component, the default, is the mean and the covariance of the rows, at which
    expectation maximisation would arrive as well; more are fitted by scikit-learn's.

    Parameters
    ----------
    n_components
        Number of Gaussians.
    covariance_type
        ``"full"``, ``"diag"`` or ``"spherical"`` ones for each component, or a full one
        that all of them share, ``"tied"``.
    tol
        Gain of the mean log-likelihood below which the iterations stop.
    reg_covar
        Added to the variances.
    max_iter
        Most iterations.
    n_init
        Starts, of which the best is kept.
    init_params
        How responsibilities are first chosen.
    weights_init
        First weights of the components.
    means_init
        First means of the components.
    precisions_init
        First inverse covariances of the components.
    random_state
        Seed of the starts.
    n_jobs
        Threads that score; None for 1, -1 for one a core. The scores are the same.

    References
    ----------
    C. Aggarwal. Outlier analysis, chapter 2. Springer, 2017.
    doi:10.1007/978-3-319-47578-3
    """

    def __init__(
        self,
        n_components: Annotated[int, Ge(1)] = 1,
        *,
        covariance_type: Literal["full", "tied", "diag", "spherical"] = "full",
        tol: Annotated[float, Ge(0)] = 1e-3,
        reg_covar: Annotated[float, Ge(0)] = 1e-6,
        max_iter: Annotated[int, Ge(0)] = 100,
        n_init: Annotated[int, Ge(1)] = 1,
        init_params: Literal["kmeans", "random", "random_from_data", "k-means++"] = "kmeans",
        weights_init: list[Any] | None = None,
        means_init: list[Any] | None = None,
        precisions_init: list[Any] | None = None,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        rows = self._shifted(X)
        if self.n_components == 1:
            self._fit_one(rows)
            return
        from sklearn.mixture import GaussianMixture as Upstream

        arguments = {name: getattr(self, name) for name in _UPSTREAM_ARGUMENTS}
        arguments["means_init"] = self._placed(self.means_init)
        self._fit_upstream(Upstream, rows, arguments)

    def _fit_one(self, X: Array) -> None:
        d = X.shape[1]
        mean = column_means(X)
        if self.covariance_type in ("full", "tied"):
            transform, log_det = self._whitening(covariance(X, mean, self.n_jobs))
        else:
            spread = variances(X, mean, self.n_jobs) + self.reg_covar
            if self.covariance_type == "spherical":
                spread[:] = spread.mean()
            if not (spread > 0).all():
                raise self._singular()
            transform = 1 / np.sqrt(spread)
            log_det = float(np.log(transform).sum())
        self.means_, self.transforms_ = mean[None], transform[None]
        self.constants_ = np.array([log_det - d * math.log(2 * math.pi) / 2])

    def _whitening(self, covariance: Array) -> tuple[Array, float]:
        """Return the inverse of the transposed Cholesky factor, and its log-determinant."""
        covariance.flat[:: len(covariance) + 1] += self.reg_covar
        try:
            factor = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError as error:
            raise self._singular() from error
        transform = np.linalg.solve(factor, np.eye(len(factor))).T
        return np.ascontiguousarray(transform), -float(np.log(np.diagonal(factor)).sum())

    def _singular(self) -> FitError:
        return FitError(
            f"{self.name}: the covariance of the training rows is singular; "
            f"raise reg_covar (now {self.reg_covar:g})"
        )
