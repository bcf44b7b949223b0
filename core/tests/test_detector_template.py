"""What `BaseDetector` hands to a subclass, keeps of it, and says of itself."""

import numpy as np
import pytest

from ad_core.detector import BaseDetector
from ad_core.errors import FitError, InputError, NotFittedError, ParameterError
from ad_core.load import build
from ad_core.spec import DetectorSpec

ROWS = np.random.default_rng(0).normal(size=(40, 2))
LABELS = (ROWS[:, 0] > 0).astype(int)


class Recorder(BaseDetector):
    """Remembers what it is given.

    Parameters
    ----------
    weight
        Factor of the scores.
    random_state
        Seed.
    """

    def __init__(self, weight=1.0, random_state=None):
        self.weight = weight
        self.random_state = random_state

    def _fit(self, X, y):
        self.X_, self.y_ = X, y

    def _score(self, X):
        return self.weight * np.nan_to_num(X[:, 0])


class Learner(Recorder):
    _needs_labels = True


class Tolerant(Recorder):
    _accepts_missing = True


class Leaver(Recorder):
    """Scores each training row by the others."""

    def _training_scores(self, X):
        return -np.arange(float(len(X)))


class Fails(Recorder):
    def _fit(self, X, y):
        self.half_ = X
        raise ValueError("no")


RECORDER = DetectorSpec(
    name="recorder",
    target=f"{__name__}:Recorder",
    summary="s",
    family="rule",
    capabilities=("novelty", "deterministic"),
    fixed={"random_state": 7},
)


def test_labels_reach_a_supervised_detector_only():
    assert Recorder().fit(ROWS, LABELS).y_ is None
    np.testing.assert_array_equal(Learner().fit(ROWS, LABELS).y_, LABELS)


def test_labels_stay_with_their_rows_when_others_are_held_out():
    detector = Learner().set_params(threshold="holdout").fit(ROWS, LABELS)
    assert len(detector.y_) == 32
    np.testing.assert_array_equal(detector.y_, detector.X_[:, 0] > 0)


def test_the_rows_held_out_are_the_same_at_every_fit():
    first = Recorder().set_params(threshold="holdout").fit(ROWS)
    second = Recorder().set_params(threshold="holdout").fit(ROWS)
    np.testing.assert_array_equal(first.X_, second.X_)


def test_a_threshold_from_held_out_rows_is_not_made_of_scores_of_training_rows():
    class Split(Leaver):
        def _score(self, X):
            return np.full(len(X), 5.0)

    assert Split().set_params(threshold="holdout").fit(ROWS).decision_threshold > 4


def test_missing_values_reach_a_detector_that_accepts_them():
    holes = np.where(ROWS > 1, np.nan, ROWS)
    detector = Tolerant().fit(holes)
    np.testing.assert_array_equal(detector.X_, holes)
    assert np.isfinite(detector.score_samples(holes)).all()
    with pytest.raises(InputError, match="X contains NaN"):
        Recorder().fit(holes)


def test_training_scores_are_those_that_the_detector_gives_its_training_rows():
    detector = Leaver().fit(ROWS)
    np.testing.assert_array_equal(detector.training_scores_, -np.arange(40.0))
    assert detector.fit_predict(ROWS).tolist() == [1] * 4 + [0] * 36
    assert Leaver().set_params(threshold="holdout").fit(ROWS).training_scores_ is None
    assert Leaver().set_params(threshold=None).fit(ROWS).training_scores_ is None


def test_scores_of_any_numbers_come_out_as_float64():
    class Counts(Recorder):
        def _score(self, X):
            return [int(value > 0) for value in X[:, 0]]

    scores = Counts().fit(ROWS).score_samples(ROWS)
    assert scores.dtype == np.float64
    assert scores.tolist() == LABELS.tolist()


def test_fit_predict_without_training_scores_predicts():
    detector = Recorder().set_params(threshold="holdout")
    labels = detector.fit_predict(ROWS)
    np.testing.assert_array_equal(labels, detector.predict(ROWS))
    assert labels.dtype == np.int64


def test_labels_are_integers():
    detector = Recorder().fit(ROWS)
    assert detector.predict(ROWS).dtype == np.int64
    assert detector.fit_predict(ROWS).dtype == np.int64


def test_a_training_row_at_the_threshold_is_flagged():
    detector = Recorder()
    labels = detector.fit_predict(np.arange(11.0)[:, None])
    assert detector.decision_threshold == 9.0
    assert labels.tolist() == [0] * 9 + [1, 1]


