"""What `BaseDetector` does for every subclass."""

import pickle
import threading
import warnings
from typing import Annotated, ClassVar

import numpy as np
import polars as pl
import pytest
from annotated_types import Ge
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ad_core.detector import AdapterDetector, BaseDetector, Series, quiet
from ad_core.errors import FitError, InputError, InvalidScoresError, NotFittedError, ParameterError
from ad_core.load import build
from ad_core.spec import DetectorSpec

ROWS = np.random.default_rng(0).normal(size=(100, 3))


class Distance(BaseDetector):
    """Distance from the mean.

    Parameters
    ----------
    power
        Exponent of the distance.
    """

    def __init__(self, power: Annotated[int, Ge(1)] = 1) -> None:
        self.power = power

    def _fit(self, X, y):
        self.center_ = X.mean(axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1) ** self.power


class Memory(Distance):
    """Keeps what it is given, as careless code does."""

    def _fit(self, X, y):
        super()._fit(X, y)
        self.kept_ = X


class Broken(BaseDetector):
    scores: ClassVar = None

    def _fit(self, X, y):
        if type(self).scores is None:
            raise RuntimeError("the\nmatrix is singular")

    def _score(self, X):
        return type(self).scores


class Foreign:
    """Another library's class.

    Parameters
    ----------
    scale : float, optional (default=1.0)
        Factor.
    """

    def __init__(self, scale=1.0, contamination=0.5):
        self.scale = scale

    def fit(self, X):
        warnings.warn("foreign noise", stacklevel=2)
        return self

    def values(self, X):
        return np.abs(X).sum(axis=1) * self.scale


class ForeignAdapter(AdapterDetector):
    def _fit(self, X, y):
        self.model_ = self._make().fit(X)

    def _score(self, X):
        return self.model_.values(X)


FOREIGN = DetectorSpec(
    name="foreign",
    target=f"{__name__}:Foreign",
    adapter=f"{__name__}:ForeignAdapter",
    summary="s",
    family="rule",
    capabilities=("novelty", "deterministic"),
)


def test_fit_returns_self_and_scores_are_finite_float64():
    detector = Distance()
    assert detector.fit(ROWS) is detector
    scores = detector.score_samples(ROWS)
    assert scores.shape == (100,)
    assert scores.dtype == np.float64
    np.testing.assert_array_equal(detector.decision_function(ROWS), scores)


@settings(deadline=None, max_examples=50)
@given(
    hnp.arrays(
        np.float64, st.tuples(st.integers(2, 20), st.integers(1, 4)), elements=st.floats(-1e6, 1e6)
    ),
    st.floats(0.01, 0.5),
)
def test_predict_is_score_at_or_above_the_threshold_and_flags_at_most_the_share(X, contamination):
    detector = Distance().set_params(contamination=contamination).fit(X)
    scores = detector.score_samples(X)
    labels = detector.predict(X)
    np.testing.assert_array_equal(labels, (scores >= detector.decision_threshold).astype(int))
    assert labels.sum() <= np.ceil(contamination * len(X))


def test_equality_with_the_threshold_is_an_anomaly():
    detector = Distance().fit(ROWS)
    detector.decision_threshold = float(detector.score_samples(ROWS[:1])[0])
    assert detector.predict(ROWS[:1]).tolist() == [1]
    assert detector.threshold_provenance == {"strategy": "manual"}


@pytest.mark.parametrize("value", [float("nan"), "high", [0.5]], ids=repr)
def test_a_threshold_that_is_no_number_is_refused_and_changes_nothing(value):
    detector = Distance().fit(ROWS)
    before = detector.decision_threshold
    with pytest.raises(ParameterError, match="Distance: threshold must be a number, got"):
        detector.predict(ROWS, threshold=value)
    with pytest.raises(ParameterError, match="Distance: decision_threshold must be a number, got"):
        detector.decision_threshold = value
    assert detector.decision_threshold == before
    assert detector.threshold_provenance["strategy"] == "quantile"


