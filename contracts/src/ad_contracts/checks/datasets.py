"""A data set is the same everywhere, and it is said whose it is."""

import os
import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np

from ad_contracts import DatasetSubject, check
from ad_contracts._fresh import run_elsewhere
from ad_contracts._subject import not_at_hand
from ad_contracts.checks.effects import moved_generators
from ad_contracts.expect import NotHere, expect, expect_error, expect_same, violation
from ad_core.data import MIRROR_VARIABLE, Dataset, Parts, find_file, needed_files
from ad_core.errors import IntegrityError
from ad_core.load import import_target
from ad_core.spec import DataKind, DatasetSpec, PinnedFile

__all__ = [
    "dataset_files_are_pinned",
    "dataset_files_are_those_stated",
    "dataset_is_finite",
    "dataset_is_split_completely",
    "dataset_leaves_generators_alone",
    "dataset_loads_the_same_again",
    "dataset_loads_the_same_elsewhere",
    "dataset_refuses_damaged_files",
    "dataset_says_whose_it_is",
    "dataset_seed_decides_only_chance",
    "dataset_size_is_as_stated",
    "dataset_test_holds_both_classes",
    "dataset_uses_no_network",
]

LARGEST = 3_000_000
"""Most values of a set that is loaded many times; a larger one is loaded for two checks only."""
VAGUE = {"", "-", "?", "n/a", "na", "none", "tbd", "todo", "unknown", "unspecified"}


def small(spec: DatasetSpec) -> bool:
    """Whether a set is small enough to be loaded many times."""
    return (spec.n_samples or 0) * (spec.n_features or 1) <= LARGEST


def small_file_based(spec: DatasetSpec) -> bool:
    """Whether a small set reads files."""
    return bool(spec.files) and small(spec)


def made_here(spec: DatasetSpec) -> bool:
    """Whether a small set is generated: what its process is like could matter."""
    return spec.synthetic and small(spec)


# -- what a spec says ---------------------------------------------------------------------------


def has_files(spec: DatasetSpec) -> bool:
    """Tell whether the set is downloaded."""
    return bool(spec.files)


def may_have_anomalies(spec: DatasetSpec) -> bool:
    """Tell whether the spec leaves room for anomalies."""
    return spec.n_anomalies != 0


@check(of=DatasetSpec)
def dataset_says_whose_it_is(subject: DatasetSubject) -> None:
    """Citation, licence and construction say something; a real set has a homepage and a year."""
    spec = subject.spec
    for name in ("citation", "licence"):
        text = getattr(spec, name)
        expect(text.strip(" .").lower() not in VAGUE, f"a {name} that says something", repr(text))
    words = len(spec.construction.split())
    expect(words >= 5, "a construction of at least one sentence", repr(spec.construction))
    if not spec.synthetic:
        url = spec.homepage
        expect(re.match(r"https?://\w", url), "an http(s) URL as homepage of a real set", repr(url))
        year = re.search(r"\b(18|19|20)\d\d\b", spec.citation)
        expect(year, "a citation of a real set with its year", repr(spec.citation))


@check(of=DatasetSpec)
def dataset_size_is_as_stated(subject: DatasetSubject) -> None:
    """Rows, columns and anomalies are as many as the spec says."""
    parts = [subject.loaded("train"), subject.loaded("test")]
    found = {
        "n_samples": sum(part.n_samples for part in parts),
        "n_features": parts[1].n_features,
        "n_anomalies": sum(part.n_anomalies or 0 for part in parts),
    }
    for name, value in found.items():
        stated = getattr(subject.spec, name)
        expect(stated in (None, value), f"{name} to be {stated} as the spec says", value)


@check(of=DatasetSpec, when=has_files)
def dataset_files_are_pinned(subject: DatasetSubject) -> None:
    """Files have different paths, are not empty, and come from URLs that do not move."""
    paths = [file.path for file in subject.spec.files]
    expect(len(set(paths)) == len(paths), "a path of its own for each file", paths)
    for file in subject.spec.files:
        expect(file.size != 0, f"{file.path} to hold something", "size 0")
        moving = re.search(r"/(HEAD|latest|main|master)/", file.url)
        expect(not moving, "a URL of one version, which cannot change", file.url)


