"""A mixture of Gaussians that drops the components it does not need."""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt

from ad_classical.detectors._members import Array
from ad_classical.detectors._mixture import Mixture

__all__ = ["BayesianGaussianMixture"]

_UPSTREAM_ARGUMENTS = (
    "n_components",
    "covariance_type",
    "tol",
    "reg_covar",
    "max_iter",
    "n_init",
    "init_params",
    "weight_concentration_prior_type",
    "weight_concentration_prior",
    "mean_precision_prior",
    "degrees_of_freedom_prior",
    "covariance_prior",
)


class BayesianGaussianMixture(Mixture):
    """Negative log-likelihood under a mixture fitted by variational inference.

    The fit is scikit-learn's; the weights of needless components come out near 0.

    Parameters
    ----------
    n_components
        Most Gaussians.
    covariance_type
        ``"full"``, ``"diag"`` or ``"spherical"`` ones for each component, or a full one
        that all of them share, ``"tied"``.
    tol
        Gain of the lower bound below which the iterations stop.
    reg_covar
        Added to the variances.
    max_iter
        Most iterations.
    n_init
        Starts, of which the best is kept.
    init_params
        How responsibilities are first chosen.
    weight_concentration_prior_type
        Prior of the weights; ``"dirichlet_process"`` favours few components.
    weight_concentration_prior
        Concentration of that prior; None for 1 / n_components.
    mean_precision_prior
        Precision of the prior of the means; None for 1.
    mean_prior
        Mean of that prior; None for the mean of the rows.
    degrees_of_freedom_prior
        Degrees of freedom of the prior of the covariances; None for the number of columns.
    covariance_prior
        Covariance of that prior; None for the covariance of the rows.
    random_state
        Seed of the starts.
    n_jobs
        Threads that score; None for 1, -1 for one a core. The scores are the same.

    References
    ----------
    D. Blei, M. Jordan. Variational inference for Dirichlet process mixtures.
    Bayesian Analysis 1, 2006. doi:10.1214/06-BA104
    """

    def __init__(
        self,
        *,
        n_components: Annotated[int, Ge(1)] = 5,
        covariance_type: Literal["full", "tied", "diag", "spherical"] = "diag",
        tol: Annotated[float, Ge(0)] = 1e-3,
        reg_covar: Annotated[float, Ge(0)] = 1e-6,
        max_iter: Annotated[int, Ge(0)] = 100,
        n_init: Annotated[int, Ge(1)] = 1,
        init_params: Literal["kmeans", "random", "random_from_data", "k-means++"] = "kmeans",
        weight_concentration_prior_type: Literal[
            "dirichlet_process", "dirichlet_distribution"
        ] = "dirichlet_process",
        weight_concentration_prior: Annotated[float, Gt(0)] | None = None,
        mean_precision_prior: Annotated[float, Gt(0)] | None = None,
        mean_prior: list[Any] | None = None,
        degrees_of_freedom_prior: Annotated[float, Gt(0)] | None = None,
        covariance_prior: list[Any] | Annotated[float, Gt(0)] | None = None,
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
        self.weight_concentration_prior_type = weight_concentration_prior_type
        self.weight_concentration_prior = weight_concentration_prior
        self.mean_precision_prior = mean_precision_prior
        self.mean_prior = mean_prior
        self.degrees_of_freedom_prior = degrees_of_freedom_prior
        self.covariance_prior = covariance_prior
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        from sklearn.mixture import BayesianGaussianMixture as Upstream

        rows = self._shifted(X)
        arguments = {name: getattr(self, name) for name in _UPSTREAM_ARGUMENTS}
        arguments["mean_prior"] = self._placed(self.mean_prior)
        self._fit_upstream(Upstream, rows, arguments)