@pytest.mark.parametrize(
    "call",
    ["score_samples", "predict", "decision_function"],
)
def test_use_before_fit_names_the_remedy(call):
    with pytest.raises(NotFittedError, match=r"Distance is not fitted yet; call fit\(X\) before"):
        getattr(Distance(), call)(ROWS)
    with pytest.raises(NotFittedError, match="before decision_threshold"):
        _ = Distance().decision_threshold


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(ROWS.tolist(), id="list"),
        pytest.param(np.asfortranarray(ROWS), id="fortran"),
        pytest.param(np.repeat(ROWS, 2, axis=0)[::2], id="strided"),
        pytest.param(pl.DataFrame(ROWS, schema=["a", "b", "c"]), id="polars"),
        pytest.param(ROWS.astype(object), id="object"),
    ],
)
def test_every_container_gives_the_same_scores(same):
    expected = Distance().fit(ROWS).score_samples(ROWS)
    np.testing.assert_array_equal(Distance().fit(same).score_samples(same), expected)


def test_a_pandas_frame_with_nullable_columns_gives_the_same_scores():
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pd.DataFrame(ROWS, columns=["a", "b", "c"]).convert_dtypes()
    expected = Distance().fit(ROWS).score_samples(ROWS)
    np.testing.assert_array_equal(Distance().fit(frame).score_samples(frame), expected)


def test_input_is_neither_changed_nor_kept():
    X = ROWS.copy()
    detector = Memory().fit(X)
    before = detector.score_samples(ROWS)
    np.testing.assert_array_equal(X, ROWS)
    assert not np.shares_memory(detector.kept_, X)
    X[:] = 1e9
    np.testing.assert_array_equal(detector.score_samples(ROWS), before)


def test_a_detector_that_writes_into_its_input_at_scoring_is_stopped():
    class Writes(Distance):
        def _score(self, X):
            X[:] = 0
            return X.sum(axis=1)

    X = ROWS.copy()
    with pytest.raises(
        FitError, match="Writes failed to score: ValueError: assignment destination is read-only"
    ):
        Writes().set_params(threshold=None).fit(ROWS).score_samples(X)
    np.testing.assert_array_equal(X, ROWS)


def test_frames_are_put_in_order_and_other_columns_are_an_error():
    frame = pl.DataFrame(ROWS, schema=["a", "b", "c"])
    detector = Distance().fit(frame)
    assert detector.feature_names_in_.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(
        detector.score_samples(frame["c", "a", "b"]), detector.score_samples(frame)
    )
    np.testing.assert_array_equal(detector.score_samples(ROWS), detector.score_samples(frame))
    with pytest.raises(InputError) as caught:
        detector.score_samples(frame.rename({"a": "x"}))
    assert str(caught.value) == (
        "Distance: the columns are not those it was fitted on: missing 'a'; unexpected 'x'"
    )


def frame_with_twins():
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    return pd.DataFrame([[1.0, 2.0]], columns=["a", "a"])


BAD = [
    (np.empty((0, 3)), "X has no rows"),
    (np.empty((3, 0)), "X has no columns"),
    (ROWS[:, :0], "X has no columns"),
    ([1.0, 2.0], "expected a 2D array (rows, columns), got 1D of shape (2,)"),
    (5, "got 0D"),
    (None, "X is None"),
    ([[1, 2], [3]], "X is not a rectangular table of numbers"),
    ([[1, "x"], [2, 3]], "row 0, column 1 holds 'x' (str), which is not a number"),
    ([[1, None], [2, "y"]], "column 1 holds"),
    ([["1", "2"]], "row 0, column 0 holds '1' (str)"),
    (ROWS + 1j, "Complex data not supported"),
    (np.array([["2020-01-01"]], dtype="datetime64[D]"), "dates and durations are not numbers"),
    ([[1.0, np.nan], [0.0, 1.0]], "X contains NaN: row 0, column 1; 1 of 2 rows are affected"),
    ([[1.0, 0.0], [-np.inf, 1.0]], "X contains infinity: row 1, column 0"),
    (np.ma.masked_array(ROWS), "masked arrays are not supported"),
    (pl.DataFrame({"a": [1.0], "b": ["t"]}), "column 'b' holds String, not numbers"),
    (pl.DataFrame({"a": [1.0, None]}), "X contains NaN: row 1, column 'a'"),
    (ROWS[:1], "needs at least 2 rows to fit, got 1"),
]


