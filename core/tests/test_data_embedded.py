import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor

from ad_core.data import load_spec, synthetic
from ad_core.data.specs import DATASETS

BY_NAME = {spec.name: spec for spec in DATASETS}
REAL = [spec for spec in DATASETS if not spec.synthetic]
SYNTHETIC = [spec for spec in DATASETS if spec.synthetic]


def ids(spec):
    return spec.name


def test_names_are_unique_and_sets_are_many():
    assert len(BY_NAME) == len(DATASETS)
    assert len(REAL) >= 6
    assert len(SYNTHETIC) >= 5


@pytest.mark.parametrize("spec", DATASETS, ids=ids)
def test_stated_sizes_are_true(spec):
    whole, train, test = (load_spec(spec, split) for split in ("all", "train", "test"))
    stated = (spec.n_samples, spec.n_features, spec.n_anomalies)
    assert (whole.n_samples, whole.n_features, whole.n_anomalies) == stated
    assert train.n_samples + test.n_samples == spec.n_samples
    assert train.n_anomalies + test.n_anomalies == spec.n_anomalies
    assert np.isfinite(whole.X).all()
    assert train.feature_names == whole.feature_names
    assert test.n_anomalies >= 3


@pytest.mark.parametrize("spec", DATASETS, ids=ids)
def test_construction_states_its_numbers(spec):
    if spec.name.startswith("one_class/"):
        return_of = load_spec(spec, "train")
        assert return_of.n_anomalies == 0
        assert "train holds 70 %" in spec.construction
        return
    numbers = spec.construction.replace(",", "")
    assert str(spec.n_anomalies) in numbers
    normal = spec.n_samples - spec.n_anomalies
    assert str(normal) in numbers or f"{normal // 2} rows" in numbers


@pytest.mark.parametrize("spec", REAL, ids=ids)
def test_real_sets_are_the_same_rows_for_every_seed(spec):
    first, second = load_spec(spec, "all", 1), load_spec(spec, "all", 2)
    order = [np.lexsort(data.X.T) for data in (first, second)]
    assert np.array_equal(first.X[order[0]], second.X[order[1]])


@pytest.mark.parametrize("spec", SYNTHETIC, ids=ids)
def test_synthetic_sets_are_drawn_anew_for_a_seed(spec):
    assert load_spec(spec, "all", 1).sha256 == load_spec(spec, "all", 1).sha256
    assert load_spec(spec, "all", 1).sha256 != load_spec(spec, "all", 2).sha256


def test_breast_cancer_keeps_all_benign_rows_and_forty_malignant_ones():
    source = datasets.load_breast_cancer()
    X, y = load_spec(BY_NAME["breast_cancer"], "all")
    assert np.array_equal(X[y == 0], source.data[source.target == 1])
    malignant = {tuple(row) for row in source.data[source.target == 0]}
    assert {tuple(row) for row in X[y == 1]} <= malignant
    assert len({tuple(row) for row in X[y == 1]}) == 40


@pytest.mark.parametrize("digit", [0, 7])
def test_rare_digit_is_the_anomaly(digit):
    source = datasets.load_digits()
    X, y = load_spec(BY_NAME[f"digits/{digit}"], "all")
    assert np.array_equal(X[y == 0], source.data[source.target != digit])
    images = {tuple(row) for row in source.data[source.target == digit]}
    assert {tuple(row) for row in X[y == 1]} <= images


def test_one_class_train_holds_only_that_class():
    source = datasets.load_digits()
    spec = BY_NAME["one_class/digits/4"]
    train, test = load_spec(spec, "train"), load_spec(spec, "test")
    fours = {tuple(row) for row in source.data[source.target == 4]}
    assert {tuple(row) for row in train.X} <= fours
    assert train.n_samples == 126
    assert test.n_samples - test.n_anomalies == 181 - 126


# What each shape is for: who finds its anomalies, and who does not.
EASY = {
    "toy-blobs": 0.95,
    "toy-global": 0.95,
    "toy-clustered": 0.95,
    "toy-heavy-tailed": 0.9,
    "toy-moons": 0.9,
}
NEEDS_NEIGHBOURS = ["toy-local", "toy-dependency", "toy-densities", "toy-ring"]


def scores_of(spec):
    train, test = load_spec(spec, "train"), load_spec(spec, "test")
    forest = IsolationForest(random_state=0).fit(train.X)
    factor = LocalOutlierFactor(n_neighbors=20, novelty=True).fit(train.X)
    return tuple(roc_auc_score(test.y, -model.score_samples(test.X)) for model in (forest, factor))


@pytest.mark.parametrize("name", EASY)
def test_isolation_finds_global_anomalies(name):
    assert scores_of(BY_NAME[name])[0] > EASY[name]


@pytest.mark.parametrize("name", NEEDS_NEIGHBOURS)
def test_neighbours_find_local_anomalies_better_than_isolation(name):
    forest, factor = scores_of(BY_NAME[name])
    assert factor > 0.95
    assert factor > forest


@pytest.mark.parametrize("name", ["toy-clustered", "toy-heavy-tailed"])
def test_clustered_anomalies_mask_one_another(name):
    assert scores_of(BY_NAME[name])[1] < 0.5


def test_ring_anomalies_are_nearer_to_the_mean_than_any_normal_row():
    X, y = load_spec(BY_NAME["toy-ring"], "all")
    radius = np.linalg.norm(X, axis=1)
    assert radius[y == 1].max() < radius[y == 0].min()


def test_dependency_anomalies_have_the_margins_of_normal_rows():
    X, y = load_spec(BY_NAME["toy-dependency"], "all")
    low, high = np.quantile(X[y == 0], [0.0, 1.0], axis=0)
    inside = ((X[y == 1] >= low) & (X[y == 1] <= high)).mean()
    assert inside > 0.97


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    normal=st.integers(2, 60),
    anomalies=st.integers(1, 20),
    name=st.sampled_from([spec.name for spec in SYNTHETIC]),
)
def test_generators_give_the_rows_asked_for(seed, normal, anomalies, name):
    spec = BY_NAME[name]
    generator = getattr(synthetic, spec.target.split(":")[1])
    params = {**spec.params, "normal": normal, "anomalies": anomalies}
    X, y, _ = generator(spec, seed, **params)
    assert X.shape == (normal + anomalies, spec.n_features)
    assert np.array_equal(y, np.repeat([0, 1], [normal, anomalies]))
    assert np.isfinite(X).all()


def test_reading_the_specs_imports_nothing_heavy():
    script = (
        "import sys, ad_core.data.specs\n"
        "heavy = {'numpy', 'sklearn', 'polars', 'pooch', 'jsonschema', 'cattrs'} & {*sys.modules}\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_public_names_are_those_of_all():
    import ad_core.data

    assert ad_core.data.__all__ == sorted(ad_core.data.__all__, key=ad_core_order)
    assert {*dir(ad_core.data)} >= {*ad_core.data.__all__}
    for name in ad_core.data.__all__:
        assert getattr(ad_core.data, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = ad_core.data.nothing


def ad_core_order(name):
    """Sort as ruff does: constants, classes, functions."""
    rank = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return rank, name
