"""The specs of the metrics, and several metrics at once."""

import subprocess
import sys

import numpy as np
import pytest

from ad_core import metrics
from ad_core.errors import SpecError
from ad_core.load import import_target
from ad_core.metrics import _curve, evaluate, once
from ad_core.metrics.specs import METRICS
from ad_core.spec import MetricInput, MetricSpec

Y, S, P = [0, 0, 1, 1], [0.1, 0.9, 0.8, 0.7], [0, 1, 1, 1]
BY_NAME = {spec.name: spec for spec in METRICS}


def spec(name, target):
    return MetricSpec(name=name, target=target, summary="For a test.")


def test_every_metric_of_the_core_has_a_value_on_ordinary_input():
    wide = [value + 0.01 * step for step in range(4) for value in S]
    result = evaluate(Y * 4, wide, P * 4, METRICS)
    assert result.reasons == {}
    assert list(result.values) == [spec.name for spec in METRICS]
    assert all(0 <= value <= 1 for value in result.values.values())


def test_f1_fit_is_judged_on_the_predictions():
    assert evaluate(Y, S, P, [BY_NAME["f1_fit"]]).values == {"f1_fit": 0.8}
    assert BY_NAME["f1_fit"].input is MetricInput.PREDICTIONS


@pytest.mark.parametrize("bounds", [(1.0, 0.0), (0.0,), ("0", "1"), (0.0, 0.0)])
def test_bounds_are_two_numbers_in_order(bounds):
    with pytest.raises(SpecError, match="'odd': bounds must be two numbers, the smaller one first"):
        MetricSpec(name="odd", target="m:f", summary="Odd", bounds=bounds)


def test_oracles_are_labelled():
    assert {spec.name for spec in METRICS if spec.oracle} == {"f1", "f1_best"}


def test_undefined_metrics_are_null_with_a_reason():
    result = evaluate([0, 0], [1, 2], None, [BY_NAME["roc_auc"], BY_NAME["f1_fit"]])
    assert result.values == {"roc_auc": None, "f1_fit": None}
    assert result.reasons == {
        "roc_auc": "the labels hold normal samples only",
        "f1_fit": "the detector has no decision threshold",
    }


def test_a_metric_that_fails_is_null_and_says_how():
    specs = [
        spec("broken", "math:fsum"),
        BY_NAME["roc_auc"],
        spec("endless", "operator:attrgetter"),
    ]
    result = evaluate(Y, S, P, specs)
    assert result.values == {"broken": None, "roc_auc": 0.5, "endless": None}
    assert result.reasons["broken"].startswith("the metric failed: TypeError: ")


def test_a_metric_that_returns_nan_is_null(monkeypatch):
    monkeypatch.setattr("ad_core.metrics._ranking.roc_auc", lambda y, s: float("nan"))
    result = evaluate(Y, S, P, [BY_NAME["roc_auc"]])
    assert result.reasons == {"roc_auc": "the metric returned nan"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_targets_exist(metric):
    assert callable(import_target(metric.target))


def test_public_names_are_sorted_and_there():
    assert metrics.__all__ == sorted(metrics.__all__)
    assert all(hasattr(metrics, name) for name in metrics.__all__)
    with pytest.raises(AttributeError, match=r"module 'ad_core.metrics' has no attribute 'auc'"):
        _ = metrics.auc


def test_reading_the_specs_imports_no_numpy():
    code = "import sys, ad_core.metrics.specs; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_metrics_of_scores_come_out_of_one_sort(monkeypatch):
    counted = []
    check = _curve.check_scores

    def counting(scores, n_samples):
        counted.append(n_samples)
        return check(scores, n_samples)

    monkeypatch.setattr(_curve, "check_scores", counting)
    of_scores = [one for one in METRICS if one.input is MetricInput.SCORES]
    evaluate(Y, S, P, [one for one in of_scores if one.name != "precision_at_n"])
    assert counted == [4]
    evaluate(Y, S[::-1], P, [BY_NAME["roc_auc"]])
    metrics.roc_auc(Y, S)
    metrics.roc_auc(Y, S)
    assert counted == [4] * 4


def test_what_is_marked_once_is_computed_once_for_the_same_arguments():
    computed = []

    @once
    def ranks(y_true, scores, power, *, reverse=False):
        computed.append((power, reverse))
        return [power]

    with _curve.one_sort():
        assert ranks(Y, S, 1) is ranks(Y, S, 1)
        assert ranks(Y, S, 2) == [2]
        ranks(Y, S, 2, reverse=True)
        ranks(Y, list(S), 2, reverse=True)
    assert computed == [(1, False), (2, False), (2, True), (2, True)]
    assert ranks(Y, S, 1) is not ranks(Y, S, 1)


def test_a_metric_cannot_change_what_the_next_one_sees():
    scores = np.array(S)
    result = evaluate(Y, scores, P, [spec("greedy", f"{__name__}:greedy"), BY_NAME["roc_auc"]])
    assert "read-only" in result.reasons["greedy"]
    assert scores.tolist() == S
    assert result.values["roc_auc"] == 0.5
    scores[0] = 0.2  # the caller's own array can be written to as before


def greedy(y_true, scores):
    scores.sort()
    return 0.0
