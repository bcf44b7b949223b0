"""Protocols: what a data set becomes, which seeds are set, and what is put back."""

import importlib
import json
import random
import sys
from importlib.metadata import entry_points

import numpy as np
import pytest
from attrs import evolve
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state

from ad_core.benchmark import (
    PROTOCOLS,
    DetectorEntry,
    Experiment,
    data_seed,
    execute,
    get_protocol,
    plan,
    read_experiment,
)
from ad_core.data import load_spec
from ad_core.errors import ConfigError, DatasetError, UnknownNameError
from ad_core.registry import Registry
from ad_core.spec import DatasetSpec, DetectorSpec

MODULE = '''
import random

import numpy as np

from ad_core.detector import BaseDetector

SEEN = []


class Drawing(BaseDetector):
    """Draws its scores from what it gets as random_state."""

    def __init__(self, random_state: int | None = None):
        self.random_state = random_state

    def _fit(self, X, y):
        SEEN.append(self.random_state)

    def _score(self, X):
        state = self._random_state()
        return np.random.RandomState(state).uniform(size=len(X)) if isinstance(
            state, int
        ) else state.uniform(size=len(X)) + random.random()


class Failing(Drawing):
    """Draws from the global generators, and fails."""

    def _fit(self, X, y):
        np.random.uniform()
        random.random()
        raise ZeroDivisionError


def rows(spec, seed, n=2000, every=10):
    X = np.random.default_rng(0).normal(size=(n, 2))
    X[:, 1] = np.arange(n)
    return X, np.arange(n) % every == 0


def unlabelled(spec, seed):
    return rows(spec, seed)[0], None
'''


@pytest.fixture
def things(tmp_path, monkeypatch):
    (tmp_path / "protocol_things.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield importlib.import_module("protocol_things")
    del sys.modules["protocol_things"]


def table(target="rows", data="tabular", **params):
    return DatasetSpec(
        name="table",
        data=data,
        target=f"protocol_things:{target}",
        params=params,
        summary="For a test",
        construction="",
        citation="nobody",
        licence="MIT",
    )


def planned(protocol, *, dataset="wine", seed=0):
    wanted = Experiment(
        datasets=(dataset,),
        detectors=(DetectorEntry(name="random"),),
        seeds=(seed,),
        protocol=protocol,
    )
    return plan(wanted, Registry(entry_points(group="ad.plugins", name="core"))).tasks[0]


def task(protocol, target="Drawing", *, dataset=None, seed=0):
    detector = DetectorSpec(
        name="drawing", target=f"protocol_things:{target}", summary="For a test", family="rule"
    )
    return evolve(
        planned(protocol, seed=seed), spec=detector, dataset_spec=dataset or table(n=1500)
    )


def test_a_protocol_is_found_by_its_name_and_by_its_version():
    assert [one.full_name for one in PROTOCOLS] == [
        "holdout/2",
        "holdout-10k/1",
        "adbench-2022/1",
        "adbench-2022-unscaled/1",
    ]
    for one in PROTOCOLS:
        assert get_protocol(one.name) is get_protocol(one.full_name) is one


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("holdut", "no protocol is called 'holdut'; did you mean holdout "),
        ("holdout/1", "no protocol is called 'holdout/1'; did you mean holdout/2 "),
        ("zzz", "no protocol is called 'zzz'; there are holdout/2, holdout-10k/1, "),
    ],
)
def test_a_wrong_name_gets_the_nearest_ones_and_the_list(name, message):
    with pytest.raises(UnknownNameError, match="there are holdout/2, holdout-10k/1, ") as caught:
        get_protocol(name)
    assert str(caught.value).startswith(message)


def test_an_experiment_names_its_protocol_and_an_error_its_line(tmp_path):
    path = tmp_path / "trial.yaml"
    text = "datasets: [wine]\ndetectors: [random]\n"
    path.write_text(text)
    assert read_experiment(path).protocol == "holdout"
    path.write_text(f"{text}protocol: adbench-2022\n")
    assert plan(read_experiment(path)).tasks[0].protocol == "adbench-2022/1"
    path.write_text(f"{text}protocol: adbench\n")
    with pytest.raises(ConfigError, match="line 3, key protocol: .*did you mean adbench-2022"):
        plan(read_experiment(path))


def test_the_protocol_enters_key_and_record():
    one, same, other = planned("holdout"), planned("holdout/2"), planned("adbench-2022")
    assert one.key == same.key != other.key
    assert execute(one).record.protocol == "holdout/2"
    assert execute(other).record.protocol == "adbench-2022/1"


def test_holdout_splits_first_and_scales_by_the_train_part(things):
    spec, seed = table(n=300), data_seed("x/table", 0)
    train, test = get_protocol("holdout").parts(spec, seed)
    raw_train, raw_test = load_spec(spec, "train", seed), load_spec(spec, "test", seed)
    least, span = raw_train.X.min(axis=0), np.ptp(raw_train.X, axis=0)
    assert pytest.approx((raw_train.X - least) / span) == train.X
    assert pytest.approx((raw_test.X - least) / span) == test.X
    assert np.ptp(np.concatenate([train.X, test.X]), axis=0).max() > 1
    assert len({*raw_train.X[:, 1], *raw_test.X[:, 1]}) == 300
    assert train.y.tolist() == raw_train.y.tolist()


