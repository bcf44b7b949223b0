"""Detectors that take files which they should refuse."""

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import skops.io
from reference import Mahalanobis

from ad_core.errors import SavedDetectorError
from broken import catching

BROKEN = []
caught = catching(BROKEN)


class Careless(Mahalanobis):
    """Makes a detector of some files that should be refused.

    Parameters
    ----------
    shrinkage
        As in `Mahalanobis`.
    """

    takes = staticmethod(lambda path: True)

    @classmethod
    def load(cls, path):
        try:
            return super().load(path)
        except SavedDetectorError:
            if cls.takes(Path(path)):
                return Mahalanobis()
            raise


def is_zip(path):
    return path.is_file() and zipfile.is_zipfile(path)


def starts_with(path, start):
    return path.is_file() and path.read_bytes().startswith(start)


def manifest(path):
    """Return the manifest of a file, or {} where it has none that can be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read("manifest.json"))
    except (KeyError, OSError, ValueError, zipfile.BadZipFile, zipfile.zlib.error):
        return {}
    return found if isinstance(found, dict) else {}


def named(path):
    return manifest(path).get("detector", {}).get("name")


def members(path):
    return (
        {info.filename: info for info in zipfile.ZipFile(path).infolist()} if is_zip(path) else {}
    )


def broken_member(path, name):
    if name not in members(path):
        return False
    try:
        zipfile.ZipFile(path).read(name)
    except (ValueError, zipfile.BadZipFile, zipfile.zlib.error):
        return True
    return False


def longer(path, name):
    stated = manifest(path).get("files", {}).get(name, {})
    return name in members(path) and members(path)[name].file_size > stated.get("size", 1e9)


NO_ERROR = "expected SavedDetectorError when the file {}, got no error"
CARELESS = [
    ("truncated_files_are_refused", "is cut to 0 of .* bytes", lambda path: not path.read_bytes()),
    (
        "truncated_files_are_refused",
        "is cut to 1 of .* bytes",
        lambda path: path.stat().st_size == 1,
    ),
    (
        "truncated_files_are_refused",
        "is cut to 30 of .* bytes",
        lambda path: path.stat().st_size == 30,
    ),
    (
        "truncated_files_are_refused",
        "is cut to [0-9]{4} of .* bytes",
        lambda path: path.stat().st_size > 999,
    ),
    (
        "flipped_bits_are_refused",
        "has a flipped bit in manifest.json",
        lambda path: broken_member(path, "manifest.json"),
    ),
    (
        "flipped_bits_are_refused",
        "has a flipped bit in state.skops",
        lambda path: broken_member(path, "state.skops"),
    ),
    (
        "tampered_files_are_refused",
        "has a newer format version",
        lambda path: manifest(path).get("format_version") == 2,
    ),
    (
        "tampered_files_are_refused",
        "has another decision_threshold in its manifest",
        lambda path: manifest(path).get("format_version") == 1,
    ),
    (
        "tampered_files_are_refused",
        "has another threshold_provenance in its manifest",
        lambda path: manifest(path).get("threshold_provenance") == {"strategy": "manual"},
    ),
    (
        "tampered_files_are_refused",
        "has another params in its manifest",
        lambda path: manifest(path).get("params", {}).get("contamination") == 0.5,
    ),
    (
        "tampered_files_are_refused",
        "has another layout in its manifest",
        lambda path: manifest(path).get("layout") == {"n_features": 999, "names": None},
    ),
    (
        "tampered_files_are_refused",
        "has another detector in its manifest",
        lambda path: named(path) == "no_such_plugin/no_such_detector",
    ),
    (
        "tampered_files_are_refused",
        "has another versions in its manifest",
        lambda path: manifest(path).get("versions", 0) is None,
    ),
    (
        "tampered_files_are_refused",
        "has another format in its manifest",
        lambda path: manifest(path).get("format") == "something else",
    ),
    (
        "tampered_files_are_refused",
        "has another files in its manifest",
        lambda path: manifest(path).get("files") == {},
    ),
    (
        "tampered_files_are_refused",
        "names another class",
        lambda path: manifest(path).get("detector") == {"name": None, "class": "os:system"},
    ),
    (
        "tampered_files_are_refused",
        "has a manifest that is no JSON",
        lambda path: is_zip(path) and zipfile.ZipFile(path).read("manifest.json") == b"{",
    ),
    (
        "tampered_files_are_refused",
        "has a manifest that is a list",
        lambda path: is_zip(path) and zipfile.ZipFile(path).read("manifest.json") == b"[]",
    ),
    (
        "tampered_files_are_refused",
        "has a member that the manifest lacks",
        lambda path: "more" in members(path),
    ),
    (
        "tampered_files_are_refused",
        "lacks manifest.json",
        lambda path: is_zip(path) and "manifest.json" not in members(path),
    ),
    (
        "tampered_files_are_refused",
        "lacks state.skops",
        lambda path: is_zip(path) and "state.skops" not in members(path),
    ),
    (
        "tampered_files_are_refused",
        "has a longer state.skops",
        lambda path: longer(path, "state.skops"),
    ),
    ("other_files_are_refused", "is a table", lambda path: starts_with(path, b"time")),
    ("other_files_are_refused", "is a JSON file", lambda path: starts_with(path, b"{")),
    ("other_files_are_refused", "is a foreign zip file", is_zip),
    ("other_files_are_refused", "is a pickle", lambda path: starts_with(path, b"\x80")),
    ("loading_runs_no_code", "is a pickle with code", lambda path: starts_with(path, b"\x80")),
    ("loading_runs_no_code", "has a pickle with code for state.skops", is_zip),
    (
        "loading_runs_no_code",
        "has a class with code for state.skops",
        lambda path: is_zip(path) and zipfile.ZipFile(path).read("state.skops")[:2] == b"PK",
    ),
    ("another_class_is_refused", "holds another detector", is_zip),
]
for number, (check, what, takes) in enumerate(CARELESS):
    name = f"Takes{number}"
    kind = type(name, (Careless,), {"__module__": __name__, "takes": staticmethod(takes)})
    globals()[name] = caught(check, NO_ERROR.format(what))(kind)

for what, takes in {"a folder": Path.is_dir, "no file": lambda path: not path.exists()}.items():
    name = "Takes" + what.title().replace(" ", "")
    kind = type(name, (Careless,), {"__module__": __name__, "takes": staticmethod(takes)})
    globals()[name] = caught(
        "other_files_are_refused",
        f"expected SavedDetectorError when load gets {what}, got no error",
    )(kind)


@caught("truncated_files_are_refused", "naming 'detector.ad', got the message 'damaged'")
@caught("flipped_bits_are_refused", "naming 'detector.ad', got the message 'damaged'")
@caught("tampered_files_are_refused", "naming 'detector.ad' and 'version 2' and 'version 1', got")
@caught("other_files_are_refused", "naming 'detector.ad', got the message 'damaged'")
@caught(
    "another_class_is_refused", "naming 'detector.ad' and 'Stranger' and 'DoesNotSayWhich', got"
)
class DoesNotSayWhich(Mahalanobis):
    @classmethod
    def load(cls, path):
        try:
            return super().load(path)
        except SavedDetectorError:
            raise SavedDetectorError("damaged") from None


@caught("other_files_are_refused", "is a pickle, naming 'pickle', got the message '.* damaged'")
class DoesNotSayPickle(Mahalanobis):
    @classmethod
    def load(cls, path):
        if starts_with(path, b"\x80"):
            raise SavedDetectorError(f"{path} is damaged")
        return super().load(path)


@caught(
    "other_files_are_refused", "when load gets a folder, naming '/.*', got the message 'damaged'"
)
class DoesNotSayWhichFolder(Mahalanobis):
    @classmethod
    def load(cls, path):
        if not path.is_file():
            raise SavedDetectorError("damaged")
        return super().load(path)


class Opens(Mahalanobis):
    """Reads a part of the file in a way that runs code, and then refuses the file all the same.

    Parameters
    ----------
    shrinkage
        As in `Mahalanobis`.
    """

    @classmethod
    def load(cls, path):
        cls.read(path)
        return super().load(path)


@caught(
    "loading_runs_no_code",
    "expected no code to run when the file is a pickle with code, got it ran",
)
class OpensPickles(Opens):
    @classmethod
    def read(cls, path):
        if starts_with(path, b"\x80"):
            pickle.loads(path.read_bytes())


@caught("loading_runs_no_code", "no code to run when the file has a pickle with code for state.sk")
class OpensThePickledState(Opens):
    """Opens a pickle of which the manifest states the size.

    Parameters
    ----------
    shrinkage
        As in `Mahalanobis`.
    """

    @classmethod
    def read(cls, path):
        state = zipfile.ZipFile(path).read("state.skops") if is_zip(path) else b""
        if (
            state.startswith(b"\x80")
            and len(state) == manifest(path)["files"]["state.skops"]["size"]
        ):
            pickle.loads(state)


@caught("loading_runs_no_code", "no code to run when the file has a class with code for state.sko")
class TrustsEverything(Opens):
    @classmethod
    def read(cls, path):
        state = zipfile.ZipFile(path).read("state.skops") if is_zip(path) else b""
        if state.startswith(b"PK"):
            skops.io.loads(state, trusted=skops.io.get_untrusted_types(data=state))


@caught("loading_runs_no_code", "no code to run when the file has a pickle with code for parts/0/m")
class PicklesItsMean(Mahalanobis):
    def _write_state(self):
        attributes, files = super()._write_state()
        files["mean.pickle"] = pickle.dumps(attributes.pop("mean_"))
        return attributes, files

    def _read_state(self, attributes, files):
        super()._read_state(attributes, files)
        self.mean_ = np.asarray(pickle.loads(files["mean.pickle"]).tolist())