# -- what is loaded -----------------------------------------------------------------------------


@check(of=DatasetSpec, when=small)
def dataset_loads_the_same_again(subject: DatasetSubject) -> None:
    """A second load gives the same values, whatever was done with the first."""
    first = subject.load("test")
    X, y = first.X.copy(), None if first.y is None else first.y.copy()
    spoil(first)
    again = subject.load("test")
    expect_same(again.X, X, "X of a second load", "that of the first")
    expect((again.y is None) == (y is None), "labels at both loads, or at none", again)
    if y is not None and again.y is not None:
        expect_same(again.y, y, "y of a second load", "that of the first")


@check(of=DatasetSpec, when=made_here)
def dataset_loads_the_same_elsewhere(subject: DatasetSubject) -> None:
    """A new process generates the same values."""
    here = [subject.loaded(split).sha256 for split in ("train", "test")]
    there = hashes_elsewhere(subject.spec)
    expect(here == there, f"train and test with the hashes {here} in a new process, too", there)


@check(of=DatasetSpec, when=small)
def dataset_is_split_completely(subject: DatasetSubject) -> None:
    """Train and test share no row and make up the whole; a series goes on in test."""
    train, test = subject.loaded("train"), subject.loaded("test")
    if (train.y is None) == (test.y is None):  # otherwise there is no whole
        whole = subject.load("all")
        listed = in_order if subject.spec.data is DataKind.TIMESERIES else sorted_rows
        differ = differences(listed(train, test), listed(whole))
        expect(not differ, "train and test to make up the whole", differ)


@check(of=DatasetSpec, when=small)
def dataset_seed_decides_only_chance(subject: DatasetSubject) -> None:
    """The seed draws the rows of a generated set and splits a table; it changes nothing else."""
    train, test = subject.loaded("train"), subject.loaded("test")
    other_train, other_test = subject.load("train", seed=7), subject.load("test", seed=7)
    same_rows = np.array_equal(sorted_rows(train, test), sorted_rows(other_train, other_test))
    if subject.spec.synthetic:
        expect(not same_rows, "another seed to generate other rows", "the same rows")
    else:
        expect(
            same_rows, "a set that is not synthetic to have the same rows for every seed", "others"
        )
        if subject.spec.data is DataKind.TABULAR and not has_own_split(subject.spec):
            same_train = np.array_equal(train.X, other_train.X)
            expect(not same_train, "another seed to split a table otherwise", "the same train")


@check(of=DatasetSpec, when=may_have_anomalies)
def dataset_test_holds_both_classes(subject: DatasetSubject) -> None:
    """The test part has labels, with anomalies unless the spec states that there are none."""
    test = subject.loaded("test")
    expect(test.y is not None, "labels in the test part", "none")
    expect(
        test.n_anomalies not in (0, test.n_samples),
        "anomalies and normal rows in the test part (n_anomalies=0 where there are none)",
        f"{test.n_anomalies} anomalies in {test.n_samples} rows",
    )


@check(of=DatasetSpec, data={DataKind.TABULAR, DataKind.TIMESERIES}, when=small)
def dataset_is_finite(subject: DatasetSubject) -> None:
    """Values are finite, or the construction says that some are missing."""
    X = np.vstack([subject.loaded("train").X, subject.loaded("test").X])
    infinite, missing = int(np.isinf(X).sum()), int(np.isnan(X).sum())
    expect(infinite == 0, "no infinite value", f"{infinite} of them")
    said = re.search(r"\b(missing|NaN)\b", subject.spec.construction)
    expect(
        missing == 0 or said, "no NaN unless the construction says 'missing'", f"{missing} of them"
    )


# -- how it is loaded ---------------------------------------------------------------------------