def test_holdout_10k_draws_from_large_tables_only_and_never_a_row_twice(things):
    capped, whole = get_protocol("holdout-10k"), get_protocol("holdout")
    large, small = table(n=20_000), table(n=1500)
    train, test = capped.parts(large, 5)
    assert (train.n_samples, test.n_samples) == (7000, 3000)
    assert len(np.unique(np.vstack([train.X, test.X]), axis=0)) == 10_000
    assert train.anomaly_ratio == pytest.approx(whole.parts(large, 5)[0].anomaly_ratio, abs=1e-3)
    assert (train.X.min(), train.X.max()) == (0.0, 1.0)
    for one, same in zip(capped.parts(small, 5), whole.parts(small, 5), strict=True):
        assert one.sha256 == same.sha256


def test_holdout_leaves_series_as_they_are(things):
    spec = table(data="timeseries", n=300)
    train, test = get_protocol("holdout").parts(spec, 5)
    assert np.concatenate([train.X, test.X]).tolist() == things.rows(spec, 5, n=300)[0].tolist()


def test_holdout_hands_the_seed_to_the_detector(things):
    execute(task("holdout", seed=7))
    assert things.SEEN == [7]


def published_parts(X, y, seed):
    """What ADBench's generator does, with a generator of its own in place of the global one."""
    state = np.random.RandomState(seed)
    if not 1000 <= len(X) <= 10_000:
        size = min(max(len(X), 1000), 10_000)
        rows = state.choice(len(X), size, replace=len(X) < size)
        X, y = X[rows], y[rows]
    X, test, y, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=state)
    low, span = X.min(axis=0), np.ptp(X, axis=0)
    return (X - low) / span, (test - low) / span, y, y_test


@pytest.mark.parametrize(
    ("n", "expected"), [(200, 1000), (1000, 1000), (1500, 1500), (12_000, 10_000)]
)
def test_adbench_draws_and_splits_as_published(things, n, expected):
    spec, protocol = table(n=n), get_protocol("adbench-2022")
    with protocol.around():
        train, test = protocol.parts(spec, 3)
    X, X_test, y, y_test = published_parts(*things.rows(spec, 3, n=n), seed=3)
    assert train.n_samples + test.n_samples == expected
    assert pytest.approx(X) == train.X
    assert pytest.approx(X_test) == test.X
    assert train.y.tolist() == y.tolist()
    assert test.y.tolist() == y_test.tolist()


def test_adbench_unscaled_is_the_same_rows_as_they_are(things):
    spec, names = table(n=200), ("adbench-2022", "adbench-2022-unscaled")
    with get_protocol("adbench-2022").around():
        scaled, raw = (get_protocol(name).parts(spec, 3) for name in names)
    for before, after in zip(raw, scaled, strict=True):
        assert {*before.X[:, 1]} <= {*range(200)}
        low, span = raw[0].X.min(axis=0), np.ptp(raw[0].X, axis=0)
        assert pytest.approx((before.X - low) / span) == after.X


def test_adbench_hands_the_global_generator_itself_to_the_detector(things):
    scores = execute(task("adbench-2022", seed=3)).scores.scores
    assert [check_random_state(None)] == things.SEEN
    # The training scores come first, then those of the test part, from freshly seeded generators.
    state, python = np.random.RandomState(3), random.Random(3)
    state.uniform(size=1050)
    python.random()
    assert scores.tolist() == (state.uniform(size=450) + python.random()).tolist()


@pytest.mark.parametrize(("target", "status"), [("Drawing", "ok"), ("Failing", "error")])
def test_the_global_generators_are_put_back_whatever_happens(things, target, status):
    def upcoming():
        return np.random.get_state()[1:3], random.getstate()  # noqa: NPY002

    np.random.seed(11)  # noqa: NPY002
    before = str(upcoming())
    assert execute(task("adbench-2022", target)).record.status == status
    assert str(upcoming()) == before


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            table(data="timeseries"),
            "adbench-2022 is for tables, and this is timeseries; use another",
        ),
        (table("unlabelled"), "adbench-2022 splits by label, and there are no labels; use another"),
        (table(n=1500, every=1500), "adbench-2022 cannot split it"),
    ],
)
def test_adbench_refuses_what_it_is_not_for(things, spec, message):
    protocol = get_protocol("adbench-2022")
    with protocol.around(), pytest.raises(DatasetError, match=f"table: .*{message}"):
        protocol.parts(spec, 1)


def test_the_command_lists_protocols_and_the_steps_of_one(ad):
    listed = ad("benchmark", "protocols").out
    steps = ad("benchmark", "protocols", "adbench-2022").out
    for one in PROTOCOLS:
        assert one.full_name in listed
        assert one.summary in listed
    for place, step in enumerate(get_protocol("adbench-2022").steps, start=1):
        assert f"{place}. {step}\n" in steps


def test_the_command_can_answer_in_json_and_with_the_nearest_name(ad):
    (found,) = json.loads(ad("benchmark", "protocols", "holdout", "--json").out)
    assert (found["name"], found["version"], found["default"]) == ("holdout", 2, True)
    assert len(json.loads(ad("benchmark", "protocols", "--json").out)) == len(PROTOCOLS)
    wrong = ad("benchmark", "protocols", "holdut")
    assert wrong.status == 1
    assert wrong.err.startswith("error: no protocol is called 'holdut'; did you mean holdout")
