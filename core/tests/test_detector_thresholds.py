"""Threshold strategies: what they promise, on data where it can be counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ad_core.detector import (
    BaseDetector,
    HeldOutQuantile,
    MedianAbsoluteDeviation,
    SplitConformal,
    TrainingQuantile,
)
from ad_core.detector._thresholds import as_strategy
from ad_core.errors import InputError, ParameterError


class First(BaseDetector):
    """Scores a row by its first column; remembers how many rows it was fitted on."""

    def _fit(self, X, y):
        self.n_ = len(X)

    def _score(self, X):
        return X[:, 0]


SCORES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.integers(-5, 5).map(float))


@given(SCORES, st.floats(0.01, 0.5))
def test_the_training_quantile_never_flags_more_than_its_share_even_with_ties(
    scores, contamination
):
    threshold = TrainingQuantile().find(scores, contamination)
    assert (scores >= threshold).sum() <= np.ceil(contamination * len(scores) - 1e-9)


def test_the_training_quantile_flags_exactly_its_share_of_distinct_scores():
    scores = np.random.default_rng(0).permutation(1000).astype(float)
    for contamination in (0.01, 0.1, 0.29, 0.5):
        threshold = TrainingQuantile().find(scores, contamination)
        assert (scores >= threshold).sum() == round(contamination * 1000)


def test_the_training_quantile_flags_nothing_rather_than_one_tied_score_too_many():
    scores = np.r_[np.arange(8.0), 9.0, 9.0]
    assert (scores >= TrainingQuantile().find(scores, 0.1)).sum() == 0
    assert (scores >= TrainingQuantile().find(scores, 0.2)).sum() == 2


def test_split_conformal_lies_just_above_the_score_of_the_allowed_rank():
    scores = np.random.default_rng(0).permutation(99).astype(float)
    assert SplitConformal().find(scores, 0.1) == np.nextafter(89, np.inf)
    assert SplitConformal().find(scores, 0.01) == np.nextafter(98, np.inf)


def test_split_conformal_keeps_its_false_positive_rate():
    rng = np.random.default_rng(1)
    rates = []
    for _ in range(400):
        threshold = SplitConformal().find(rng.normal(size=99), 0.1)
        rates.append((rng.normal(size=500) >= threshold).mean())
    assert 0.085 < np.mean(rates) <= 0.105


def test_split_conformal_says_how_many_rows_it_needs():
    with pytest.raises(
        InputError, match="need at least 9 held-out rows at contamination=0.1, got 8"
    ):
        SplitConformal().find(np.arange(8.0), 0.1)
    assert np.isfinite(SplitConformal().find(np.arange(9.0), 0.1))


def test_mad_is_the_normal_consistent_rule():
    scores = np.random.default_rng(2).normal(10, 2, size=100_000)
    assert MedianAbsoluteDeviation(k=3).find(scores, 0.1) == pytest.approx(16, abs=0.1)


def test_mad_with_equal_scores_flags_only_what_is_above_them():
    scores = np.r_[np.zeros(50), 1.0]
    threshold = MedianAbsoluteDeviation().find(scores, 0.1)
    assert (scores >= threshold).tolist() == [False] * 50 + [True]


@pytest.mark.parametrize(
    ("threshold", "n_fitted", "provenance"),
    [
        ("quantile", 100, {"strategy": "quantile", "n_scores": 100}),
        ("mad", 100, {"strategy": "mad", "k": 3.5, "n_scores": 100}),
        ("holdout", 80, {"strategy": "holdout", "fraction": 0.2, "seed": 42, "n_scores": 20}),
        (
            HeldOutQuantile(fraction=0.5),
            50,
            {"strategy": "holdout", "fraction": 0.5, "n_scores": 50},
        ),
        (
            {"kind": "conformal", "seed": 1},
            70,
            {"strategy": "conformal", "seed": 1, "n_scores": 30},
        ),
        (None, 100, {"strategy": None}),
    ],
)
def test_the_provenance_says_how_the_threshold_was_found(threshold, n_fitted, provenance):
    X = np.random.default_rng(3).normal(size=(100, 1))
    detector = First()
    detector.threshold = threshold
    detector.fit(X)
    assert detector.n_ == n_fitted
    assert provenance.items() <= detector.threshold_provenance.items()


def test_without_a_strategy_predict_says_what_to_do():
    detector = First().set_params(threshold=None).fit([[0.0], [1.0]])
    with pytest.raises(
        ParameterError, match="fitted with threshold=None; set decision_threshold, or pass"
    ):
        detector.predict([[0.5]])
    assert detector.predict([[0.5]], threshold=0.5).tolist() == [1]
    detector.decision_threshold = 0.6
    assert detector.predict([[0.5]]).tolist() == [0]


@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        ("nope", "threshold must be"),
        ({"kind": "holdout", "fraction": 2}, "threshold 'holdout': 'fraction' must be < 1"),
        ({"kind": "mad", "q": 2}, "threshold 'mad': "),
    ],
)
def test_a_wrong_strategy_is_named(threshold, message):
    detector = First()
    detector.threshold = threshold
    with pytest.raises(ParameterError) as caught:
        detector.fit([[0.0], [1.0]])
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", [HeldOutQuantile, SplitConformal])
def test_a_part_of_the_rows_is_held_out_by_a_seed(kind):
    assert kind().seed == 42
    assert kind(fraction=0.001, seed=0).fraction == 0.001
    for wrong in ({"fraction": 0}, {"fraction": 1}, {"seed": -1}):
        with pytest.raises(ValueError, match=f"'{next(iter(wrong))}' must be"):
            kind(**wrong)


def test_a_number_of_deviations_is_positive():
    assert MedianAbsoluteDeviation(k=0.5).k == 0.5
    with pytest.raises(ValueError, match="'k' must be > 0"):
        MedianAbsoluteDeviation(k=0)


@pytest.mark.parametrize("value", ["nope", 5, {"kind": "nope"}, {"kind": ["mad"]}, {}])
def test_a_value_that_names_no_strategy_is_told_them_all(value):
    with pytest.raises(ParameterError) as caught:
        as_strategy(value)
    assert str(caught.value) == (
        "threshold must be one of 'quantile', 'holdout', 'mad', 'conformal', a strategy or None, "
        f"got {value!r}"
    )


def test_a_held_out_threshold_needs_rows_to_hold_out():
    with pytest.raises(InputError, match="First needs at least 3 rows to fit, got 2"):
        First().set_params(threshold="holdout").fit([[0.0], [1.0]])


def test_fit_predict_labels_the_training_rows():
    X = np.arange(10.0)[:, None]
    assert First().fit_predict(X).tolist() == [0] * 9 + [1]
    assert First().set_params(threshold="holdout").fit_predict(X).shape == (10,)