@pytest.mark.parametrize(("X", "message"), BAD, ids=[message[:28] for _, message in BAD])
def test_bad_training_data_is_named(X, message):
    detector = Distance()
    with pytest.raises(InputError) as caught:
        detector.fit(X)
    assert message in str(caught.value)
    assert str(caught.value).startswith("Distance")
    assert not detector.is_fitted


def test_duplicate_columns_and_sparse_input_are_named():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(InputError, match=r"sparse data are not supported; use X.toarray\(\)"):
        Distance().fit(sparse.eye(3).tocsr())
    with pytest.raises(InputError, match="column 'a' occurs more than once"):
        Distance().fit(frame_with_twins())


def test_the_wrong_width_and_nan_at_scoring_are_named():
    detector = Distance().fit(ROWS)
    with pytest.raises(InputError, match="Distance: X has 2 columns, but it was fitted on 3"):
        detector.score_samples(ROWS[:, :2])
    with pytest.raises(InputError, match="X contains NaN"):
        detector.score_samples([[1.0, 2.0, np.nan]])


def test_a_failing_fit_names_the_detector_and_leaves_it_unfitted():
    Broken.scores = None
    detector = Broken()
    with pytest.raises(FitError) as caught:
        detector.fit(ROWS)
    assert str(caught.value) == "Broken failed to fit: RuntimeError: the matrix is singular"
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert not detector.is_fitted


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (
            np.full(100, np.nan),
            "returned 100 of 100 scores that are not finite (first: nan at row 0)",
        ),
        (
            np.r_[np.zeros(99), np.inf],
            "returned 1 of 100 scores that are not finite (first: inf at row 99)",
        ),
        (np.zeros((100, 1)), "returned scores of shape (100, 1) for 100 rows"),
        (np.zeros(3), "returned scores of shape (3,) for 100 rows"),
    ],
)
def test_scores_are_checked_never_clipped(scores, message):
    Broken.scores = scores
    with pytest.raises(InvalidScoresError) as caught:
        Broken().fit(ROWS)
    assert message in str(caught.value)


def test_a_refit_forgets_the_first_fit():
    class Sticky(Distance):
        def _fit(self, X, y):
            if not hasattr(self, "center_"):
                super()._fit(X, y)

    other = ROWS * 3 + 7
    twice = Sticky().fit(ROWS).fit(other)
    np.testing.assert_array_equal(
        twice.score_samples(ROWS), Sticky().fit(other).score_samples(ROWS)
    )


def test_a_failed_refit_does_not_leave_the_old_model_behind():
    detector = Distance().fit(ROWS)
    detector.power = "two"
    with pytest.raises(FitError):
        detector.fit(ROWS)
    assert not detector.is_fitted


def test_parameters_can_be_read_set_and_cloned():
    detector = Distance(power=2).set_params(contamination=0.2, threshold="mad")
    assert detector.get_params() == {"power": 2, "contamination": 0.2, "threshold": "mad"}
    twin = detector.fit(ROWS).clone()
    assert twin.get_params() == detector.get_params()
    assert not twin.is_fitted
    assert repr(twin) == "Distance(power=2, contamination=0.2, threshold='mad')"
    with pytest.raises(ParameterError, match="Distance: power must be an integer >= 1, got 0"):
        detector.set_params(contamination=0.3, power=0)
    assert detector.contamination == 0.2, "nothing is set when one value is wrong"


def test_set_params_waits_for_the_next_fit():
    detector = Distance(power=1).fit(ROWS)
    before = detector.score_samples(ROWS)
    detector.set_params(power=2).set_params(power=3)
    assert detector.power == detector.get_params()["power"] == 3
    np.testing.assert_array_equal(detector.score_samples(ROWS), before)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(detector)).score_samples(ROWS), before)
    detector.fit(ROWS)
    np.testing.assert_array_equal(
        detector.score_samples(ROWS), Distance(power=3).fit(ROWS).score_samples(ROWS)
    )


