"""What the checks of data sets let pass, and how large a set they load many times."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import reference
from attrs import evolve
from broken.datasets import holds_nan, labels_nothing, loaded_by, real, stated

from ad_contracts import Status, cases, run
from ad_contracts.checks.datasets import small
from ad_core.data import CACHE_VARIABLE, MIRROR_VARIABLE, Parts, Rows

MIRROR = Path(__file__).with_name("mirror")


@pytest.fixture(autouse=True)
def files(monkeypatch, tmp_path):
    """The files of `reference` are at hand, and nothing was downloaded."""
    monkeypatch.setenv(MIRROR_VARIABLE, str(MIRROR))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


def outcome(spec, check):
    (case,) = cases([spec], only=[f"dataset_{check}"])
    return run(case)


def passes(spec, check):
    found = outcome(spec, check)
    assert found.status is Status.PASSED, found.message
    return True


@pytest.mark.parametrize(
    ("n_samples", "n_features", "is_small"),
    [
        (3_000_000, 1, True),
        (3_000_001, 1, False),
        (1_500_001, 2, False),
        (2_000_000, None, True),
        (None, 3_000_001, True),
    ],
)
def test_a_small_set_has_three_million_values_at_most(n_samples, n_features, is_small):
    assert small(stated(n_samples=n_samples, n_features=n_features)) is is_small


@pytest.mark.parametrize(
    "word",
    ["...", "-", "?", "n/a", "NA", "None.", "tbd", "TODO", "Unknown", "unspecified."],
)
def test_a_word_that_says_nothing_is_no_licence(word):
    found = outcome(stated(licence=word), "says_whose_it_is")
    assert found.message == f"expected a licence that says something, got {word!r}"


def test_five_words_are_a_sentence():
    assert passes(stated(construction="Rows drawn from one cloud."), "says_whose_it_is")


def test_values_may_be_missing_where_the_construction_says_so():
    for words in ("some of which are missing", "and NaN where nothing was measured"):
        spec = loaded_by(holds_nan, construction=f"Sixty rows of two numbers, {words}.")
        assert passes(spec, "is_finite")


def test_a_set_without_labels_is_loaded_again_like_any_other():
    assert passes(loaded_by(labels_nothing, n_anomalies=None), "loads_the_same_again")


def comes_split(_spec, _seed):
    X, y = reference.cloud(None, 0)
    return Parts(train=Rows(X[:30], y[:30]), test=Rows(X[30:], y[30:]))


def comes_as_a_series(_spec, _seed):
    return reference.labelled(np.sin(np.arange(60.0))[:, None] + np.arange(60.0)[:, None])


@pytest.mark.parametrize(
    "spec",
    [
        real(target=f"{__name__}:comes_split"),
        real(target=f"{__name__}:comes_as_a_series", data="timeseries", n_features=1),
    ],
    ids=["split", "series"],
)
def test_what_is_split_by_its_maker_or_by_time_is_split_alike_for_every_seed(spec):
    assert passes(spec, "seed_decides_only_chance")


def test_files_may_lie_in_folders(monkeypatch, tmp_path):
    file = evolve(reference.POINTS.files[0], path="deep/er/points.npz")
    target = tmp_path / "mirror" / file.path
    target.parent.mkdir(parents=True)
    shutil.copy(MIRROR / "points.npz", target)
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path / "mirror"))
    assert passes(real(files=(file,)), "refuses_damaged_files")


def test_a_file_that_is_not_at_hand_skips_the_check_of_it(monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path / "empty"))
    found = outcome(reference.POINTS, "files_are_those_stated")
    assert found.status is Status.SKIPPED
    assert found.message.startswith("points.npz is not at hand")