def test_fit_predict_hands_labels_on():
    np.testing.assert_array_equal(
        Learner().fit_predict(ROWS, LABELS), Learner().fit(ROWS, LABELS).predict(ROWS)
    )


def test_an_argument_set_as_an_attribute_is_checked_by_fit():
    detector = Recorder()
    detector.contamination = 0.9
    with pytest.raises(ParameterError, match=r"Recorder: contamination must be .*, got 0\.9"):
        detector.fit(ROWS)


def test_a_failed_fit_leaves_the_arguments_and_nothing_else():
    detector = Fails(weight=2.0).set_params(contamination=0.2)
    with pytest.raises(FitError):
        detector.fit(ROWS)
    assert vars(detector) == {"weight": 2.0, "random_state": None, "contamination": 0.2}


def test_a_failed_fit_keeps_what_the_spec_says():
    detector = build(RECORDER, {})
    detector.weight = "two"
    with pytest.raises(FitError, match="recorder failed to score"):
        detector.fit(ROWS)
    assert detector.name == "recorder"
    assert detector.random_state == 7


@pytest.mark.parametrize(
    ("what", "use"),
    [
        ("score_samples", lambda detector: detector.score_samples(ROWS)),
        ("score_samples", lambda detector: detector.decision_function(ROWS)),
        ("predict", lambda detector: detector.predict(ROWS)),
        ("predict", lambda detector: detector.predict(ROWS, threshold=1)),
        ("decision_threshold", lambda detector: detector.decision_threshold),
        ("decision_threshold", lambda detector: setattr(detector, "decision_threshold", 1.0)),
        ("threshold_provenance", lambda detector: detector.threshold_provenance),
        ("n_features_in_", lambda detector: detector.n_features_in_),
        ("feature_names_in_", lambda detector: detector.feature_names_in_),
    ],
)
def test_use_before_fit_names_what_was_used(what, use):
    with pytest.raises(NotFittedError) as caught:
        use(Recorder())
    assert str(caught.value) == f"Recorder is not fitted yet; call fit(X) before {what}"


def test_predict_takes_any_number_as_its_threshold():
    detector = Recorder().fit(ROWS)
    expected = (ROWS[:, 0] >= 0.5).astype(int)
    np.testing.assert_array_equal(detector.predict(ROWS, threshold="0.5"), expected)
    np.testing.assert_array_equal(detector.predict(ROWS, threshold=0.5), expected)


def test_a_threshold_that_is_no_number_is_refused():
    detector = Recorder().fit(ROWS)
    before = detector.decision_threshold
    with pytest.raises(ParameterError) as caught:
        detector.decision_threshold = float("nan")
    assert str(caught.value) == "Recorder: decision_threshold must be a number, got nan"
    assert detector.decision_threshold == before
    detector.decision_threshold = np.float32(2)
    assert type(detector.decision_threshold) is float


def test_the_provenance_is_a_copy_with_all_that_decided_the_threshold():
    detector = Recorder().set_params(contamination=0.2).fit(ROWS)
    expected = {"strategy": "quantile", "contamination": 0.2, "n_scores": 40}
    assert detector.threshold_provenance == expected
    detector.threshold_provenance["n_scores"] = 0
    assert detector.threshold_provenance == expected


def test_data_without_column_names_have_none():
    detector = Recorder().fit(ROWS)
    assert detector.n_features_in_ == 2
    with pytest.raises(AttributeError, match="Recorder was fitted without column names"):
        _ = detector.feature_names_in_


def test_column_names_are_an_array_of_objects():
    pl = pytest.importorskip("polars")
    names = Recorder().fit(pl.DataFrame(ROWS, schema=["a", "b"])).feature_names_in_
    assert names.dtype == object
    assert names.tolist() == ["a", "b"]


def test_a_registered_detector_goes_by_the_name_and_arguments_of_its_spec():
    detector = build(RECORDER, {"contamination": 0.2})
    assert detector.name == "recorder"
    assert detector.get_params() == {"weight": 1.0, "contamination": 0.2, "threshold": "quantile"}
    assert detector.random_state == 7
    with pytest.raises(ParameterError, match="recorder has no parameter 'random_state'"):
        detector.set_params(random_state=1)


def test_a_spec_s_detector_may_be_built_from_some_of_its_arguments():
    detector = Recorder.from_spec(RECORDER, {"weight": 2.0})
    assert detector.get_params() == {"weight": 2.0, "contamination": 0.1, "threshold": "quantile"}


def test_a_copy_of_a_registered_detector_stays_registered():
    twin = build(RECORDER, {"weight": 3.0, "threshold": None}).clone()
    assert twin.name == "recorder"
    assert twin.get_params() == {"weight": 3.0, "contamination": 0.1, "threshold": None}
    assert twin.random_state == 7


