"""Null baselines for series: what they claim, to the number."""

import numpy as np

from ad_core.load import create


def test_the_time_index_counts_steps():
    series = np.random.default_rng(0).normal(size=30)
    detector = create("time_index").fit(series)
    assert detector.score_samples(series[:4]).tolist() == [0, 1, 2, 3]


def test_one_hit_marks_the_step_that_strays_furthest_and_no_other():
    train = np.random.default_rng(0).normal(size=(200, 2)) * [1, 100]
    test = np.zeros((50, 2))
    test[7] = [9, 0]  # nine deviations of the first channel
    test[30] = [0, 500]  # five of the second
    scores = create("one_hit").fit(train).score_samples(test)
    assert scores.sum() == 1
    assert scores[7] == 1


def test_one_hit_takes_a_constant_series():
    detector = create("one_hit").fit(np.ones(20))
    assert detector.score_samples([1.0, 1.0, 2.0]).tolist() == [0, 0, 1]
