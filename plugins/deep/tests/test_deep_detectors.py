"""What every detector of ad-deep has to do, one table of questions for all of them."""

import os
import random
import subprocess
import sys
import warnings
from functools import cache

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from ad_core.data import load_dataset
from ad_core.detector import load_detector
from ad_core.errors import InputError, ParameterError
from ad_core.load import build, import_target, json_schema, parameters
from ad_core.registry import get_registry
from ad_core.spec import Capability, Hardware

torch = pytest.importorskip("torch", reason="needs torch: pip install 'ad-deep[torch]'")

SPECS = {e.spec.name: e.spec for e in get_registry().detectors if e.distribution == "ad-deep"}
N_FEATURES = 4

every = pytest.mark.parametrize("name", SPECS)


def make(name, **values):
    return build(SPECS[name], {"random_state": 0, "device": "cpu", **values})


def quick(name, **values):
    """Make a detector that trains for a few passes: enough where scores are only compared."""
    return make(name, **{"n_epochs": 3, **values})


def blobs(d=N_FEATURES, n=150, n_out=8, seed=0):
    """Two clusters, then outliers far from both; and the labels."""
    rng = np.random.default_rng(seed)
    centers = np.array([np.full(d, -3.0), np.full(d, 3.0)])
    inliers = centers[rng.integers(2, size=n)] + rng.normal(size=(n, d))
    outliers = rng.choice([-1.0, 1.0], size=(n_out, d)) * rng.uniform(11, 14, size=(n_out, d))
    return np.vstack([inliers, outliers]), np.r_[np.zeros(n, int), np.ones(n_out, int)]


@cache
def fitted(name):
    return make(name).fit(blobs()[0])


def held_out():
    return blobs(seed=1)


def same(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)


def test_the_plugin_is_well_and_lists_its_detectors():
    assert {p.name: p.state for p in get_registry().plugins}["deep"] == "ok"
    assert {*SPECS} == {"autoencoder", "deep_svdd", "usad"}


@every
def test_the_spec_tells_what_it_can_do_and_needs(name):
    spec = SPECS[name]
    assert spec.capabilities == {
        Capability.NOVELTY,
        Capability.MULTIVARIATE,
        Capability.SEEDED,
        Capability.SERIALIZABLE,
    }
    assert spec.hardware == {*Hardware}
    assert (spec.modules, spec.extra) == (("torch",), "ad-deep[torch]")
    assert spec.references
    assert isinstance(import_target(spec.target), type)


@every
def test_every_argument_is_read_and_documented(name):
    found = parameters(SPECS[name])
    assert {one.name for one in found} == {*json_schema(SPECS[name])["properties"]}
    assert [one.name for one in found if not one.doc or not one.schema] == []
    assert make(name).get_params().keys() == {one.name for one in found}


@every
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_epochs": 0}, "n_epochs must be an integer >= 1, got 0"),
        ({"learning_rate": 0.0}, "learning_rate must be a number > 0"),
        ({"validation_fraction": 1.0}, "validation_fraction must be a number > 0 and < 1"),
        ({"scale": "robust"}, "scale must be 'standard' or 'minmax' or 'none', got 'robust'"),
        ({"epochs": 3}, "has no parameter 'epochs'; did you mean n_epochs"),
    ],
)
def test_wrong_arguments_are_refused(name, values, message):
    with pytest.raises(ParameterError, match=f"{name}.*{message}"):
        make(name, **values)


@pytest.mark.parametrize("name", ["autoencoder", "deep_svdd"])
@pytest.mark.parametrize("widths", [[], [0], [8, -1], [2.5], "64"])
def test_widths_are_whole_numbers_from_one(name, widths):
    with pytest.raises(
        ParameterError,
        match="hidden_units must be a list of 1 or more values, each an integer >= 1",
    ):
        make(name, hidden_units=widths)


@every
def test_toy_blobs_are_told_apart(name):
    X, _ = load_dataset("toy-blobs")
    T, y = load_dataset("toy-blobs", split="test")
    assert roc_auc_score(y, make(name).fit(X).score_samples(T)) > 0.9


@every
def test_planted_outliers_score_above_inliers(name):
    X, y = held_out()
    scores = fitted(name).score_samples(X)
    assert (scores.dtype, scores.shape) == (np.float64, (158,))
    assert roc_auc_score(y, scores) > 0.9


