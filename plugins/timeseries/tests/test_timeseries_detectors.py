"""What every detector of ad-timeseries has to do, one table of questions for all of them."""

import random
import subprocess
import sys
from functools import cache

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from ad_core.detector import load_detector
from ad_core.errors import InputError
from ad_core.load import availability, build, json_schema, parameters
from ad_core.registry import get_registry
from ad_core.spec import Capability, DataKind

ENTRIES = [entry for entry in get_registry().detectors if entry.distribution == "ad-timeseries"]
SPECS = {entry.spec.name: entry.spec for entry in ENTRIES}
CASES = {name: {} for name in SPECS} | {
    "point_zscore-robust": {"method": "robust"},
    "point_zscore-rolling": {"method": "rolling"},
    "windowed_knn-window": {"normalize": "window", "stride": 3, "reduction": "max"},
    "windowed_pca-none": {"normalize": "none", "stride": 5},
    "matrix_profile-max": {"reduction": "max", "window": 30},
}
WINDOWED = [case for case in CASES if case.startswith("windowed")]
SHAPES = [case for case in CASES if case.startswith(("windowed", "matrix_profile"))]


def params(cases):
    """Run a test once for every case whose backend is at hand."""
    rows = []
    for case in cases:
        found = availability(SPECS[case.partition("-")[0]])
        skip = pytest.mark.skip(reason=f"{case} {found.message}")
        rows.append(pytest.param(case, marks=() if found else skip))
    return pytest.mark.parametrize("case", rows)


def make(case, **values):
    spec = SPECS[case.partition("-")[0]]
    known = {one.name for one in parameters(spec)}
    seed = {"random_state": 0} if "random_state" in known else {}
    if case.startswith("windowed_usad"):
        seed["detector_params"] = {"epochs": 1} if "epochs" in inner_names(spec) else None
    return build(spec, {**seed, **CASES[case], **values})


def inner_names(spec):
    inner = get_registry().detectors.get(spec.fixed["detector"]).spec
    return {one.name for one in parameters(inner)}


def waves(n=400, channels=2, seed=0):
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.arange(n)[:, None] / 25 + np.arange(channels)
    return np.sin(phase) * (1.0 + np.arange(channels)) + 0.1 * rng.normal(size=(n, channels))


@cache
def fitted(case):
    return make(case).fit(waves())


def test_the_plugin_is_well_and_names_the_detectors_that_people_know():
    assert {p.name: p.state for p in get_registry().plugins}["timeseries"] == "ok"
    known = "matrix_profile point_zscore spectral_residual windowed windowed_isolation_forest "
    known += "windowed_lof windowed_pca windowed_knn windowed_usad"
    assert {*known.split()} == {*SPECS}
    for spec in SPECS.values():
        assert spec.data == {DataKind.TIMESERIES}
        assert spec.references


def test_a_spec_says_what_its_inner_detector_needs():
    assert SPECS["windowed_lof"].modules == ("ad_classical",)
    assert SPECS["windowed_usad"].modules == ("ad_deep", "torch")
    assert SPECS["windowed_usad"].extra == "ad-deep[torch]"


@params(CASES)
def test_every_argument_is_read_and_documented(case):
    spec = SPECS[case.partition("-")[0]]
    found = parameters(spec)
    assert {one.name for one in found} == {*json_schema(spec)["properties"]}
    assert [one.name for one in found if not one.doc] == []
    assert not any(one.required for one in found)
    seeded = "random_state" in {one.name for one in found}
    assert seeded == (Capability.SEEDED in spec.capabilities)
    assert seeded != (Capability.DETERMINISTIC in spec.capabilities)


@params(CASES)
def test_each_step_has_one_finite_score(case):
    detector = fitted(case)
    for n in (400, 151, 60):
        scores = detector.score_samples(waves(n, seed=1))
        assert scores.shape == (n,)
        assert np.isfinite(scores).all()
    assert detector.training_scores_.shape == (400,)
    assert detector.predict(waves(seed=1)).shape == (400,)


@params(CASES)
def test_a_flat_array_is_one_channel_and_frames_and_lists_are_read(case):
    X = waves(channels=1)
    expected = make(case).fit(X).score_samples(X)
    frame = pl.DataFrame(X, schema=["value"])
    for other in (X[:, 0], X[:, 0].tolist(), frame):
        np.testing.assert_array_equal(make(case).fit(other).score_samples(other), expected)


@params(CASES)
def test_neither_the_data_nor_global_generators_are_changed(case):
    X, T = waves(), waves(seed=1)
    copies = X.copy(), T.copy()
    numpy_state = np.random.get_state
    before, python_before = numpy_state()[1].copy(), random.getstate()
    make(case).fit(X).score_samples(T)
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(T, copies[1])
    np.testing.assert_array_equal(numpy_state()[1], before)
    assert random.getstate() == python_before


@params(CASES)
def test_the_same_data_and_seed_give_the_same_scores(case):
    T = waves(seed=1)
    again = make(case).fit(waves()).score_samples(T)
    np.testing.assert_array_equal(again, fitted(case).score_samples(T))
    twin = fitted(case).clone()
    assert not twin.is_fitted
    assert twin.get_params() == fitted(case).get_params()


@params(CASES)
def test_save_and_load_give_equal_scores(case, tmp_path):
    fitted(case).save(tmp_path / "detector")
    loaded = load_detector(tmp_path / "detector")
    T = waves(seed=1)
    np.testing.assert_array_equal(loaded.score_samples(T), fitted(case).score_samples(T))
    assert loaded.decision_threshold == fitted(case).decision_threshold


@params(CASES)
def test_constant_channels_and_constant_series_give_finite_scores(case):
    X = np.c_[waves(), np.full(400, 0.1)]
    assert np.isfinite(make(case).fit(X).score_samples(X)).all()
    flat = np.full(300, 5.0)
    detector = make(case).fit(flat)
    assert np.isfinite(detector.score_samples(flat)).all()
    assert np.isfinite(detector.score_samples(waves(channels=1))).all()


@params(SHAPES)
def test_a_series_shorter_than_the_window_is_a_clear_error(case):
    name = case.partition("-")[0]
    window = fitted(case).window_
    with pytest.raises(
        InputError,
        match=f"{name}: the series has 5 time steps, but windows of {window} need at least {window}; "
        "give a longer series or a shorter window",
    ):
        fitted(case).score_samples(waves(5))
    with pytest.raises(
        InputError, match=f"{name}: the series has 20 time steps, but windows of 30"
    ):
        make(case, window=30).fit(waves(20))


@params(case for case in SHAPES if case != "windowed_usad")  # an epoch teaches it too little
def test_an_unusual_stretch_scores_highest(case):
    T = waves(seed=1)
    T[200:225] = T[200:225][::-1]
    y = np.zeros(400)
    y[200:225] = 1
    scores = fitted(case).score_samples(T)
    assert roc_auc_score(y, scores) > 0.9
    assert 170 <= np.argmax(scores) <= 255


@params(CASES)
def test_thresholds_are_found_on_a_held_out_end(case):
    detector = make(case, threshold="holdout").fit(waves())
    assert detector.threshold_provenance["n_scores"] == 80
    assert detector.training_scores_ is None
    assert np.isfinite(detector.decision_threshold)


def test_listing_the_detectors_imports_none_of_the_libraries_behind_them():
    code = (
        "import sys; from ad_core.registry import get_registry\n"
        "assert get_registry().detectors.get('matrix_profile')\n"
        "assert not {'numpy', 'numba', 'stumpy'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