@check(of=DatasetSpec, when=small)
def dataset_leaves_generators_alone(subject: DatasetSubject) -> None:
    """Loading neither uses nor seeds the global generators of Python, numpy and torch."""
    moved = moved_generators(lambda: subject.load("test"))
    expect(not moved, "no global generator to be used or seeded", f"another state of {moved}")


@check(of=DatasetSpec, when=small)
def dataset_uses_no_network(subject: DatasetSubject) -> None:
    """With its files at hand, or without any, a set is loaded without a network."""
    subject.loaded("test")  # a load refuses every connection


@check(of=DatasetSpec, when=small_file_based)
def dataset_files_are_those_stated(subject: DatasetSubject) -> None:
    """Each file at hand has the size and the hash that the spec states."""
    for file in needed_files(subject.spec):
        at_hand(file)


@check(of=DatasetSpec, when=small_file_based)
def dataset_refuses_damaged_files(subject: DatasetSubject) -> None:
    """A file of which one byte is another is an IntegrityError that names it."""
    subject.loaded("test")
    for file in needed_files(subject.spec):
        with damaged(subject.spec, file):
            expect_error(
                IntegrityError,
                lambda: subject.load("test"),
                when=f"one byte of {file.path} is another",
                naming=(file.path,),
            )


# -- helpers ------------------------------------------------------------------------------------


def spoil(dataset: Dataset) -> None:
    """Overwrite the arrays that a caller got."""
    for array in (dataset.X, dataset.y):
        if array is not None:
            array.flags.writeable = True
            array[...] = 0


def hashes_elsewhere(spec: DatasetSpec) -> list[str]:
    """Return the hashes of train and test in a new process."""
    with TemporaryDirectory() as folder:
        Path(folder, "spec.pickle").write_bytes(pickle.dumps(spec))
        run_elsewhere(_CHILD, Path(folder))
        return Path(folder, "hashes.txt").read_text().split()


_CHILD = """
import pickle
from ad_contracts import DatasetSubject
with open("spec.pickle", "rb") as file:
    subject = DatasetSubject(pickle.load(file))
with open("hashes.txt", "w") as file:
    print(subject.load("train").sha256, subject.load("test").sha256, file=file)
"""


def in_order(*parts: Dataset) -> Any:
    """Return the bytes of each row with its label (-1 without labels), to compare."""
    tables = []
    for part in parts:
        labels = np.full(len(part.X), -1) if part.y is None else part.y
        tables.append(np.c_[part.X.reshape(len(part.X), -1), labels])
    table = np.ascontiguousarray(np.concatenate(tables))
    return table.view(np.dtype((np.void, table[:1].nbytes))).ravel()


def sorted_rows(*parts: Dataset) -> Any:
    """Return `in_order`, in an order that does not depend on how the rows came."""
    return np.sort(in_order(*parts))


def differences(rows: Any, wanted: Any) -> str:
    """Say how rows differ from those wanted; empty where they do not."""
    if len(rows) != len(wanted):
        return f"{len(rows)} rows instead of {len(wanted)}"
    count = int((rows != wanted).sum())
    return f"{count} of {len(wanted)} rows that are others" if count else ""


def has_own_split(spec: DatasetSpec) -> bool:
    """Whether the loader splits the set itself."""
    return isinstance(import_target(spec.target)(spec, 42, **spec.params), Parts)


def at_hand(file: PinnedFile) -> Path:
    """Return the verified local copy of a file; without one, the case is skipped."""
    try:
        path = find_file(file)
    except IntegrityError as error:
        raise violation(
            f"{file.path} with the size and hash that the spec states", error
        ) from error
    if path is None:
        raise NotHere(not_at_hand(file.path))
    return path


@contextmanager
def damaged(spec: DatasetSpec, one: PinnedFile) -> Iterator[None]:
    """Let the mirror folder be a copy with one byte of one file changed."""
    with TemporaryDirectory() as name:
        for file in needed_files(spec):
            content = bytearray(at_hand(file).read_bytes())
            if file == one:
                content[len(content) // 2] ^= 1
            copy = Path(name, file.path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
        with patch.dict(os.environ, {MIRROR_VARIABLE: name}):
            yield
