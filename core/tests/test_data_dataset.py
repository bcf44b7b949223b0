import pickle
import subprocess
import sys

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ad_core.data import Dataset, Parts, Rows, load_dataset, load_parts, load_spec
from ad_core.errors import (
    BackendMissingError,
    DatasetError,
    ParameterError,
    TargetError,
    UnknownNameError,
)
from ad_core.spec import DatasetSpec

MEMORY = {}


def from_memory(_spec, _seed, *, key):
    return MEMORY[key]


def spec_of(value, **fields):
    """Return the spec of a set whose loader returns `value`."""
    key = f"memory-{len(MEMORY)}"
    MEMORY[key] = value
    sys.modules.setdefault("ad_memory_loader", sys.modules[__name__])
    given = {"summary": "s", "construction": "c", "citation": "c", "licence": "l", **fields}
    return DatasetSpec(
        name="mem/x", target="ad_memory_loader:from_memory", params={"key": key}, **given
    )


def rows(n=100, n_anomalies=10, d=3):
    X = np.arange(n * d, dtype=float).reshape(n, d)
    return X, np.r_[np.ones(n_anomalies, int), np.zeros(n - n_anomalies, int)]


def test_unpacks_as_x_and_y_and_carries_its_origin():
    data = load_dataset("wine", split="all")
    X, y = data
    assert X is data.X
    assert y is data.y
    assert (data.name, data.split, data.seed) == ("wine", "all", 42)
    assert data.feature_names[:2] == ("alcohol", "malic_acid")
    assert (data.n_samples, data.n_features, data.n_anomalies) == (129, 13, 10)
    assert data.anomaly_ratio == 10 / 129
    assert repr(data) == "<Dataset wine split=all seed=42: shape (129, 13), 10 anomalies>"


def test_arrays_are_contiguous_float64_and_read_only():
    data = load_dataset("breast_cancer")
    assert data.X.dtype == np.float64
    assert data.X.flags.c_contiguous
    assert data.y.dtype == np.int64
    for array in data:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_arrays_are_copies_of_what_the_loader_returned():
    X, y = rows()
    data = load_spec(spec_of((X, y)), "all")
    X[0, 0] = 99.0
    assert data.X[0, 0] == 0.0
    assert X.flags.writeable


def test_train_and_test_are_stratified_and_share_no_row():
    X, y = rows(1000, 50)
    spec = spec_of((X, y))
    train, test, whole = (load_spec(spec, split) for split in ("train", "test", "all"))
    assert (train.n_samples, test.n_samples) == (700, 300)
    assert (train.n_anomalies, test.n_anomalies) == (35, 15)
    together = np.concatenate([train.X[:, 0], test.X[:, 0]])
    assert np.array_equal(np.sort(together), np.sort(whole.X[:, 0]))
    assert np.array_equal(whole.y, y)


def test_the_split_is_that_of_scikit_learn():
    from sklearn.model_selection import train_test_split

    X, y = rows()
    expected = train_test_split(X, y, test_size=0.3, random_state=7, stratify=y)
    spec = spec_of((X, y))
    train, test = load_spec(spec, "train", 7), load_spec(spec, "test", 7)
    for ours, theirs in zip((train.X, test.X, train.y, test.y), expected, strict=True):
        assert np.array_equal(ours, theirs)


def test_a_seed_is_a_split():
    spec = spec_of(rows())
    assert load_spec(spec, seed=1).sha256 == load_spec(spec, seed=1).sha256
    assert load_spec(spec, seed=1).sha256 != load_spec(spec, seed=2).sha256
    assert load_spec(spec, "all", seed=1).sha256 == load_spec(spec, "all", seed=2).sha256


@pytest.mark.parametrize("data", ["tabular", "timeseries"])
def test_both_parts_come_from_one_call_of_the_loader(data, monkeypatch):
    calls = []
    original = from_memory
    monkeypatch.setitem(
        globals(), "from_memory", lambda *seen, key: calls.append(seen) or original(*seen, key=key)
    )
    spec = spec_of(rows(), data=data)
    parts = load_parts(spec, 7)
    assert calls == [(spec, 7)]
    alone = [load_spec(spec, split, 7) for split in ("train", "test")]
    assert [part.sha256 for part in parts] == [part.sha256 for part in alone]
    assert [(part.split, part.seed) for part in parts] == [("train", 7), ("test", 7)]


