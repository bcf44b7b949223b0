"""Data sets that are not what they say, or not the same twice."""

import os
import random
import socket
from contextlib import suppress
from itertools import count
from pathlib import Path

import numpy as np
import reference
from attrs import evolve

from ad_core.data import Parts, Rows
from ad_core.errors import IntegrityError
from ad_core.spec import DatasetSpec
from broken import Broken

CALLS = count()


def draws_without_seed(_spec, _seed):
    rng = np.random.default_rng()
    return reference.labelled(rng.normal(size=(60, 2)))


def draws_from_the_global_generator(_spec, _seed):
    return reference.labelled(np.random.normal(size=(60, 2)))  # noqa: NPY002 - what is broken


def seeds_by_name(spec, _seed):
    rng = np.random.default_rng(hash(spec.name) % 2**32)
    return reference.labelled(rng.normal(size=(60, 2)))


def ignores_the_seed(_spec, _seed):
    return reference.labelled(np.random.default_rng(0).normal(size=(60, 2)))


def depends_on_the_seed(_spec, seed):
    return reference.labelled(np.random.default_rng(seed).normal(size=(60, 2)))


def seeds_the_global_generators(spec, seed):
    np.random.seed(seed)  # noqa: NPY002 - what is broken
    random.seed(seed)
    return reference.cloud(spec, seed)


def relabels_at_each_call(spec, seed):
    X, y = reference.cloud(spec, seed)
    return X, np.roll(y, 5) if next(CALLS) % 2 else y


def labels_every_other_call(spec, seed):
    X, y = reference.cloud(spec, seed)
    return X, y if next(CALLS) % 2 else None


def shuffles(spec, seed):
    X, y = reference.cloud(spec, seed)
    order = np.random.default_rng().permutation(len(X))
    return X[order], y[order]


def turns_the_series(spec, seed):
    parts = reference.beats(spec, seed)
    turn = next(CALLS)
    return Rows(np.roll(parts.test.X, turn, axis=0), np.roll(parts.test.y, turn))


def shuffles_its_start(spec, seed):
    parts = reference.beats(spec, seed)
    order = np.r_[np.random.default_rng().permutation(10), 10 : len(parts.test.X)]
    return Rows(parts.test.X[order], parts.test.y[order])


def labels_at_random(spec, seed):
    parts = reference.beats(spec, seed)
    return Rows(parts.test.X, np.random.default_rng().permutation(parts.test.y))


def loses_a_row_at_each_call(spec, seed):
    parts = reference.beats(spec, seed)
    rows = slice(next(CALLS) % 50, None)
    return Rows(parts.test.X[rows], parts.test.y[rows])


def repeats_one_row(_spec, _seed):
    return np.ones((60, 2)), reference.labelled(np.ones((60, 2)))[1]


def labels_nothing(spec, seed):
    return reference.cloud(spec, seed)[0], None


def keeps_anomalies_out_of_test(spec, seed):
    train, test = reference.cloud(spec, seed), reference.cloud(spec, seed + 1)
    return Parts(train=Rows(*train), test=Rows(test[0], np.zeros(len(test[0]))))


def tests_on_anomalies_only(spec, seed):
    train, test = reference.cloud(spec, seed), reference.cloud(spec, seed + 1)
    return Parts(train=Rows(*train), test=Rows(test[0], np.ones(len(test[0]))))


def holds_infinity(spec, seed):
    X, y = reference.cloud(spec, seed)
    X[3, 1] = np.inf
    return X, y


def holds_nan(spec, seed):
    X, y = reference.cloud(spec, seed)
    X[3:5, 1] = np.nan
    return X, y


def calls_home(spec, seed):
    socket.create_connection(("example.org", 80))
    return reference.cloud(spec, seed)


def calls_home_in_secret(spec, seed):
    with suppress(OSError), socket.socket(socket.AF_INET) as one:
        one.connect(("192.0.2.1", 80))
    return reference.cloud(spec, seed)


def reads_unverified(spec, _seed):
    content = Path(os.environ["AD_DATA_MIRROR"], spec.files[0].path).read_bytes()
    return reference.labelled(np.random.default_rng(len(content)).normal(size=(60, 2)))


def trips_over_damage(spec, _seed):
    with np.load(Path(os.environ["AD_DATA_MIRROR"], spec.files[0].path)) as arrays:
        return arrays["X"], arrays["y"]


def refuses_every_file(spec, _seed):
    raise IntegrityError(f"{spec.files[0].path} is damaged")


def refuses_without_a_name(spec, seed):
    try:
        return reference.points(spec, seed)
    except IntegrityError:
        raise IntegrityError("a file is damaged") from None


FILE = reference.POINTS.files[0]


def stated(**fields):
    """Return what a spec of generated rows holds, with some of it changed."""
    return evolve(reference.CLOUD, **fields)


def real(**fields):
    """Return what a spec of published rows holds, with some of it changed."""
    return evolve(reference.POINTS, **fields)


def loaded_by(loader, like=reference.CLOUD, **fields):
    """Return a spec with another loader."""
    name = loader.__name__.replace("_", "-")
    return evolve(like, name=name, target=f"broken.datasets:{loader.__name__}", **fields)


def broken(check, spec, message):
    assert isinstance(spec, DatasetSpec)
    return Broken(check=f"dataset_{check}", spec=spec, message=message)


