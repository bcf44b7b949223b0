"""What every detector of ad-classical has to do, one table of questions for all of them."""

import logging
import random
import subprocess
import sys
import warnings
from functools import cache

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from ad_core.detector import load_detector
from ad_core.errors import AdError, InputError, ParameterError
from ad_core.load import availability, build, import_target, json_schema, parameters
from ad_core.registry import get_registry
from ad_core.spec import Capability, Learning

ENTRIES = [entry for entry in get_registry().detectors if entry.distribution == "ad-classical"]
SPECS = {entry.spec.name: entry.spec for entry in ENTRIES}
TRANSDUCTIVE = {n for n, s in SPECS.items() if Capability.TRANSDUCTIVE in s.capabilities}
ONE_COLUMN = {n for n, s in SPECS.items() if "one_column" in {d.check for d in s.deviations}}
N_FEATURES = 4
_LIGHT = [
    "pca",
    "copod",
    {"name": "local_outlier_factor", "params": {"n_neighbors": 15}},
    {"name": "isolation_forest", "params": {"n_estimators": 20}},
]
SMALL = {  # what makes the slow ones quick, without changing what is asked
    "ensemble": {"detectors": _LIGHT},
    "inne": {"n_estimators": 50},
    "isolation_forest": {"n_estimators": 30},
    "suod": {"detectors": _LIGHT},
    "xgbod": {"detectors": _LIGHT, "n_estimators": 30},
}
# Methods that are weak on these data by definition: outliers that lie close together (SOS),
# equal variances in all columns (SOD), a subspace without variance (ROD).
AUC_FLOORS = {"sod": 0.75, "sos": 0.5, "rod": 0.8}


def params(function):
    """Run a test once for every detector whose backend is at hand."""
    rows = [
        pytest.param(
            name,
            marks=()
            if availability(spec)
            else pytest.mark.skip(reason=f"{name} {availability(spec).message}"),
        )
        for name, spec in SPECS.items()
    ]
    return pytest.mark.parametrize("name", rows)(function)


def width(name):
    return 1 if name in ONE_COLUMN else N_FEATURES


def make(name, **values):
    spec = SPECS[name]
    known = {one.name for one in parameters(spec)}
    seed = {"random_state": 0} if "random_state" in known else {}
    return build(spec, {**seed, **SMALL.get(name, {}), **values})


def blobs(d, n=150, n_out=8, seed=0):
    """Two clusters, then outliers far from both; and the labels."""
    rng = np.random.default_rng(seed)
    centers = np.array([np.full(d, -3.0), np.full(d, 3.0)])
    inliers = centers[rng.integers(2, size=n)] + rng.normal(size=(n, d))
    outliers = rng.choice([-1.0, 1.0], size=(n_out, d)) * rng.uniform(11, 14, size=(n_out, d))
    return np.vstack([inliers, outliers]), np.r_[np.zeros(n, int), np.ones(n_out, int)]


@cache
def fitted(name):
    X, y = blobs(width(name))
    return make(name).fit(X, y)


def held_out(name):
    return blobs(width(name), seed=1)