def test_unlabelled_rows_split_at_random():
    X, _ = rows()
    train, test = (load_spec(spec_of((X, None)), split) for split in ("train", "test"))
    assert train.y is None
    assert train.n_anomalies is None
    assert train.anomaly_ratio is None
    assert "no labels" in repr(train)
    assert (train.n_samples, test.n_samples) == (70, 30)


def test_a_series_is_cut_in_time():
    X, y = rows(10, 2, 2)
    spec = spec_of((X, y), data="timeseries")
    train, test = load_spec(spec, "train"), load_spec(spec, "test")
    assert np.array_equal(train.X, X[:7])
    assert np.array_equal(test.X, X[7:])
    assert train.feature_names == ("x0", "x1")


def test_a_set_keeps_the_split_of_its_own():
    X, y = rows(10, 2)
    parts = Parts(train=(X[2:], y[2:], ("a", "b", "c")), test=Rows(X[:2], y[:2], ("a", "b", "c")))
    spec = spec_of(parts)
    assert np.array_equal(load_spec(spec, "train").X, X[2:])
    assert np.array_equal(load_spec(spec, "test").X, X[:2])
    whole = load_spec(spec, "all")
    assert np.array_equal(whole.X, np.concatenate([X[2:], X[:2]]))
    assert whole.n_anomalies == 2
    assert whole.feature_names == ("a", "b", "c")


def test_parts_without_labels_join_without_labels():
    X, y = rows(10, 2)
    assert load_spec(spec_of(Parts(train=(X,), test=(X,))), "all").y is None
    with pytest.raises(DatasetError) as caught:
        load_spec(spec_of(Parts(train=(X,), test=(X, y))), "all")
    assert str(caught.value) == (
        "mem/x: only one of its parts has labels, so there is no split 'all'; "
        "use 'train' and 'test'"
    )


def test_other_kinds_of_data_keep_their_shape():
    images = np.zeros((4, 2, 2, 3), dtype=np.uint8)
    data = load_spec(spec_of((images, [0, 0, 0, 1]), data="image"), "all")
    assert data.X.shape == (4, 2, 2, 3)
    assert data.X.dtype == np.uint8
    assert data.feature_names == ()
    texts = load_spec(spec_of((["ham", "spam"], [0, 1]), data="text"), "all")
    assert texts.X.tolist() == ["ham", "spam"]
    assert texts.sha256 == load_spec(texts.spec, "all").sha256


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (([1.0, 2.0], [0, 1]), "X of shape (2,), not (n_samples, n_features)"),
        ((np.empty((0, 2)), []), "its loader returned no samples"),
        (([[1.0], [2.0]], [0]), "y of shape (1,) for 2 samples"),
        (([[1.0], [2.0]], [0, 2]), "labels other than 0 and 1"),
        (([[1.0], [2.0]], [0, 0.5]), "labels other than 0 and 1"),
        (
            ([[1.0, 2.0]], [0], ("a", "a")),
            "named 2 features (1 different ones) for 2 columns",
        ),
    ],
)
def test_what_a_loader_returns_is_checked(value, message):
    with pytest.raises(DatasetError) as caught:
        load_spec(spec_of(value), "all")
    assert message in str(caught.value)
    assert str(caught.value).startswith("mem/x: ")


def test_arrays_of_python_objects_are_refused():
    value = (np.array([{}, {}], dtype=object), [0, 1])
    with pytest.raises(DatasetError, match="returned an array of Python objects"):
        load_spec(spec_of(value, data="graph"), "all")


def test_unknown_split():
    with pytest.raises(ParameterError) as caught:
        load_dataset("wine", split="validation")
    assert str(caught.value) == "split must be one of train, test, all, got 'validation'"


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, None, "1"])
def test_unusable_seed(seed):
    with pytest.raises(ParameterError) as caught:
        load_dataset("wine", seed=seed)
    assert str(caught.value) == f"seed must be a whole number from 0 to 2**32 - 1, got {seed!r}"