BROKEN = [
    broken(
        "says_whose_it_is",
        stated(licence="Unknown"),
        "expected a licence that says something, got 'Unknown'",
    ),
    broken("says_whose_it_is", stated(citation="n/a"), "expected a citation that says something"),
    broken(
        "says_whose_it_is",
        stated(construction="Some rows."),
        "expected a construction of at least one sentence, got 'Some rows.'",
    ),
    broken(
        "says_whose_it_is",
        real(homepage="example.org"),
        r"expected an http\(s\) URL as homepage of a real set, got 'example.org'",
    ),
    broken(
        "says_whose_it_is",
        real(citation="Somebody, page 12345"),
        "expected a citation of a real set with its year, got 'Somebody, page 12345'",
    ),
    broken(
        "size_is_as_stated", stated(n_samples=61), "n_samples to be 61 as the spec says, got 60"
    ),
    broken("size_is_as_stated", stated(n_features=3), "n_features to be 3 as the spec says, got 2"),
    broken("size_is_as_stated", stated(n_anomalies=0), "n_anomalies to be 0 .*, got 6"),
    broken(
        "files_are_pinned",
        real(files=(FILE, FILE)),
        r"expected a path of its own for each file, got \['points.npz', 'points.npz'\]",
    ),
    broken(
        "files_are_pinned",
        real(files=(evolve(FILE, size=0),)),
        "expected points.npz to hold something, got size 0",
    ),
    broken(
        "files_are_pinned",
        real(files=(evolve(FILE, url="https://example.org/raw/main/points.npz"),)),
        "a URL of one version, which cannot change, got https://example.org/raw/main/points.npz",
    ),
    broken(
        "loads_the_same_again",
        loaded_by(draws_without_seed),
        "expected X of a second load to equal that of the first bit for bit, got",
    ),
    broken(
        "loads_the_same_again",
        loaded_by(draws_from_the_global_generator),
        "expected X of a second load to equal that of the first bit for bit, got",
    ),
    broken(
        "loads_the_same_again",
        loaded_by(relabels_at_each_call, like=reference.BEATS, n_samples=None),
        "expected y of a second load to equal that of the first bit for bit, got",
    ),
    broken(
        "loads_the_same_again",
        loaded_by(labels_every_other_call, like=reference.BEATS, n_samples=None),
        "expected labels at both loads, or at none, got <Dataset",
    ),
    broken(
        "loads_the_same_elsewhere",
        loaded_by(seeds_by_name),
        r"expected train and test with the hashes \['\w{64}', '\w{64}'\] in a new process, too, got \['",
    ),
    broken(
        "is_split_completely",
        loaded_by(shuffles),
        "expected train and test to make up the whole, got .* of 60 rows that are others",
    ),
    broken(
        "is_split_completely",
        loaded_by(turns_the_series, like=reference.BEATS),
        "expected train and test to make up the whole, got .* rows that are others",
    ),
    broken(
        "is_split_completely",
        loaded_by(shuffles_its_start, like=reference.BEATS),
        "expected train and test to make up the whole, got .* rows that are others",
    ),
    broken(
        "is_split_completely",
        loaded_by(labels_at_random, like=reference.BEATS),
        "expected train and test to make up the whole, got .* of 120 rows that are others",
    ),
    broken(
        "is_split_completely",
        loaded_by(loses_a_row_at_each_call, like=reference.BEATS),
        r"expected train and test to make up the whole, got \d+ rows instead of \d+",
    ),
    broken(
        "seed_decides_only_chance",
        loaded_by(ignores_the_seed),
        "expected another seed to generate other rows, got the same rows",
    ),
    broken(
        "seed_decides_only_chance",
        loaded_by(depends_on_the_seed, like=reference.POINTS),
        "expected a set that is not synthetic to have the same rows for every seed, got others",
    ),
    broken(
        "seed_decides_only_chance",
        loaded_by(repeats_one_row, like=reference.POINTS),
        "expected another seed to split a table otherwise, got the same train",
    ),
    broken(
        "test_holds_both_classes",
        loaded_by(labels_nothing),
        "expected labels in the test part, got none",
    ),
    broken(
        "test_holds_both_classes",
        loaded_by(keeps_anomalies_out_of_test),
        "expected anomalies and normal rows in the test part .*, got 0 anomalies in 60 rows",
    ),
    broken(
        "test_holds_both_classes",
        loaded_by(tests_on_anomalies_only),
        "expected anomalies and normal rows in the test part .*, got 60 anomalies in 60 rows",
    ),
    broken("is_finite", loaded_by(holds_infinity), "expected no infinite value, got 1 of them"),
    broken(
        "is_finite",
        loaded_by(holds_nan),
        "expected no NaN unless the construction says 'missing', got 2 of them",
    ),
    broken(
        "leaves_generators_alone",
        loaded_by(seeds_the_global_generators),
        "no global generator to be used or seeded, got another state of Python's and numpy's",
    ),
    broken(
        "uses_no_network",
        loaded_by(calls_home),
        "expected no network to be used with every file at hand, got a call to example.org",
    ),
    broken(
        "uses_no_network",
        loaded_by(calls_home_in_secret),
        "expected no network to be used with every file at hand, got a call to 192.0.2.1",
    ),
    broken(
        "files_are_those_stated",
        real(files=(evolve(FILE, sha256="0" * 64),)),
        "expected points.npz with the size and hash that the spec states, got .* got f6fc",
    ),
    broken(
        "refuses_damaged_files",
        loaded_by(reads_unverified, like=reference.POINTS),
        "expected IntegrityError when one byte of points.npz is another, got no error",
    ),
    broken(
        "refuses_damaged_files",
        loaded_by(trips_over_damage, like=reference.POINTS),
        "expected IntegrityError when one byte of points.npz is another, got BadZipFile",
    ),
    broken(
        "refuses_damaged_files",
        loaded_by(refuses_every_file, like=reference.POINTS),
        "expected no error, got IntegrityError: .* is damaged",
    ),
    broken(
        "refuses_damaged_files",
        loaded_by(refuses_without_a_name, like=reference.POINTS),
        "naming 'points.npz', got the message",
    ),
]