def test_a_refused_fit_leaves_set_params_waiting():
    detector = Distance(power=1).fit(ROWS)
    before = detector.score_samples(ROWS)
    with pytest.raises(InputError):
        detector.set_params(power=2).fit([])
    np.testing.assert_array_equal(detector.score_samples(ROWS), before)


def test_a_wrong_threshold_strategy_names_the_detector():
    with pytest.raises(ParameterError, match="Distance: threshold 'mad': .*'j'"):
        Distance().set_params(threshold={"kind": "mad", "j": 1}).fit(ROWS)


def test_a_pickle_scores_the_same():
    detector = Distance().fit(ROWS)
    twin = pickle.loads(pickle.dumps(detector))
    np.testing.assert_array_equal(twin.score_samples(ROWS), detector.score_samples(ROWS))


def test_supervised_detectors_need_both_classes():
    class Learner(Distance):
        _needs_labels = True

        def _fit(self, X, y):
            super()._fit(X[y == 0], None)

    with pytest.raises(InputError, match=r"Learner learns from labels; call fit\(X, y\)"):
        Learner().fit(ROWS)
    with pytest.raises(InputError, match="y holds one class only"):
        Learner().fit(ROWS, np.zeros(100))
    with pytest.raises(InputError, match="y must be 0 .normal. or 1 .anomaly., found other values"):
        Learner().fit(ROWS, np.full(100, 2))
    with pytest.raises(InputError, match=r"y must have shape \(100,\), got \(3,\)"):
        Learner().fit(ROWS, [0, 1, 0])
    assert Learner().fit(ROWS, np.r_[np.zeros(50), np.ones(50)]).is_fitted


def test_adapters_expose_the_foreign_arguments_and_build_a_fresh_object_a_fit(caplog):
    detector = build(FOREIGN, {"scale": 2.0})
    assert detector.get_params() == {"scale": 2.0, "contamination": 0.1, "threshold": "quantile"}
    with caplog.at_level("INFO", logger="ad.upstream"):
        first = detector.fit(ROWS).score_samples(ROWS)
    assert "foreign noise" in caplog.text, "a warning of the foreign library goes to the log"
    second = detector.set_params(scale=4.0).fit(ROWS).score_samples(ROWS)
    np.testing.assert_allclose(second, 2 * first)
    np.testing.assert_array_equal(detector.clone().fit(ROWS).score_samples(ROWS), second)
    twin = pickle.loads(pickle.dumps(detector))
    np.testing.assert_array_equal(twin.score_samples(ROWS), second)


def test_overlapping_quiet_blocks_restore_the_warning_filters():
    inside, leave = threading.Event(), threading.Event()

    def first():
        with quiet():
            inside.set()
            leave.wait(5)

    before = (list(warnings.filters), warnings.showwarning)
    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(5)
    with quiet():
        leave.set()
        thread.join()
        warnings.warn("kept from the caller", stacklevel=1)
    assert (list(warnings.filters), warnings.showwarning) == before
    with pytest.warns(UserWarning, match="heard again"):
        warnings.warn("heard again", stacklevel=1)


class Steps(Distance):
    input = Series()


@pytest.mark.parametrize("container", [np.asarray, list, pl.Series])
def test_a_series_of_one_channel_may_be_one_dimensional(container):
    series = np.sin(np.arange(50.0))
    detector = Steps().fit(container(series))
    expected = Steps().fit(series[:, None]).score_samples(series[:, None])
    np.testing.assert_array_equal(detector.score_samples(container(series)), expected)
    assert detector.n_features_in_ == 1


def test_a_series_holds_out_its_end():
    kept, held = Series().split(np.zeros((10, 1)), 0.2, 0)
    assert kept.tolist() == list(range(8))
    assert held.tolist() == [8, 9]


def test_a_series_refuses_what_a_table_refuses():
    with pytest.raises(InputError, match="X contains NaN: row 1, column 0"):
        Steps().fit([0.0, np.nan, 1.0])
    with pytest.raises(InputError, match="X has 2 columns, but it was fitted on 1"):
        Steps().fit([0.0, 1.0, 2.0]).score_samples(np.zeros((3, 2)))
    with pytest.raises(InputError, match="row 1, column 0 holds 'x'"):
        Steps().fit([0.0, "x"])