def same(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_every_plugin_module_is_well():
    assert {p.name: p.state for p in get_registry().plugins}["classical"] == "ok"
    assert len(SPECS) >= 30


def test_names_and_aliases_are_unique_and_resolve():
    names = [*SPECS, *(alias for spec in SPECS.values() for alias in spec.aliases)]
    assert len(names) == len(set(names))
    for spec in SPECS.values():
        for name in (spec.name, *spec.aliases):
            assert get_registry().detectors.get(name).spec == spec


@pytest.mark.parametrize(
    "name",
    [
        "isolation_forest",
        "iforest",
        "local_outlier_factor",
        "lof",
        "one_class_svm",
        "ocsvm",
        "elliptic_envelope",
        "mcd",
        "pca",
        "knn",
        "ecod",
        "copod",
        "hbos",
        "loda",
        "cblof",
        "suod",
        "abod",
        "cof",
        "inne",
        "gmm",
        "kde",
        "feature_bagging",
        "lscp",
        "avg_knn",
        "median_knn",
        "sampling",
        "sgd_one_class_svm",
        "ensemble",
        "xgbod",
    ],
)
def test_the_names_that_people_know_are_there(name):
    assert get_registry().detectors.get(name).distribution == "ad-classical"


@params
def test_every_argument_is_read_and_documented(name):
    found = parameters(SPECS[name])
    schema = json_schema(SPECS[name])
    assert {one.name for one in found} == {*schema["properties"]}
    assert [one.name for one in found if not one.doc] == []
    assert not any(one.required for one in found)
    assert make(name).get_params().keys() == {one.name for one in found}


@params
def test_seeded_is_declared_exactly_where_there_is_a_seed(name):
    capabilities = SPECS[name].capabilities
    has_seed = "random_state" in {one.name for one in parameters(SPECS[name])}
    assert (Capability.SEEDED in capabilities) == has_seed
    assert (Capability.DETERMINISTIC in capabilities) != has_seed


@params
def test_fit_returns_self_and_scores_are_finite_floats(name):
    X, y = blobs(width(name))
    detector = make(name)
    assert detector.fit(X, y) is detector
    scores = detector.score_samples(held_out(name)[0])
    assert scores.dtype == np.float64
    assert scores.shape == (158,)
    assert np.isfinite(scores).all()


@params
def test_planted_outliers_score_above_inliers(name):
    X, y = held_out(name)
    assert roc_auc_score(y, fitted(name).score_samples(X)) > AUC_FLOORS.get(name, 0.9)


@params
def test_a_far_cluster_scores_above_most_inliers(name):
    X, y = held_out(name)
    inliers = fitted(name).score_samples(X[y == 0])
    far = fitted(name).score_samples(100 + X[y == 0][:20])
    assert far.min() > np.quantile(inliers, 0.9)


@params
def test_few_fresh_inliers_are_flagged(name):
    clean = np.random.default_rng(3).normal(size=(400, width(name)))
    labels = (np.arange(200) >= 180).astype(int)
    shifted = clean[:200] + 6 * labels[:, None] * (SPECS[name].learning is Learning.SUPERVISED)
    assert make(name).fit(shifted, labels).predict(clean[200:]).mean() < 0.35


@params
def test_the_input_is_not_changed_and_may_be_read_only(name):
    X, y = blobs(width(name))
    before = X.copy()
    X.flags.writeable = False
    detector = make(name).fit(X, y)
    detector.score_samples(X)
    np.testing.assert_array_equal(X, before)


@params
def test_the_fit_keeps_no_alias_of_the_callers_array(name):
    X, y = blobs(width(name))
    detector = make(name).fit(X, y)
    expected = detector.score_samples(held_out(name)[0])
    X[:] = 0
    np.testing.assert_array_equal(detector.score_samples(held_out(name)[0]), expected)


@params
def test_global_generators_and_warnings_and_stdout_are_left_alone(name, capfd):
    X, y = blobs(width(name))
    numpy_before = np.random.get_state()  # noqa: NPY002 - the global generator is the subject
    python_before = random.getstate()
    filters, show = list(warnings.filters), warnings.showwarning
    make(name, **({"random_state": None} if hasattr(make(name), "random_state") else {})).fit(
        X, y
    ).score_samples(X)
    after = np.random.get_state()  # noqa: NPY002 - the global generator is the subject
    assert (numpy_before[1] == after[1]).all()
    assert numpy_before[2] == after[2]
    assert random.getstate() == python_before
    assert (warnings.filters, warnings.showwarning) == (filters, show)
    assert capfd.readouterr() == ("", "")


@params
def test_the_same_seed_gives_the_same_scores(name):
    X, y = blobs(width(name))
    again = make(name).fit(X, y).score_samples(held_out(name)[0])
    np.testing.assert_array_equal(again, fitted(name).score_samples(held_out(name)[0]))


@params
def test_one_row_scores_as_it_does_in_its_batch(name):
    if name in TRANSDUCTIVE:
        pytest.skip("declared transductive")
    X, _ = held_out(name)
    batch = fitted(name).score_samples(X)
    same(batch[-1], fitted(name).score_samples(X[-1:])[0])
    same(batch[0], fitted(name).score_samples(X[:1])[0])
    same(batch[::-1], fitted(name).score_samples(X[::-1]))


@params
def test_a_refit_forgets_the_first_fit(name):
    X, y = blobs(width(name), n=80)
    other, labels = blobs(width(name), n=90, seed=5)
    fresh = make(name).fit(other * 1000 + 7, labels)
    refitted = make(name).fit(X, y).fit(other * 1000 + 7, labels)
    T = held_out(name)[0]
    np.testing.assert_array_equal(refitted.score_samples(T), fresh.score_samples(T))
    assert refitted.decision_threshold == fresh.decision_threshold
    assert not np.array_equal(fresh.score_samples(T), fitted(name).score_samples(T))


@params
def test_clone_has_the_same_arguments_and_no_fit(name):
    detector = fitted(name)
    twin = detector.clone()
    assert twin.get_params() == detector.get_params()
    assert not twin.is_fitted
    assert repr(twin).startswith(name)


@params
def test_save_and_load_give_equal_scores(name, tmp_path):
    path = tmp_path / "detector"
    fitted(name).save(path)
    loaded = load_detector(path)
    T = held_out(name)[0]
    np.testing.assert_array_equal(loaded.score_samples(T), fitted(name).score_samples(T))
    assert loaded.decision_threshold == fitted(name).decision_threshold


def test_save_and_load_give_equal_scores_in_a_fresh_process(tmp_path):
    names = ["isolation_forest", "local_outlier_factor", "knn", "hbos", "ensemble", "inne"]
    T = held_out("knn")[0]
    np.save(tmp_path / "T.npy", T)
    for name in names:
        fitted(name).save(tmp_path / name)
    code = (
        "import sys, numpy as np; from ad_core.detector import load_detector\n"
        "for name in sys.argv[1:]:\n"
        "    np.save(name + '.npy', load_detector(name).score_samples(np.load('T.npy')))\n"
    )
    subprocess.run([sys.executable, "-c", code, *names], cwd=tmp_path, check=True)
    for name in names:
        scores = np.load(tmp_path / f"{name}.npy")
        np.testing.assert_array_equal(scores, fitted(name).score_samples(T))


def fits_or_says_why(name, X, y, T):
    """Fit and score give finite numbers, or one of our errors that names the detector."""
    try:
        scores = make(name).fit(X, y).score_samples(T)
    except AdError as error:
        message = str(error)
    else:
        message = f"{name}: fine"
        assert np.isfinite(scores).all()
    assert name in message
    assert "\n" not in message


@params
def test_odd_data_give_finite_scores_or_a_clear_error(name):
    d = width(name)
    X, y = blobs(d)
    fits_or_says_why(name, X[-3:], np.array([0, 0, 1]), X)
    fits_or_says_why(name, np.ones((30, d)), np.arange(30) % 2, X)
    fits_or_says_why(name, np.repeat(X[:20], 5, axis=0), np.arange(100) % 2, X[:50])
    many = np.vstack([X[-70:], np.repeat(X[:1], 30, axis=0)])
    fits_or_says_why(name, many, np.r_[y[-70:], np.zeros(30, int)], X[:50])


@params
def test_a_constant_column_does_no_harm(name):
    if name in ONE_COLUMN:
        pytest.skip("takes one column")
    X, y = blobs(3)
    T, z = blobs(3, seed=1)
    detector = make(name).fit(np.c_[X, np.full(len(X), 5.0)], y)
    scores = detector.score_samples(np.c_[T, np.full(len(T), 5.0)])
    assert roc_auc_score(z, scores) > AUC_FLOORS.get(name, 0.9)


@params
def test_one_column_is_enough(name):
    X, y = blobs(1)
    scores = make(name).fit(X, y).score_samples(blobs(1, seed=1)[0])
    assert np.isfinite(scores).all()


@params
def test_lists_frames_and_float32_give_the_same_scores(name):
    X, y = blobs(width(name))
    X = X.astype(np.float32).astype(np.float64)
    expected = make(name).fit(X, y).score_samples(X)
    frame = pl.DataFrame(X, schema=[f"c{i}" for i in range(width(name))])
    for other in (X.tolist(), np.asfortranarray(X.astype(np.float32)), frame):
        np.testing.assert_array_equal(make(name).fit(other, y).score_samples(other), expected)


@params
def test_nan_and_a_wrong_width_are_clear_errors(name):
    X, y = blobs(width(name))
    broken = X.copy()
    broken[3, 0] = np.nan
    with pytest.raises(InputError, match=f"{name}.*NaN"):
        make(name).fit(broken, y)
    with pytest.raises(InputError, match=f"{name}.*NaN"):
        fitted(name).score_samples(broken)
    with pytest.raises(InputError, match=rf"{name}: X has {width(name) + 1} columns"):
        fitted(name).score_samples(np.c_[X, X[:, 0]])


@params
def test_an_unknown_argument_is_refused(name):
    with pytest.raises(ParameterError, match=f"{name} has no parameter 'contaminaton'; did you"):
        make(name, contaminaton=0.2)


@params
def test_the_upstream_contamination_is_hidden_and_ours_sets_the_threshold(name):
    X, y = blobs(width(name))
    loose = make(name, contamination=0.3).fit(X, y).decision_threshold
    assert loose <= fitted(name).decision_threshold


@params
def test_the_spec_names_a_class_and_what_it_needs(name):
    spec = SPECS[name]
    assert isinstance(import_target(spec.target), type)
    assert {Capability.NOVELTY, Capability.SERIALIZABLE} <= spec.capabilities
    if spec.target.startswith("pyod."):
        assert spec.modules == ("pyod",)


def test_foreign_warnings_go_to_the_log(caplog):
    X = np.repeat(blobs(2)[0][:20], 3, axis=0)
    with caplog.at_level(logging.INFO, logger="ad.upstream"):
        make("local_outlier_factor", n_neighbors=100).fit(X)
    assert "n_neighbors (100) is greater than" in caplog.text