@every
def test_a_far_cluster_scores_above_most_inliers(name):
    X, y = held_out()
    inliers = fitted(name).score_samples(X[y == 0])
    for far in (100.0, -100.0, 1e6, 1e150):
        scores = fitted(name).score_samples(far + X[y == 0][:20])
        assert scores.min() > np.quantile(inliers, 0.9)


@every
def test_few_fresh_inliers_are_flagged(name):
    clean = np.random.default_rng(3).normal(size=(400, N_FEATURES))
    assert make(name).fit(clean[:200]).predict(clean[200:]).mean() < 0.35


@every
def test_the_input_is_not_changed_and_not_kept(name):
    X, _ = blobs()
    before = X.copy()
    X.flags.writeable = False
    detector = quick(name).fit(X)
    expected = detector.score_samples(X)
    np.testing.assert_array_equal(X, before)
    X.flags.writeable = True
    X[:] = 0
    np.testing.assert_array_equal(detector.score_samples(before), expected)


@every
def test_nothing_global_is_touched_and_nothing_is_printed(name, capfd):
    numpy_before = np.random.get_state()  # noqa: NPY002 - the global generator is the subject
    python_before, torch_before = random.getstate(), torch.get_rng_state()
    threads, precision = torch.get_num_threads(), torch.get_default_dtype()
    filters = list(warnings.filters)
    quick(name, random_state=None, verbose=True).fit(blobs()[0]).score_samples(blobs()[0])
    after = np.random.get_state()  # noqa: NPY002 - the global generator is the subject
    assert (numpy_before[1] == after[1]).all()
    assert numpy_before[2] == after[2]
    assert random.getstate() == python_before
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert (torch.get_num_threads(), torch.get_default_dtype()) == (threads, precision)
    assert warnings.filters == filters
    assert capfd.readouterr() == ("", "")


@every
def test_the_same_seed_gives_the_same_scores_bit_for_bit(name):
    again = make(name).fit(blobs()[0]).score_samples(held_out()[0])
    np.testing.assert_array_equal(again, fitted(name).score_samples(held_out()[0]))
    other = make(name, random_state=1, n_epochs=2).fit(blobs()[0]).score_samples(held_out()[0])
    assert not np.array_equal(other, again)


@every
def test_a_fit_without_a_seed_is_another_each_time(name):
    fits = [quick(name, random_state=None).fit(blobs()[0]) for _ in range(2)]
    assert not np.array_equal(fits[0].training_scores_, fits[1].training_scores_)


@every
def test_scores_do_not_depend_on_the_batch(name):
    X = np.vstack([held_out()[0]] * 4)
    batch = fitted(name).score_samples(X)
    for size in (1, 7, 255, 256, 257):
        parts = [fitted(name).score_samples(X[i : i + size]) for i in range(0, 520, size)]
        same(np.concatenate(parts)[:520], batch[:520])
    same(fitted(name).score_samples(X[::-1])[::-1], batch)


@every
@pytest.mark.parametrize("n", [2, 3, 9, 33, 65])
def test_few_rows_and_a_last_batch_of_one_work(name, n):
    X = blobs()[0]
    for patience in (None, 2):
        detector = quick(name, patience=patience, batch_size=32).fit(X[:n])
        assert np.isfinite(detector.score_samples(X)).all()
    assert np.isfinite(quick(name, batch_size=10**6).fit(X[:n]).score_samples(X)).all()


@every
def test_one_column_is_enough(name):
    X, y = blobs(d=1)
    assert roc_auc_score(y, make(name).fit(X).score_samples(X)) > 0.9


@every
@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_units_and_constant_columns_do_no_harm(name, scale):
    X, y = blobs()
    expected = make(name, scale=scale).fit(X).score_samples(X)
    assert roc_auc_score(y, expected) > 0.9
    for unit in (1e9, 1e-9, 1e200, 1e-200):
        scores = make(name, scale=scale).fit(X * unit).score_samples(X * unit)
        assert roc_auc_score(y, scores) > 0.9
    wide = np.c_[X, np.full(len(X), 0.1), np.full(len(X), 1e12)]
    assert roc_auc_score(y, make(name, scale=scale).fit(wide).score_samples(wide)) > 0.9


@every
def test_rows_that_are_all_equal_give_finite_scores(name):
    X = np.full((40, 3), 7.0)
    detector = quick(name).fit(X)
    assert np.isfinite(detector.score_samples(np.vstack([X, X + 1]))).all()


