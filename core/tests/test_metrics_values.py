"""The metrics against scikit-learn, known values and the definition."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score, roc_curve

from ad_core import metrics
from ad_core.errors import InputError, ParameterError
from ad_core.metrics import UndefinedMetricError

EXACT = 1e-12

# The tie example of the research notes, computed with scikit-learn.
GOLDEN_Y = np.array([0, 0, 1, 1, 0, 1, 0, 0, 0, 1])
GOLDEN_S = np.array([0.1, 0.4, 0.35, 0.8, 0.4, 0.7, 0.2, 0.4, 0.9, 0.4])


@st.composite
def labelled_scores(draw):
    """Labels of both classes, and scores with many ties or none."""
    n = draw(st.integers(2, 40))
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    assume(0 < y.sum() < n)
    few = st.sampled_from([-1.5, 0.0, 0.1, 0.2, 1e-300, 1e6])
    many = st.floats(-1e9, 1e9)
    s = np.array(draw(st.lists(draw(st.sampled_from([few, many])), min_size=n, max_size=n)))
    return y, s


def test_golden_tie_example():
    assert metrics.roc_auc(GOLDEN_Y, GOLDEN_S) == pytest.approx(0.6458333333333334, abs=EXACT)
    assert metrics.average_precision(GOLDEN_Y, GOLDEN_S) == pytest.approx(0.5238095238, abs=1e-10)
    assert metrics.f1_best(GOLDEN_Y, GOLDEN_S) == pytest.approx(2 / 3, abs=EXACT)
    assert metrics.f1_at_threshold(GOLDEN_Y, GOLDEN_S, 0.35) == pytest.approx(2 / 3, abs=EXACT)
    assert metrics.youden_threshold(GOLDEN_Y, GOLDEN_S) == 0.7
    assert metrics.f1_youden(GOLDEN_Y, GOLDEN_S) == pytest.approx(4 / 7, abs=EXACT)


@given(labelled_scores())
@settings(deadline=None)
def test_roc_auc_and_average_precision_equal_scikit_learn(sample):
    y, s = sample
    assert metrics.roc_auc(y, s) == pytest.approx(roc_auc_score(y, s), abs=EXACT)
    assert metrics.average_precision(y, s) == pytest.approx(
        average_precision_score(y, s), abs=EXACT
    )


@given(labelled_scores())
@settings(deadline=None)
def test_f1_family_equals_scikit_learn_at_every_threshold(sample):
    y, s = sample
    by_threshold = {t: f1_score(y, s >= t) for t in np.unique(s)}
    for threshold, expected in by_threshold.items():
        assert metrics.f1_at_threshold(y, s, threshold) == pytest.approx(expected, abs=EXACT)
    assert metrics.f1_best(y, s) == pytest.approx(max(by_threshold.values()), abs=EXACT)
    chosen = metrics.youden_threshold(y, s)
    assert metrics.f1_youden(y, s) == pytest.approx(by_threshold[chosen], abs=EXACT)
    fpr, tpr, _ = roc_curve(y, s, drop_intermediate=False)
    at = s >= chosen
    assert at[y == 1].mean() - at[y == 0].mean() == pytest.approx(max((tpr - fpr)[1:]), abs=EXACT)


@given(labelled_scores(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_f1_fit_equals_scikit_learn(sample, random):
    y, _ = sample
    predictions = [random.randint(0, 1) for _ in y]
    expected = f1_score(y, predictions)
    assert metrics.f1_fit(y, predictions) == pytest.approx(expected, abs=EXACT)


@given(labelled_scores())
@settings(deadline=None)
def test_no_metric_depends_on_the_order_of_the_rows(sample):
    y, s = sample
    for metric in (
        metrics.roc_auc,
        metrics.average_precision,
        metrics.f1_youden,
        metrics.r_precision,
    ):
        assert metric(y, s) == metric(y[::-1], s[::-1])


@pytest.mark.parametrize("n", range(1, 6))
def test_precision_at_n_is_the_expectation_over_the_orders_of_a_tie(n):
    y, s = np.array([1, 0, 1, 0, 0]), np.array([3.0, 2.0, 2.0, 2.0, 1.0])
    orders = [
        order
        for order in itertools.permutations(range(5))
        if all(s[a] >= s[b] for a, b in itertools.pairwise(order))
    ]
    expected = np.mean([y[list(order[:n])].mean() for order in orders])
    assert metrics.precision_at_n(y, s, n) == pytest.approx(expected, abs=EXACT)


def test_r_precision_is_precision_at_the_number_of_anomalies():
    assert metrics.r_precision(GOLDEN_Y, GOLDEN_S) == metrics.precision_at_n(GOLDEN_Y, GOLDEN_S, 4)
    assert metrics.r_precision(GOLDEN_Y, GOLDEN_S) == metrics.precision_at_n(GOLDEN_Y, GOLDEN_S)
    assert metrics.r_precision(GOLDEN_Y, GOLDEN_S) == pytest.approx((2 + 1 / 4) / 4, abs=EXACT)


def test_roc_auc_is_exact_where_float_sums_are_not():
    y = np.tile([0, 1], 200_000)
    assert metrics.roc_auc(y, np.zeros(400_000)) == 0.5
    assert metrics.roc_auc(y, y) == 1.0


@pytest.mark.parametrize(("label", "only"), [(0, "normal samples"), (1, "anomalies")])
@pytest.mark.parametrize(
    "metric",
    [
        metrics.roc_auc,
        metrics.average_precision,
        metrics.f1_youden,
        metrics.f1_best,
        metrics.f1_fit,
        metrics.precision_at_n,
        metrics.r_precision,
    ],
)
def test_one_class_only_is_undefined(metric, label, only):
    with pytest.raises(UndefinedMetricError, match=f"^the labels hold {only} only$"):
        metric([label] * 3, [0, 1, 1])


@pytest.mark.parametrize(
    ("y", "s", "message"),
    [
        ([], [], "y_true is empty"),
        ([[0, 1]], [0, 1], r"y_true must be one-dimensional, got shape \(1, 2\)"),
        ([0, 2], [0, 1], r"y_true must hold only 0 \(normal\) and 1 \(anomaly\)"),
        ([0, np.nan], [0, 1], r"y_true must hold only 0 \(normal\) and 1 \(anomaly\)"),
        (["a", "b"], [0, 1], "y_true must hold numbers: could not convert string to float: "),
        ([0, 1], [0, 1, 2], "scores has 3 values, but y_true has 2"),
        ([0, 1, 1], [0, np.nan, np.inf], r"scores holds 2 non-finite values \(NaN or infinity\)"),
    ],
)
def test_bad_input_is_named(y, s, message):
    with pytest.raises(InputError, match=message):
        metrics.roc_auc(y, s)


def test_predictions_must_be_labels():
    with pytest.raises(InputError, match=r"predictions must hold only 0 \(normal\) and 1"):
        metrics.f1_fit([0, 1], [0.5, 1])


@pytest.mark.parametrize(
    ("n", "message"), [(0, "must be at least 1, got 0"), (1.5, "must be an integer, got 1.5")]
)
def test_precision_at_n_refuses_a_meaningless_n(n, message):
    with pytest.raises(ParameterError, match=message):
        metrics.precision_at_n([0, 1], [0, 1], n)


def test_precision_at_more_than_there_are_is_undefined():
    with pytest.raises(UndefinedMetricError, match=r"^n=10, but there are 2 samples$"):
        metrics.precision_at_n([0, 1], [0, 1], 10)
