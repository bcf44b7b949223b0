"""Copies, pickles and saved files give the same scores."""

import copy
import hashlib
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.checks.errors import ARRAYS, framed
from ad_contracts.checks.params import same
from ad_contracts.expect import expect, expect_error, expect_same
from ad_core.detector import BaseDetector
from ad_core.errors import NotFittedError, SavedDetectorError
from ad_core.spec import Capability

__all__ = [
    "another_class_is_refused",
    "column_names_are_saved",
    "copies_are_independent",
    "copies_score_alike",
    "failed_save_leaves_no_trace",
    "flipped_bits_are_refused",
    "loaded_detectors_live_on",
    "loading_runs_no_code",
    "loads_in_a_new_process",
    "other_files_are_refused",
    "saved_and_loaded_is_the_same",
    "saving_again_replaces_the_file",
    "set_threshold_is_saved",
    "tampered_files_are_refused",
    "truncated_files_are_refused",
    "unfitted_copies_fit_alike",
]

_SAVED = frozenset({Capability.SERIALIZABLE})

COPIERS: dict[str, Callable[[Any], Any]] = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "a pickle": lambda detector: pickle.loads(pickle.dumps(detector)),  # noqa: S301 - our own
}


@check()
def copies_score_alike(subject: DetectorSubject, sample: Sample) -> None:
    """Copies and pickles of a fitted detector have its scores, threshold and arguments."""
    fitted = subject.fitted(sample)
    for how, made in COPIERS.items():
        twin = made(fitted)
        what = f"the scores of {how}"
        expect_same(twin.score_samples(sample.X_test), scores(subject, sample), what, "its own")
        expect_alike(twin, fitted, f"after {how}")


@check()
def unfitted_copies_fit_alike(subject: DetectorSubject, sample: Sample) -> None:
    """Copies and pickles of an unfitted detector are unfitted, have its arguments and fit alike."""
    detector = subject.make()
    for how, made in COPIERS.items():
        twin = made(detector)
        expect(not twin.is_fitted, f"an unfitted detector after {how}", "a fitted one")
        expect(repr(twin) == repr(detector), f"{detector!r} after {how}", repr(twin))
        detector = twin
    found = detector.fit(sample.X_train, sample.y_train).score_samples(sample.X_test)
    expect_same(found, scores(subject, sample), "the scores of a fitted copy", "the usual ones")


@check()
def copies_are_independent(subject: DetectorSubject, sample: Sample) -> None:
    """A deep copy that is fitted on other data leaves the original as it was."""
    fitted = subject.fitted(sample)
    before, limit = fitted.score_samples(sample.X_test), fitted.decision_threshold
    twin = copy.deepcopy(fitted).fit(sample.X_test, sample.y_test)
    twin.decision_threshold = limit + 1
    after = fitted.score_samples(sample.X_test)
    expect_same(after, before, "the scores of the original after its copy's fit", "those before")
    expect(fitted.decision_threshold == limit, f"a threshold of {limit}", fitted.decision_threshold)


@check(needs=_SAVED)
def saved_and_loaded_is_the_same(subject: DetectorSubject, sample: Sample) -> None:
    """Save and load give the same scores bit for bit, threshold, provenance and arguments."""
    fitted, loaded = subject.fitted(sample), load(subject, saved(subject, sample))
    found = loaded.score_samples(sample.X_test)
    expect_same(found, scores(subject, sample), "the scores of a loaded detector", "those of it")
    expect_alike(loaded, fitted, "after save and load")


@check(needs=_SAVED)
def loads_in_a_new_process(subject: DetectorSubject, sample: Sample) -> None:
    """A detector that is saved here has the same scores bit for bit in a new process."""
    found = subject.afresh(sample).loaded_scores
    assert found is not None  # it declares that it can be saved
    what = "the scores of a detector that a new process loaded"
    expect_same(found, scores(subject, sample), what, "those here")


