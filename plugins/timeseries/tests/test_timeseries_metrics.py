"""Metrics of series, against golden values and against their definitions written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ad_core.errors import ParameterError
from ad_core.metrics import UndefinedMetricError, evaluate
from ad_timeseries._metric_specs import METRICS
from ad_timeseries.metrics import (
    event_f1,
    event_f1_best,
    event_f1_curve,
    range_f1,
    range_f1_best,
    range_f1_curve,
    vus,
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


@given(labelled(), st.integers(0, 9))
def test_a_threshold_at_every_score_is_what_the_definition_says(given, window):
    pr, roc = written_out(*given, window, len(given[0]))
    assert vus_pr(*given, window, None) == pytest.approx(pr, abs=1e-12)
    assert vus_roc(*given, window, None) == pytest.approx(roc, abs=1e-12)


@given(labelled(), st.sampled_from([1, 7, 60]), st.sampled_from([2, 9, None]))
def test_volumes_do_not_depend_on_how_many_thresholds_are_dealt_with_at_a_time(
    given, cells, n_thresholds
):
    expected = [volume(*given, 10, n_thresholds) for volume in (vus_pr, vus_roc)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vus, "_CELLS", cells)
        found = [volume(*given, 10, n_thresholds) for volume in (vus_pr, vus_roc)]
    assert found == pytest.approx(expected, abs=1e-13)


def test_both_volumes_come_out_of_one_pass(series, monkeypatch):
    passes = []
    curves = vus._curves

    def counting(*args):
        passes.append(args)
        return curves(*args)

    monkeypatch.setattr(vus, "_curves", counting)
    both = [spec for spec in METRICS if spec.name in ("vus_pr", "vus_roc")]
    found = evaluate(*series, None, both).values
    assert len(both) == 2
    assert len(passes) == 1
    assert found == {"vus_pr": vus_pr(*series), "vus_roc": vus_roc(*series)}


@given(labelled(), st.lists(st.integers(-1, 8).map(float), max_size=6))
def test_a_curve_is_the_metric_at_each_threshold(given, thresholds):
    y, scores = given
    for curve, metric in ((event_f1_curve, event_f1), (range_f1_curve, range_f1)):
        expected = [metric(y, (scores >= one).astype(int)) for one in thresholds]
        assert curve(y, scores, thresholds) == pytest.approx(expected, abs=1e-12)


def range_f1_written_out(y, flagged, alpha):
    """Return range F1 by the definition, a pair of stretches at a time."""

    def stretches(labels):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], labels, [0]])))
        return [set(range(*pair)) for pair in zip(edges[::2], edges[1::2], strict=True)]

    def mean(own, others, existence):
        credit = []
        for one in own:
            overlaps = [len(one & other) for other in others if one & other]
            share = sum(overlaps) / len(one) / max(len(overlaps), 1)
            credit.append(existence * bool(overlaps) + (1 - existence) * share)
        return np.mean(credit) if credit else 0.0

    truth, predicted = stretches(y), stretches(flagged)
    precision, recall = mean(predicted, truth, 0), mean(truth, predicted, alpha)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@given(labelled(), st.integers(0, 6), st.sampled_from([0.0, 0.2, 1.0]))
def test_range_f1_is_what_the_definition_says(given, threshold, alpha):
    y, scores = given
    flagged = (scores >= threshold).astype(int)
    expected = range_f1_written_out(y, flagged, alpha)
    assert range_f1(y, flagged, alpha) == pytest.approx(expected, abs=1e-12)


def test_range_f1_has_its_golden_value(series):
    y, scores = series
    assert range_f1(y, (scores > 0.9).astype(int), alpha=0) == pytest.approx(1 / 6, abs=1e-15)


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
        (range_f1_best, {"n_thresholds": 0}, "n_thresholds must be at least 2, got 0"),
    ],
)
def test_arguments_out_of_range_are_refused(metric, arguments, message):
    with pytest.raises(ParameterError, match=message):
        metric([0, 1, 0], [0, 1, 0], **arguments)
