"""Metrics of series, against golden values and against their definitions written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ad_core.errors import ParameterError
from ad_core.metrics import UndefinedMetricError
from ad_timeseries.metrics import (
    event_f1,
    event_f1_best,
    range_f1,
    range_f1_best,
    vus_pr,
    vus_roc,
)


@pytest.fixture
def series():
    """Return 200 labels and scores with three anomalies; one is found, one late, one missed."""
    y = np.zeros(200, dtype=int)
    scores = np.random.default_rng(41).random(200) * 0.5
    for low, high in ((10, 20), (28, 33), (110, 120)):
        y[low:high] = 1
    for low, high in ((16, 22), (33, 38), (160, 170)):
        scores[low:high] = 1
    return y, scores


@pytest.mark.parametrize(
    ("window", "pr", "roc"),
    [
        (200, 0.728982668075438, 0.9389229978145935),
        (100, 0.5415335431109256, 0.888100362011684),
        (4, 0.18813154610531177, 0.5808647155937311),
    ],
)
def test_volumes_are_those_of_tsb_ad(series, window, pr, roc):
    assert vus_pr(*series, window=window) == pytest.approx(pr, abs=1e-12)
    assert vus_roc(*series, window=window) == pytest.approx(roc, abs=1e-12)


def written_out(y, scores, window, n_thresholds):
    """Return volumes by the definition, a threshold and a step at a time."""
    n = len(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], y, [0]])))
    anomalies = list(zip(edges[::2], edges[1::2], strict=True))
    descending = np.sort(scores)[::-1]
    ranks = np.linspace(0, n - 1, n_thresholds).astype(int)
    roc, pr = [], []
    for width in range(window + 1):
        reach = width // 2
        weights = y.astype(float)
        for start, stop in anomalies:
            for step in range(n):
                distance = max(start - step, step - stop + 1)
                if 0 < distance <= reach:
                    weights[step] += np.sqrt(1 - distance / width)
        weights = np.minimum(weights, 1)
        zones = []
        for start, stop in anomalies:
            low, high = max(start - reach, 0), min(stop + reach, n)
            if zones and zones[-1][1] - 1 >= low:
                zones[-1][1] = high
            else:
                zones.append([low, high])
        tpr, fpr, precision = [0.0], [0.0], []
        for threshold in descending[ranks]:
            flagged = scores >= threshold
            tp = weights[flagged].sum()
            n_pos = (2 * y.sum() + weights[flagged & (y == 0)].sum()) / 2
            found = np.mean([flagged[low:high].any() for low, high in zones])
            tpr.append(min(tp / n_pos, 1) * found)
            fpr.append((flagged.sum() - tp) / (n - n_pos))
            precision.append(tp / flagged.sum())
        pr.append(np.diff(tpr) @ precision)
        roc.append(np.trapezoid([*tpr, 1], [*fpr, 1]))
    return np.mean(pr), np.mean(roc)


@st.composite
def labelled(draw):
    n = draw(st.integers(2, 40))
    y = draw(arrays(np.int64, n, elements=st.integers(0, 1)).filter(lambda y: 0 < y.sum() < n))
    return y, draw(arrays(np.float64, n, elements=st.integers(0, 6).map(float)))


@given(labelled(), st.integers(0, 20), st.integers(2, 12))
def test_volumes_are_what_the_definition_says(given, window, n_thresholds):
    pr, roc = written_out(*given, window, n_thresholds)
    assert vus_pr(*given, window, n_thresholds) == pytest.approx(pr, abs=1e-12)
    assert vus_roc(*given, window, n_thresholds) == pytest.approx(roc, abs=1e-12)


@given(labelled(), st.integers(0, 9))
def test_a_threshold_at_every_score_is_as_many_ranks_as_rows(given, window):
    n = len(given[0])
    for volume in (vus_pr, vus_roc):
        every = volume(*given, window, None)
        assert every == pytest.approx(volume(*given, window, n), abs=1e-12)


@given(labelled())
def test_the_best_event_f1_is_the_largest_over_all_scores(given):
    y, scores = given
    best = max(event_f1(y, (scores >= one).astype(int)) for one in np.unique(scores))
    assert event_f1_best(y, scores) == pytest.approx(best, abs=1e-12)


@given(labelled())
def test_the_best_range_f1_is_the_largest_over_as_many_ranks_as_rows(given):
    y, scores = given
    best = max(range_f1(y, (scores >= one).astype(int)) for one in np.unique(scores))
    assert range_f1_best(y, scores, n_thresholds=len(y)) == pytest.approx(best, abs=1e-12)


def test_range_f1_credits_existence_overlap_and_one_piece():
    truth = [1, 1, 1, 1, 0, 0, 1, 1, 0, 0]
    assert range_f1(truth, truth) == 1.0
    # Precision: (1 + 1 + 0) / 3. Recall: (0.2 + 0.8 · ½ · ½ + 0) / 2.
    expected = 2 * (2 / 3) * 0.2 / (2 / 3 + 0.2)
    assert range_f1(truth, [1, 0, 1, 0, 0, 0, 0, 0, 1, 1]) == pytest.approx(expected, abs=1e-15)
    assert range_f1(truth, [0] * 10) == event_f1(truth, [0] * 10) == 0.0


def test_event_f1_does_not_adjust_points():
    truth = [1, 1, 1, 1, 0, 0, 1, 1, 0, 0]
    assert event_f1(truth, [1, 0, 0, 0, 0, 0, 0, 1, 0, 0]) == 1.0
    # One of two events, one of four steps: 2 · ½ · ¼ / ¾.
    assert event_f1(truth, [1, 0, 0, 0, 1, 1, 0, 0, 1, 0]) == pytest.approx(1 / 3, abs=1e-15)


@pytest.mark.parametrize("metric", [vus_pr, vus_roc, range_f1_best, event_f1_best])
def test_labels_of_one_class_have_no_value(metric):
    with pytest.raises(UndefinedMetricError, match="the labels hold normal samples only"):
        metric([0, 0, 0], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("metric", "arguments", "message"),
    [
        (vus_pr, {"window": -1}, "window must be at least 0, .*, got -1 and 250"),
        (vus_roc, {"n_thresholds": 1}, "n_thresholds at least 2 or None, got 100 and 1"),
        (range_f1, {"alpha": 1.5}, "alpha must be between 0 and 1, got 1.5"),
        (range_f1_best, {"n_thresholds": 0}, "n_thresholds at least 2, got 0.2 and 0"),
    ],
)
def test_arguments_out_of_range_are_refused(metric, arguments, message):
    with pytest.raises(ParameterError, match=message):
        metric([0, 1, 0], [0, 1, 0], **arguments)
