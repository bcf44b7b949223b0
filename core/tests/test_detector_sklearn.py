"""`as_sklearn` passes scikit-learn's own checks and works in its tools."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from ad_core import BaseDetector, as_sklearn
from ad_core.detector import SklearnDetector

EXPECTED_FAILURES: dict[str, str] = {}
"""None: every check of scikit-learn that applies passes."""


class Centre(BaseDetector):
    """Scaled distance from the mean.

    Parameters
    ----------
    weight
        Weight of the first column.
    """

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def _fit(self, X, y):
        self.center_ = X.mean(axis=0)

    def _score(self, X):
        gap = np.abs(X - self.center_)
        gap[:, 0] *= self.weight
        return np.sqrt((gap**2).sum(axis=1))


@parametrize_with_checks([as_sklearn(Centre())], expected_failed_checks=lambda _: EXPECTED_FAILURES)
def test_scikit_learn_estimator_checks(estimator, check, monkeypatch):
    check(estimator)


def test_scores_and_labels_have_scikit_learns_orientation():
    X = np.random.default_rng(0).normal(size=(50, 2))
    detector = Centre()
    wrapped = as_sklearn(detector).fit(X)
    own = Centre().fit(X)
    np.testing.assert_array_equal(wrapped.score_samples(X), -own.score_samples(X))
    np.testing.assert_array_equal(wrapped.predict(X) == -1, own.predict(X) == 1)
    np.testing.assert_allclose(
        wrapped.decision_function(X), wrapped.score_samples(X) - wrapped.offset_
    )
    assert not detector.is_fitted, "the detector that was handed in is never changed"


def test_pipelines_clones_and_grid_search_reach_the_arguments():
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(90, 2)), rng.normal([8, 0], 0.1, size=(10, 2))])
    y = np.r_[np.ones(90), -np.ones(10)]
    pipeline = make_pipeline(StandardScaler(), as_sklearn(Centre()))
    assert pipeline.fit(X).predict(X).shape == (100,)
    copy = clone(pipeline)
    assert isinstance(copy[-1], SklearnDetector)
    search = GridSearchCV(
        as_sklearn(Centre()),
        {"detector__weight": [0.0, 5.0]},
        scoring="roc_auc",
        cv=StratifiedKFold(3),
    )
    search.fit(X, y)
    assert search.best_params_ == {"detector__weight": 5.0}


def test_a_nested_argument_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="Centre has no parameter 'wieght'; did you mean weight"):
        as_sklearn(Centre()).set_params(detector__wieght=1)


def test_scikit_learn_is_imported_on_first_use_of_its_wrapper():
    code = (
        "import sys; from ad_core import BaseDetector, detector, load_detector;"
        "assert not {'sklearn', 'skops', 'torch'} & {*sys.modules}, sys.modules.keys();"
        "detector.as_sklearn; assert 'sklearn' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