@every
def test_columns_are_taken_as_they_are_where_that_is_asked_for(name):
    X = blobs()[0]
    detector = quick(name, scale="none").fit(X)
    np.testing.assert_array_equal(detector.scaler_.spread, 1)
    assert not np.array_equal(detector.training_scores_, quick(name).fit(X).training_scores_)


@every
def test_a_refit_forgets_the_first_fit(name):
    other, T = blobs(n=90, seed=5)[0] * 1000 + 7, held_out()[0]
    refitted = quick(name).fit(blobs()[0]).fit(other)
    fresh = quick(name).fit(other)
    np.testing.assert_array_equal(refitted.score_samples(T), fresh.score_samples(T))
    assert refitted.history_ == fresh.history_


@every
def test_clone_has_the_same_arguments_and_no_fit(name):
    twin = fitted(name).clone()
    assert twin.get_params() == fitted(name).get_params()
    assert not twin.is_fitted


@every
def test_lists_frames_and_float32_give_the_same_scores(name):
    X = blobs()[0].astype(np.float32).astype(np.float64)
    expected = quick(name).fit(X).score_samples(X)
    frame = pl.DataFrame(X, schema=[f"c{i}" for i in range(N_FEATURES)])
    for other in (X.tolist(), X.astype(np.float32), np.asfortranarray(X), frame):
        np.testing.assert_array_equal(quick(name).fit(other).score_samples(other), expected)


@every
def test_nan_and_a_wrong_width_are_clear_errors(name):
    broken = blobs()[0]
    broken[3, 0] = np.nan
    with pytest.raises(InputError, match=f"{name}.*NaN"):
        make(name).fit(broken)
    with pytest.raises(InputError, match=rf"{name}: X has {N_FEATURES + 1} columns"):
        fitted(name).score_samples(np.zeros((3, N_FEATURES + 1)))


@every
def test_a_device_that_is_not_there_is_an_error_that_names_those_that_are(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for device in ("cuda", "mps"):
        with pytest.raises(ParameterError) as caught:
            make(name, device=device).fit(blobs()[0])
        assert f"{name}: device '{device}' is not there" in str(caught.value)
        assert "have 'cpu'; set device to one of them or to 'auto'" in str(caught.value)
    quick(name, device="auto").fit(blobs()[0])


@every
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_finds_what_the_cpu_finds(name, tmp_path):
    X, y = held_out()
    detector = make(name, device="cuda").fit(blobs()[0])
    scores = detector.score_samples(X)
    assert roc_auc_score(y, scores) > 0.9
    detector.save(tmp_path / "it")
    code = (
        "import sys, numpy as np; from ad_core import load_detector\n"
        "np.save('out.npy', load_detector('it').score_samples(np.load('X.npy')))\n"
    )
    np.save(tmp_path / "X.npy", X)
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env=hidden)
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), scores, rtol=1e-9)
    batch = [detector.score_samples(X[i : i + 1])[0] for i in range(20)]
    np.testing.assert_allclose(batch, scores[:20], rtol=1e-12)


@every
def test_save_and_load_give_equal_scores(name, tmp_path):
    fitted(name).save(tmp_path / "it")
    loaded = load_detector(tmp_path / "it")
    T = held_out()[0]
    np.testing.assert_array_equal(loaded.score_samples(T), fitted(name).score_samples(T))
    assert loaded.decision_threshold == fitted(name).decision_threshold
    assert loaded.history_ == fitted(name).history_
    assert loaded.get_params() == fitted(name).get_params()


def test_save_and_load_give_equal_scores_in_a_fresh_process(tmp_path):
    T = held_out()[0]
    np.save(tmp_path / "T.npy", T)
    for name in SPECS:
        fitted(name).save(tmp_path / name)
    code = (
        "import sys, numpy as np; from ad_core import load_detector\n"
        "for name in sys.argv[1:]:\n"
        "    np.save(name + '.npy', load_detector(name).score_samples(np.load('T.npy')))\n"
    )
    subprocess.run([sys.executable, "-c", code, *SPECS], cwd=tmp_path, check=True)
    for name in SPECS:
        scores = np.load(tmp_path / f"{name}.npy")
        np.testing.assert_array_equal(scores, fitted(name).score_samples(T))
