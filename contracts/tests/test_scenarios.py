"""Every scenario is small, says what it is, and is the same each time."""

import numpy as np
import pytest

from ad_contracts import load_sample, load_table
from ad_core.spec import DataKind

SCENARIOS = load_table().scenarios
TABULAR = [name for name, made in SCENARIOS.items() if made.data is DataKind.TABULAR]


def test_blobs_are_the_default():
    assert TABULAR[0] == "blobs"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_documented_in_one_sentence(name):
    summary = SCENARIOS[name].summary
    assert summary.endswith(".")
    assert len(summary) <= 100


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_the_same_at_every_call(name):
    one, other = SCENARIOS[name].make(), SCENARIOS[name].make()
    for part in ("X_train", "y_train", "X_test", "y_test"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_is_read_only_and_holds_both_classes(name):
    sample = load_sample(name)
    for X, y in ((sample.X_train, sample.y_train), (sample.X_test, sample.y_test)):
        assert not X.flags.writeable
        assert len(X) == len(y)
        assert np.isfinite(X).all()
    assert {*sample.y_test} == {0, 1}


@pytest.mark.parametrize("name", TABULAR)
def test_rows_are_few_and_none_is_scored_that_was_fitted_on(name):
    sample = load_sample(name)
    assert len(sample.X_train) <= 160
    if name != "discrete":  # small whole numbers, equal by intent
        shared = {row.tobytes() for row in sample.X_train} & {
            row.tobytes() for row in sample.X_test
        }
        assert not shared


def test_outliers_against_the_correlation_are_within_the_margins():
    sample = load_sample("correlated")
    inliers, outliers = (sample.X_test[sample.y_test == kind] for kind in (0, 1))
    assert np.abs(outliers).max() < np.quantile(np.abs(inliers), 0.9)
    assert np.corrcoef(inliers, rowvar=False).min() > 0.9