@check(needs=_SAVED, data=ARRAYS)
def column_names_are_saved(subject: DetectorSubject, sample: Sample) -> None:
    """A loaded detector knows its column names, and puts columns in order by them."""
    fitted, frame = subject.fitted(framed(sample)), framed(sample).X_test
    loaded = load(subject, saved(subject, framed(sample)))
    names = list(loaded.feature_names_in_)
    expect(names == frame.columns, f"feature_names_in_ to be {frame.columns} after load", names)
    expect_same(
        loaded.score_samples(frame[frame.columns[::-1]]),
        fitted.score_samples(frame),
        "a loaded detector's scores of a frame in another order",
        "those of the saved one",
    )


@check(needs=_SAVED)
def set_threshold_is_saved(subject: DetectorSubject, sample: Sample) -> None:
    """A threshold that was set by hand, an infinite one too, comes back from a file as it was."""
    detector = copy.deepcopy(subject.fitted(sample))
    for limit in (detector.decision_threshold + 0.1, np.inf):
        detector.decision_threshold = limit
        loaded = load(subject, file_of(detector))
        found = (loaded.decision_threshold, loaded.threshold_provenance)
        wanted = (limit, detector.threshold_provenance)
        expect(found == wanted, f"the threshold and provenance {wanted} after load", found)


@check(needs=_SAVED)
def loaded_detectors_live_on(subject: DetectorSubject, sample: Sample) -> None:
    """A loaded detector can be saved, pickled, cloned and fitted again, with the same scores."""
    loaded = load(subject, saved(subject, sample))
    later = {
        "saved and loaded again": load(subject, file_of(loaded)),
        "pickled": COPIERS["a pickle"](loaded),
        "cloned and fitted": loaded.clone().fit(sample.X_train, sample.y_train),
        "fitted again": loaded.fit(sample.X_train, sample.y_train),
    }
    for how, detector in later.items():
        found = detector.score_samples(sample.X_test)
        expect_same(found, scores(subject, sample), f"the scores of a loaded one {how}", "its own")


@check(needs=_SAVED)
def saving_again_replaces_the_file(subject: DetectorSubject, sample: Sample) -> None:
    """A second save replaces the first, loads the same, and changes nothing in the detector."""
    detector = copy.deepcopy(subject.fitted(sample))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "detector.ad"
        path.write_bytes(b"what was here before")
        for _ in range(2):
            detector.save(path)
        names = sorted(file.name for file in Path(folder).iterdir())
        expect(names == [path.name], f"only {path.name} in the folder", names)
        again = load(subject, path.read_bytes())
    for what, one in {"detector after save": detector, "second file": again}.items():
        found = one.score_samples(sample.X_test)
        expect_same(found, scores(subject, sample), f"the scores of the {what}", "those before")