def test_a_copy_shares_no_argument():
    original = Recorder(weight=[np.ones(3)], random_state=Recorder(weight=2.0).fit(ROWS))
    twin = original.clone()
    assert not np.shares_memory(twin.weight[0], original.weight[0])
    np.testing.assert_array_equal(twin.weight, original.weight)
    assert not twin.random_state.is_fitted, "a detector inside is copied unfitted"
    assert twin.random_state.weight == 2.0


def test_the_representation_shows_what_is_not_the_default():
    assert repr(Recorder()) == "Recorder()"
    assert repr(Recorder(weight=2, random_state=3)) == "Recorder(weight=2, random_state=3)"
    assert repr(build(RECORDER, {"threshold": None})) == "recorder(threshold=None)"
    assert repr(Recorder(weight=np.zeros(2))) == "Recorder(weight=array([0., 0.]))"


def test_the_representation_shows_every_required_argument():
    class Required(Recorder):
        def __init__(self, size):
            self.size = size

    assert repr(Required(1)) == "Required(size=1)"


def test_setting_no_argument_changes_nothing_and_returns_the_detector():
    detector = Recorder()
    assert detector.set_params() is detector
    assert detector.set_params(weight=2.0) is detector
    assert vars(detector) == {"weight": 2.0, "random_state": None}


def test_what_is_saved_is_what_fit_learned_and_the_arguments():
    detector = build(RECORDER, {}).fit(ROWS)
    attributes, files = detector._write_state()
    given = {"weight", "random_state", "contamination", "threshold"}
    learned = {"X_", "y_", "training_scores_", "_decision_threshold", "_provenance"}
    assert set(attributes) == given | learned
    assert files == {}


def test_randomness_comes_from_the_argument():
    assert Recorder(random_state=5)._int_seed() == 5
    assert type(Recorder(random_state=np.int64(5))._int_seed()) is int
    drawn = Recorder(random_state=5)._generator().normal(size=3)
    np.testing.assert_array_equal(drawn, np.random.default_rng(5).normal(size=3))
    drawing = Recorder(random_state=np.random.RandomState(0))
    twin = np.random.RandomState(0)
    assert drawing._int_seed() == twin.randint(2**31 - 1)
    assert drawing._int_seed() == twin.randint(2**31 - 1), "it draws on"
    fresh = {Recorder()._int_seed() for _ in range(5)}
    assert len(fresh) == 5
    assert 2**16 < max(fresh) < 2**31


class Seedless(Tolerant):
    def __init__(self):
        pass


def test_a_foreign_object_gets_the_very_generator_or_a_seed():
    drawing, twin = np.random.RandomState(3), np.random.RandomState(3)
    assert Recorder(random_state=drawing)._random_state() is drawing
    assert drawing.randint(2**31 - 1) == twin.randint(2**31 - 1), "nothing was drawn from it"
    assert Recorder(random_state=5)._random_state() == 5
    assert type(Recorder()._random_state()) is type(Seedless()._random_state()) is int


def test_a_detector_with_an_argument_less_class_draws_a_fresh_seed():
    class Seedless(BaseDetector):
        def _fit(self, X, y):
            self.seed_ = self._int_seed()

        def _score(self, X):
            return X[:, 0]

    assert Seedless().fit(ROWS).seed_ != Seedless().fit(ROWS).seed_


@pytest.mark.parametrize("raised", [MemoryError("full"), InputError("mine")])
def test_errors_that_need_no_translation_pass_as_they_are(raised):
    class Raises(Recorder):
        def _fit(self, X, y):
            raise raised

    with pytest.raises(type(raised)) as caught:
        Raises().fit(ROWS)
    assert caught.value is raised


def test_the_fewest_rows_are_the_subclass_s_to_say():
    class Greedy(Recorder):
        _min_rows = 10

    assert Greedy().fit(ROWS[:10]).is_fitted
    with pytest.raises(InputError, match="Greedy needs at least 10 rows to fit, got 9"):
        Greedy().fit(ROWS[:9])
    held_out = Greedy().set_params(threshold={"kind": "holdout", "fraction": 0.5})
    with pytest.raises(InputError, match="Greedy needs at least 11 rows to fit, got 10"):
        held_out.fit(ROWS[:10])
    with pytest.raises(InputError, match="Greedy needs at least 10 rows to fit, got 9"):
        held_out.fit(ROWS[:18])
    assert held_out.fit(ROWS[:20]).is_fitted
