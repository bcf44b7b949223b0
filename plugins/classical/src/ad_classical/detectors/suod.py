"""SUOD: many different detectors, fitted side by side, some on random projections."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from joblib import Parallel, delayed

from ad_classical.detectors._members import (
    Array,
    build_members,
    fit_member,
    moments,
    training_scores,
)
from ad_core.detector import BaseDetector
from ad_core.load import Member
from ad_core.registry import get_registry
from ad_core.spec import Family

__all__ = ["DEFAULT_MEMBERS", "SUOD"]

DEFAULT_MEMBERS: tuple[Member, ...] = (
    {"name": "local_outlier_factor", "params": {"n_neighbors": 15}},
    {"name": "local_outlier_factor", "params": {"n_neighbors": 20}},
    {"name": "hbos", "params": {"n_bins": 10}},
    {"name": "hbos", "params": {"n_bins": 20}},
    "copod",
    {"name": "isolation_forest", "params": {"n_estimators": 50}},
    {"name": "isolation_forest", "params": {"n_estimators": 100}},
    {"name": "isolation_forest", "params": {"n_estimators": 150}},
)


class SUOD(BaseDetector):
    """Heterogeneous ensemble with random projections for members that measure distances.

    Where there are at least `min_projection_features` columns, every member of the
    proximity family sees a Gaussian random projection of its own, which keeps
    distances approximately (Johnson and Lindenstrauss) and makes neighbour search
    cheaper. Scores are standardised by the training scores, then combined. The
    paper's third part, a regressor in place of slow members, is left out: its
    scores are bounded by those of the training rows, so far outliers would hide.

    Parameters
    ----------
    detectors
        The members: names, or mappings with ``name`` and ``params``; None for two
        local_outlier_factor, two hbos, copod and three isolation_forest.
    combination
        How the standardised scores become one: ``"average"`` or ``"maximum"``.
    target_dim_frac
        Share of the dimensions that a projection keeps.
    min_projection_features
        With fewer columns than this nothing is projected.
    n_jobs
        Threads for fitting and scoring members; None for 1, -1 for every core. The
        scores do not depend on it.
    random_state
        Seed of the projections and of the members.

    Attributes
    ----------
    members_ : list of BaseDetector
    projections_ : list of ndarray or None
        Matrix (n_features, n_projected) of each member; None without a projection.

    References
    ----------
    Y. Zhao, X. Hu, C. Cheng, C. Wang, C. Wan, W. Wang, J. Yang, H. Bai, Z. Li,
    C. Xiao, Y. Wang, Z. Qiao, J. Sun, L. Akoglu. SUOD: accelerating large-scale
    unsupervised heterogeneous outlier detection. MLSys, 2021.
    """

    members_: list[BaseDetector]
    projections_: list[Array | None]
    means_: Array
    deviations_: Array

    def __init__(
        self,
        detectors: list[str | dict[str, object]] | None = None,
        combination: Literal["average", "maximum"] = "average",
        target_dim_frac: Annotated[float, Gt(0), Le(1)] = 0.5,
        min_projection_features: Annotated[int, Ge(1)] = 20,
        n_jobs: int | None = None,
        random_state: int | None = None,
    ) -> None:
        self.detectors = detectors
        self.combination = combination
        self.target_dim_frac = target_dim_frac
        self.min_projection_features = min_projection_features
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        generator = self._generator()
        chosen = DEFAULT_MEMBERS if self.detectors is None else self.detectors
        self.members_ = build_members(chosen, generator, "suod")
        self.projections_ = [
            self._projection(X.shape[1], generator) if _measures_distances(member) else None
            for member in chosen
        ]
        self.means_, self.deviations_ = moments(np.column_stack(self._parallel(_fit_member, X)))

    def _projection(self, n_features: int, generator: np.random.Generator) -> Array | None:
        if n_features < self.min_projection_features:
            return None
        kept = max(1, int(self.target_dim_frac * n_features))
        return generator.normal(scale=1 / np.sqrt(kept), size=(n_features, kept))

    def _parallel(self, work: Callable[[BaseDetector, Array], Array], X: Array) -> list[Array]:
        tasks = (
            delayed(work)(member, _project(X, projection))
            for member, projection in zip(self.members_, self.projections_, strict=True)
        )
        return list(Parallel(n_jobs=self.n_jobs, backend="threading")(tasks))

    def _training_scores(self, X: Array) -> Array:
        return self._combine(training_scores(self.members_))

    def _score(self, X: Array) -> Array:
        return self._combine(np.column_stack(self._parallel(_score_member, X)))

    def _combine(self, scores: Array) -> Array:
        standard = (scores - self.means_) / self.deviations_
        combine: dict[str, Any] = {"average": np.mean, "maximum": np.max}
        return np.asarray(combine[self.combination](standard, axis=1), dtype=np.float64)


def _fit_member(member: BaseDetector, X: Array) -> Array:
    return fit_member(member, X, "suod")


def _score_member(member: BaseDetector, X: Array) -> Array:
    return member.score_samples(X)


def _project(X: Array, projection: Array | None) -> Array:
    # einsum adds up in the same order for one row as for many; a BLAS product need not.
    return X if projection is None else np.einsum("ij,jk->ik", X, projection)


def _measures_distances(member: Member) -> bool:
    name = member if isinstance(member, str) else str(member["name"])
    return get_registry().detectors.get(name).spec.family is Family.PROXIMITY