@check(needs=_SAVED)
def failed_save_leaves_no_trace(subject: DetectorSubject, sample: Sample) -> None:
    """A save that cannot be done is an error that names the path, and leaves what was there."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "detector.ad"
        path.write_bytes(b"what was here before")
        nowhere = Path(folder) / "nowhere" / "detector.ad"
        save = partial(subject.fitted(sample).save, nowhere)
        expect_error(SavedDetectorError, save, when="save has no folder", naming=(str(nowhere),))
        save = partial(subject.fitted(sample).save, Path(folder))
        expect_error(SavedDetectorError, save, when="save names a folder", naming=(folder,))
        expect_error(NotFittedError, partial(subject.make().save, path), when="save comes early")
        names = sorted(str(file.relative_to(folder)) for file in Path(folder).rglob("*"))
        expect(names == [path.name], f"only {path.name} in the folder", names)
        left = path.read_bytes()
        expect(left == b"what was here before", "the file as it was before", f"{len(left)} bytes")


@check(needs=_SAVED)
def truncated_files_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A file that is cut anywhere, or is empty, is a SavedDetectorError that names it."""
    data = saved(subject, sample)
    for length in (0, 1, 30, len(data) // 4, len(data) // 2, len(data) - 30, len(data) - 1):
        expect_refused(subject, data[:length], f"is cut to {length} of {len(data)} bytes")


@check(needs=_SAVED)
def flipped_bits_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A file in which one bit of a member is flipped is a SavedDetectorError that names it."""
    data = saved(subject, sample)
    for member, position in middles(data):
        expect_refused(subject, flipped(data, position), f"has a flipped bit in {member}")


@check(needs=_SAVED)
def tampered_files_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A file whose manifest and content disagree, or of another version, is refused by name."""
    data = saved(subject, sample)
    version = json.loads(members_of(data)["manifest.json"])["format_version"]
    newer = with_manifest(data, format_version=version + 1)
    words = (f"version {version + 1}", f"version {version}")
    expect_refused(subject, newer, "has a newer format version", naming=words)
    for what, tampered in tamperings(data):
        expect_refused(subject, tampered, what)


@check(needs=_SAVED)
def other_files_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """Text, a foreign zip file, a pickle, a folder or no file at all is refused by name."""
    archive = io.BytesIO()
    np.savez(archive, scores=scores(subject, sample))
    expect_refused(subject, b"time,value\n1,2\n", "is a table")
    expect_refused(subject, b'{"format": "ad-detector"}', "is a JSON file")
    expect_refused(subject, archive.getvalue(), "is a foreign zip file")
    expect_refused(subject, pickle.dumps(subject.fitted(sample)), "is a pickle", naming=("pickle",))
    with TemporaryDirectory() as folder:
        for path in (Path(folder), Path(folder) / "nothing"):
            call = partial(type(subject.make()).load, path)
            when = f"load gets {'a folder' if path.is_dir() else 'no file'}"
            expect_error(SavedDetectorError, call, when=when, naming=(str(path),))


@check(needs=_SAVED)
def loading_runs_no_code(subject: DetectorSubject, sample: Sample) -> None:
    """Loading never runs code that a file brings: planted pickles and classes stay closed."""
    with TemporaryDirectory() as folder:
        marker = Path(folder) / "it ran"
        for what, planted in plants(saved(subject, sample), Trap(marker)):
            expect_refused(subject, planted, what)
            expect(not marker.exists(), f"no code to run when the file {what}", "it ran")


@check(needs=_SAVED)
def another_class_is_refused(subject: DetectorSubject) -> None:
    """A file that another class of detector wrote is refused, with both classes in the message."""
    other = file_of(Stranger().fit([[0.0], [1.0]]))
    kind = type(subject.make()).__name__
    expect_refused(subject, other, "holds another detector", naming=("Stranger", kind))


# -- what is compared ------------------------------------------------------------------------------


def scores(subject: DetectorSubject, sample: Sample) -> NDArray[np.float64]:
    """Return the scores of the fitted detector."""
    return subject.fitted(sample).score_samples(sample.X_test)


def expect_alike(twin: BaseDetector, detector: BaseDetector, when: str) -> None:
    """Require the same class, arguments, columns, threshold and provenance."""
    parts: dict[str, Callable[[BaseDetector], Any]] = {
        "class": type,
        "arguments": BaseDetector.get_params,
        "n_features_in_": lambda one: one.n_features_in_,
        "threshold": lambda one: one.decision_threshold,
        "threshold provenance": lambda one: one.threshold_provenance,
    }
    for what, part in parts.items():
        wanted, found = part(detector), part(twin)
        expect(same(found, wanted), f"the {what} {wanted!r} {when}", repr(found))


# -- files -----------------------------------------------------------------------------------------


class Stranger(BaseDetector):
    """A detector that is none of those under test."""

    def _fit(self, X: Any, y: Any) -> None:
        """Learn nothing."""

    def _score(self, X: Any) -> NDArray[np.float64]:
        return np.zeros(len(X))


class Trap:
    """An object that leaves a file behind when it is brought back to life."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __getstate__(self) -> dict[str, str]:
        return {"marker": self.marker}

    def __setstate__(self, state: dict[str, str]) -> None:
        Path(state["marker"]).touch()


def file_of(detector: BaseDetector) -> bytes:
    """Return what `save` writes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "detector.ad"
        detector.save(path)
        return path.read_bytes()


@lru_cache(maxsize=4)
def saved(subject: DetectorSubject, sample: Sample) -> bytes:
    """Return the file of the fitted detector, written once."""
    return file_of(subject.fitted(sample))


def load(subject: DetectorSubject, data: bytes) -> BaseDetector:
    """Load a file through the subject's class."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "detector.ad"
        path.write_bytes(data)
        return type(subject.make()).load(path)


def expect_refused(
    subject: DetectorSubject, data: bytes, what: str, *, naming: tuple[str, ...] = ()
) -> None:
    """Require a SavedDetectorError that names the file and some words."""
    call, words = partial(load, subject, data), ("detector.ad", *naming)
    expect_error(SavedDetectorError, call, when=f"the file {what}", naming=words)


def members_of(data: bytes) -> dict[str, bytes]:
    """Return the members of a saved detector by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    """Return a file with these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def middles(data: bytes) -> Iterator[tuple[str, int]]:
    """Return three positions inside each member's own bytes, with its name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            lengths = struct.unpack("<HH", data[info.header_offset + 26 : info.header_offset + 30])
            start = info.header_offset + 30 + sum(lengths)
            for quarter in (1, 2, 3):
                yield info.filename, start + info.compress_size * quarter // 4


def flipped(data: bytes, position: int) -> bytes:
    """Return a copy in which the fifth bit of one byte is another."""
    return data[:position] + bytes([data[position] ^ 0x10]) + data[position + 1 :]


def with_manifest(data: bytes, **changes: Any) -> bytes:
    """Return the file with some entries of its manifest replaced."""
    members = members_of(data)
    manifest = {**json.loads(members["manifest.json"]), **changes}
    return packed({**members, "manifest.json": json.dumps(manifest).encode()})


def tamperings(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Return files that are not as they were saved, with what was done to each."""
    members = members_of(data)
    manifest = json.loads(members["manifest.json"])
    changes: dict[str, Any] = {
        "decision_threshold": (manifest["decision_threshold"] or 0) + 1,
        "threshold_provenance": {"strategy": "manual"},
        "params": {**manifest["params"], "contamination": 0.5},
        "layout": {"n_features": 999, "names": None},
        "detector": {**manifest["detector"], "name": "no_such_plugin/no_such_detector"},
        "versions": None,
        "format": "something else",
        "files": {},
    }
    for part, value in changes.items():
        yield f"has another {part} in its manifest", with_manifest(data, **{part: value})
    yield "names another class", with_manifest(data, detector={"name": None, "class": "os:system"})
    yield "has a manifest that is no JSON", packed({**members, "manifest.json": b"{"})
    yield "has a manifest that is a list", packed({**members, "manifest.json": b"[]"})
    yield "has a member that the manifest lacks", packed({**members, "more": b"more"})
    for name in members:
        others = {other: content for other, content in members.items() if other != name}
        yield f"lacks {name}", packed(others)
        yield f"has a longer {name}", packed({**members, name: members[name] + b"\0"})


def plants(data: bytes, trap: Trap) -> Iterator[tuple[str, bytes]]:
    """Return files with code in them, and hashes that agree, with the place where it is."""
    import skops.io

    yield "is a pickle with code", pickle.dumps(trap)
    files = json.loads(members_of(data)["manifest.json"])["files"]
    for name in files:
        codes = {"a pickle": pickle.dumps(trap), "a class": skops.io.dumps({"attributes": trap})}
        for what, code in codes.items():
            digest = {"sha256": hashlib.sha256(code).hexdigest(), "size": len(code)}
            stated = with_manifest(data, files={**files, name: digest})
            yield f"has {what} with code for {name}", packed({**members_of(stated), name: code})
