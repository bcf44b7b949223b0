"""What the adapters cure."""

import threading
import warnings

import numpy as np
import pytest

from ad_core.errors import InputError, ParameterError
from ad_core.load import create, json_schema
from ad_core.registry import get_registry

X = np.random.default_rng(0).normal(size=(80, 3))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("iforest", {"n_estimators": 10}),
        ("ocsvm", {"nu": 0.05}),
        ("inne", {"max_samples": 16}),
        ("gmm", {"n_components": 3}),
    ],
)
def test_set_params_has_an_effect_at_the_next_fit(name, change):
    known = json_schema(get_registry().detectors.get(name).spec)["properties"]
    seed = {"random_state": 0} if "random_state" in known else {}
    first = create(name, **seed).fit(X)
    before = first.score_samples(X)
    after = first.set_params(**change).fit(X).score_samples(X)
    np.testing.assert_array_equal(after, create(name, **seed, **change).fit(X).score_samples(X))
    assert not np.allclose(before, after)


def test_what_the_library_rejects_is_a_parameter_error_of_the_detector():
    detector = create("pyod_loda")
    detector.n_random_cuts = -3  # past the checks of create and set_params
    with pytest.raises(ParameterError, match="pyod_loda: negative dimensions are not allowed"):
        detector.fit(X)


def test_an_argument_out_of_range_is_named_before_anything_is_built():
    with pytest.raises(
        ParameterError, match="isolation_forest: n_estimators must be an integer >= 1"
    ):
        create("iforest", n_estimators=-3)


@pytest.mark.parametrize("name", ["gmm", "bayesian_gaussian_mixture"])
def test_too_few_rows_for_the_components_are_named(name):
    with pytest.raises(InputError, match=r"at least 90 rows to fit n_components=90, got 80"):
        create(name, n_components=90).fit(X)


def test_pinned_and_hidden_arguments_are_no_arguments():
    spec = get_registry().detectors.get("lof").spec
    assert "novelty" not in json_schema(spec)["properties"]
    with pytest.raises(ParameterError, match="local_outlier_factor has no parameter 'novelty'"):
        create("lof", novelty=False)
    assert "method" not in create("avg_knn").get_params()


@pytest.mark.parametrize("name", ["one_class_svm", "isolation_forest", "inne", "gmm", "mcd"])
def test_two_seedless_fits_leave_the_global_generator_alone(name):
    np.random.seed(4)  # noqa: NPY002 - the global generator is the subject
    expected = np.random.RandomState(4).rand()
    create(name).fit(X)
    assert np.random.rand() == expected  # noqa: NPY002 - the global generator is the subject


def test_a_random_state_object_is_the_generator_and_none_is_a_fresh_one():
    a = create("iforest", random_state=np.random.RandomState(3)).fit(X).score_samples(X)
    b = create("iforest", random_state=np.random.RandomState(3)).fit(X).score_samples(X)
    np.testing.assert_array_equal(a, b)
    fresh = [create("iforest").fit(X).score_samples(X) for _ in range(2)]
    assert not np.array_equal(*fresh)


def test_warnings_of_overlapping_threads_stay_inside():
    filters = list(warnings.filters)
    scores = {}

    def work(k):
        scores[k] = create("lof", n_neighbors=200).fit(X).score_samples(X)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(scores) == 4
    assert warnings.filters == filters


@pytest.mark.parametrize(
    "name", ["isolation_forest", "elliptic_envelope", "inne", "lof", "knn", "ocsvm", "gmm"]
)
@pytest.mark.parametrize(("scale", "offset"), [(1.0, 1e9), (1e-9, 0.0), (1e9, 0.0)])
def test_the_unit_and_the_origin_of_the_columns_do_not_hide_outliers(name, scale, offset):
    known = json_schema(get_registry().detectors.get(name).spec)["properties"]
    seed = {"random_state": 0} if "random_state" in known else {}
    rows = np.vstack([X[:40], X[:5] + 9]) * scale + offset
    scores = create(name, **seed).fit(X[40:] * scale + offset).score_samples(rows)
    assert scores[40:].min() > scores[:40].max()