def test_numpy_seed_is_a_seed():
    assert load_dataset("wine", seed=np.int64(3)).sha256 == load_dataset("wine", seed=3).sha256


def test_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        load_dataset("brest_cancer")
    assert "no data set is called 'brest_cancer'; did you mean breast_cancer" in str(caught.value)


def test_missing_backend_names_the_remedy():
    spec = spec_of(rows(), modules=("no_such_module_here",), extra="ad-x[y]")
    with pytest.raises(BackendMissingError) as caught:
        load_spec(spec)
    assert str(caught.value) == "mem/x needs no_such_module_here: pip install 'ad-x[y]'"


def test_a_loader_that_is_not_there():
    with pytest.raises(TargetError, match="has no attribute 'nothing'"):
        load_spec(evolve(spec_of(rows()), target="ad_memory_loader:nothing"))


def test_too_few_anomalies_for_a_stratified_split():
    X, y = rows(10, 1)
    with pytest.raises(DatasetError) as caught:
        load_spec(spec_of((X, y)))
    assert str(caught.value).startswith("mem/x is too small for a stratified 70/30 split (")
    assert str(caught.value).endswith("; use split='all'")


def test_aliases_lead_to_the_same_set():
    assert load_dataset("toy-correlated").sha256 == load_dataset("toy-dependency").sha256
    assert load_dataset("core/wine").sha256 == load_dataset("wine").sha256


SCRIPT = """
from ad_core.data import load_dataset
for name in ("toy-blobs", "toy-moons", "digits/3", "one_class/breast_cancer"):
    for split in ("train", "test", "all"):
        print(load_dataset(name, split, 5).sha256)
"""


def test_every_process_loads_the_same_bytes():
    def printed(hash_seed):
        environment = {"PYTHONHASHSEED": hash_seed, "PATH": ""}
        command = [sys.executable, "-c", SCRIPT]
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout

    first = printed("1")
    assert first == printed("2")
    here = [
        load_dataset(name, split, 5).sha256
        for name in ("toy-blobs", "toy-moons", "digits/3", "one_class/breast_cancer")
        for split in ("train", "test", "all")
    ]
    assert first.decode().split() == here


def test_the_hash_is_that_of_the_documented_bytes():
    import hashlib

    data = load_spec(spec_of(([[1.0, 2.0]], [1])), "all")
    expected = hashlib.sha256()
    expected.update(b"<f8(1, 2)" + np.array([1.0, 2.0], dtype="<f8").tobytes())
    expected.update(b"<i8(1,)" + np.array([1], dtype="<i8").tobytes())
    assert data.sha256 == expected.hexdigest()


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            st.lists(st.floats(allow_nan=False, width=64), min_size=n, max_size=n),
            st.lists(st.integers(0, 1), min_size=n, max_size=n),
            st.integers(0, n - 1),
        )
    )
)
def test_the_hash_tells_contents_apart(drawn):
    values, labels, place = drawn
    X = np.array(values)[:, None]
    spec = DatasetSpec(
        name="h", target="m:f", summary="s", construction="", citation="c", licence="l"
    )

    def hashed(X, y):
        return Dataset.of(Rows(X, y), spec=spec, split="all", seed=0).sha256

    original = hashed(X, labels)
    assert hashed(X.copy(), labels) == original
    assert hashed(np.asfortranarray(X), labels) == original
    flipped = list(labels)
    flipped[place] = 1 - flipped[place]
    changed = X.copy()
    changed[place] = 1.0 if changed[place] != 1.0 else 2.0
    assert len({original, hashed(X, flipped), hashed(changed, labels), hashed(X, None)}) == 4


def test_a_data_set_can_be_pickled_for_a_worker():
    data = load_dataset("wine")
    again = pickle.loads(pickle.dumps(data))
    assert again.sha256 == data.sha256
    assert again.spec == data.spec
    assert not again.X.flags.writeable
    assert not again.y.flags.writeable
