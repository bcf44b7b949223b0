"""XGBOD: boosted trees on the columns and on the scores of unsupervised detectors."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le

from ad_classical.detectors._members import (
    Array,
    build_members,
    fit_member,
    moments,
    training_scores,
)
from ad_core.detector import BaseDetector
from ad_core.load import Member

__all__ = ["DEFAULT_MEMBERS", "XGBOD"]

DEFAULT_MEMBERS: tuple[Member, ...] = (
    *({"name": "knn", "params": {"n_neighbors": k}} for k in (3, 10, 20)),
    *({"name": "local_outlier_factor", "params": {"n_neighbors": k}} for k in (5, 20, 50)),
    *({"name": "hbos", "params": {"n_bins": bins}} for bins in (5, 10, 25)),
    *({"name": "one_class_svm", "params": {"nu": nu}} for nu in (0.1, 0.5, 0.9)),
    {"name": "isolation_forest", "params": {"n_estimators": 100}},
)


class XGBOD(BaseDetector):
    """Boosted trees that see the columns and the scores of unsupervised detectors.

    The members learn without labels; their training scores, leave-one-out where they
    have them, are columns beside the standardised data, from which XGBoost learns the
    labels. The score is the predicted probability of an anomaly.

    Parameters
    ----------
    detectors
        The members: names, or mappings with ``name`` and ``params``; None for knn,
        local_outlier_factor, hbos and one_class_svm at three settings each, and
        isolation_forest.
    n_estimators
        Number of boosted trees.
    max_depth
        Depth of each tree.
    learning_rate
        Weight of each tree.
    subsample
        Share of the rows that each tree sees.
    colsample_bytree
        Share of the columns (features and scores) that each tree sees.
    reg_lambda
        L2 penalty on the leaves.
    scale_pos_weight
        Weight of an anomaly compared with a normal row; None for their ratio.
    n_jobs
        Threads of XGBoost; None for 1.
    random_state
        Seed of XGBoost and of the members.

    References
    ----------
    Y. Zhao, M. Hryniewicki. XGBOD: improving supervised outlier detection with
    unsupervised representation learning. IJCNN, 2018.
    """

    _needs_labels = True

    members_: list[BaseDetector]
    booster_: np.ndarray[Any, np.dtype[np.uint8]]

    def __init__(
        self,
        detectors: list[str | dict[str, object]] | None = None,
        n_estimators: Annotated[int, Ge(1)] = 100,
        max_depth: Annotated[int, Ge(1)] = 3,
        learning_rate: Annotated[float, Gt(0), Le(1)] = 0.1,
        subsample: Annotated[float, Gt(0), Le(1)] = 1.0,
        colsample_bytree: Annotated[float, Gt(0), Le(1)] = 0.5,
        reg_lambda: Annotated[float, Ge(0)] = 1.0,
        scale_pos_weight: Annotated[float, Gt(0)] | None = None,
        n_jobs: int | None = None,
        random_state: int | None = None,
    ) -> None:
        self.detectors = detectors
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.reg_lambda = reg_lambda
        self.scale_pos_weight = scale_pos_weight
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        import xgboost

        n_anomalies = int(np.sum(y))
        generator = self._generator()
        chosen = DEFAULT_MEMBERS if self.detectors is None else self.detectors
        self.mean_, self.scale_ = moments(X)
        Z = self._standardised(X)
        self.members_ = build_members(chosen, generator, "xgbod")
        scores = [fit_member(member, Z, "xgbod") for member in self.members_]
        ratio = (len(y) - n_anomalies) / n_anomalies
        settings = {
            "objective": "binary:logistic",
            # Exact splits lie midway between values; each tree sees some columns only, so
            # that no single score that separates the training rows decides alone.
            "tree_method": "exact",
            "colsample_bytree": self.colsample_bytree,
            "max_depth": self.max_depth,
            "learning_rate": self.learning_rate,
            "subsample": self.subsample,
            "lambda": self.reg_lambda,
            "scale_pos_weight": ratio if self.scale_pos_weight is None else self.scale_pos_weight,
            "nthread": 1 if self.n_jobs is None else self.n_jobs,
            "seed": int(generator.integers(2**31)),
            "verbosity": 0,
        }
        table = xgboost.DMatrix(np.column_stack([Z, *scores]), label=y)
        booster = xgboost.train(settings, table, num_boost_round=self.n_estimators)
        # As bytes of XGBoost's own format: data that save() can write, not a pickle.
        self.booster_ = np.frombuffer(bytes(booster.save_raw("ubj")), dtype=np.uint8).copy()

    def _standardised(self, X: Array) -> Array:
        return (X - self.mean_) / self.scale_

    def _training_scores(self, X: Array) -> Array:
        return self._predict([self._standardised(X), training_scores(self.members_)])

    def _score(self, X: Array) -> Array:
        Z = self._standardised(X)
        return self._predict([Z, *(member.score_samples(Z) for member in self.members_)])

    def _predict(self, columns: list[Array]) -> Array:
        import xgboost

        booster = xgboost.Booster({"nthread": 1 if self.n_jobs is None else self.n_jobs})
        booster.load_model(bytearray(self.booster_.tobytes()))
        table = xgboost.DMatrix(np.column_stack(columns))
        return np.asarray(booster.predict(table), dtype=np.float64)
