"""Saved detectors: one zip file with a JSON manifest and weights that run no code.

==================  ==========================================================
``manifest.json``   format version, detector, class, arguments, layout,
                    library versions, and the sha256 of every other member
``state.skops``     arguments and fitted state (skops: data, not pickle)
``parts/<n>/…``     what detector number n keeps in a format of its own
==================  ==========================================================

A detector that keeps its weights in another format overrides
`BaseDetector._write_state` and `BaseDetector._read_state`: what it returns as
bytes by name becomes a member of the file, below a folder of its own, and comes
back under the same name. Detectors inside other detectors do so too.
"""

import hashlib
import io
import json
import sys
import zipfile
import zlib
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, cast

from attrs import asdict

from ad_core.detector._base import BaseDetector
from ad_core.detector._inputs import Layout
from ad_core.detector._manifest import (
    check_shape,
    compare_contents,
    compare_versions,
    contents,
    distribution_of,
    identity_of,
    library_versions,
)
from ad_core.detector._quiet import quiet
from ad_core.errors import AdError, SavedDetectorError
from ad_core.files import atomic_write
from ad_core.load import import_target, require_available
from ad_core.registry import get_registry

__all__ = ["load_as", "load_detector", "save_detector"]

FORMAT = "ad-detector"
FORMAT_VERSION = 1

_DETECTOR = "__ad_detector__"
_TRUSTED_PACKAGES = frozenset({"ad_core", "sklearn", "numpy", "scipy"})

DetectorT = TypeVar("DetectorT", bound=BaseDetector)


def save_detector(detector: BaseDetector, path: str | PathLike[str]) -> None:
    """Write a fitted detector to `path`; see `BaseDetector.save`."""
    detector._check_fitted("save")
    members: dict[str, bytes] = {}
    members["state.skops"] = _dump(_state_of(detector, members))
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        **contents(detector),
        "distribution": distribution_of(detector),
        "versions": library_versions(detector),
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for name, data in members.items()
        },
    }
    members["manifest.json"] = json.dumps(manifest, indent=2, allow_nan=False).encode()
    try:
        with atomic_write(Path(path)) as stream, zipfile.ZipFile(stream, "w") as archive:
            for name in sorted(members):
                archive.writestr(zipfile.ZipInfo(name), members[name], zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise SavedDetectorError(
            f"cannot write {path}: {error.strerror or error}; nothing was left behind"
        ) from error


def load_detector(path: str | PathLike[str], *, trust: bool = False) -> BaseDetector:
    """Read a saved detector.

    Parameters
    ----------
    path
        A file that `BaseDetector.save` wrote.
    trust
        Also read a pickled detector. A pickle runs whatever code it holds: set
        this for files only that you wrote yourself.

    Raises
    ------
    SavedDetectorError
        The file is missing, damaged, not a saved detector, or of another format.
    BackendMissingError
        The detector's library is not installed.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise SavedDetectorError(f"cannot read {path}: {error.strerror or error}") from error
    if not data.startswith(b"PK"):
        return _load_foreign(data, path, trust=trust)
    manifest, members = _read_members(data, path)
    _require_plugin(manifest, path)
    try:
        with quiet():
            state = _load(members["state.skops"], _packages(manifest["detector"]))
        detector = _revive(state, members)
    except SavedDetectorError as error:
        raise SavedDetectorError(f"{path}: {error}") from error
    except AdError:
        raise
    except Exception as error:
        raise SavedDetectorError(
            f"{path} is damaged: {type(error).__name__}: {error}; fit and save the detector again"
        ) from error
    compare_contents(manifest, detector, path)
    compare_versions(manifest["versions"], library_versions(detector), path)
    return detector


def _require_plugin(manifest: dict[str, Any], path: Any) -> None:
    name = manifest["detector"]["name"]
    if name is not None and name not in get_registry().detectors:
        origin = manifest.get("distribution") or f"the plugin {name.partition('/')[0]!r}"
        raise SavedDetectorError(
            f"{path} holds {name}, which no installed plugin registers; install {origin}"
        )


def load_as(kind: type[DetectorT], path: str | PathLike[str]) -> DetectorT:
    """Read a saved detector and check that it is a `kind`."""
    detector = load_detector(path)
    if not isinstance(detector, kind):
        raise SavedDetectorError(f"{path} holds a {detector.name}, not a {kind.__name__}")
    return detector


def _read_members(data: bytes, path: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, zlib.error) as error:
        raise SavedDetectorError(
            f"{path} is damaged or truncated ({error}); fit and save the detector again"
        ) from error
    try:
        manifest = json.loads(members.pop("manifest.json"))
        if manifest["format"] != FORMAT:
            raise KeyError(FORMAT)
        if manifest["format_version"] == FORMAT_VERSION:
            check_shape(manifest)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SavedDetectorError(
            f"{path} is not a saved detector (no manifest); give a file that save() wrote"
        ) from error
    if manifest["format_version"] != FORMAT_VERSION:
        raise SavedDetectorError(
            f"{path} has format version {manifest['format_version']!r}, this ad-core reads "
            f"version {FORMAT_VERSION}; load it with the ad-core that wrote it"
        )
    _check_hashes(manifest, members, path)
    return manifest, members


def _check_hashes(manifest: dict[str, Any], members: dict[str, bytes], path: Any) -> None:
    stated = manifest["files"]
    if {*stated} != {*members} or "state.skops" not in members:
        raise SavedDetectorError(
            f"{path} is damaged: it holds {sorted(members)}, not {sorted(stated)}"
        )
    for name, data in members.items():
        if hashlib.sha256(data).hexdigest() != stated[name]["sha256"]:
            raise SavedDetectorError(
                f"{path} is damaged: {name} does not have the stated sha256; "
                "fit and save the detector again"
            )


def _load_foreign(data: bytes, path: Any, *, trust: bool) -> BaseDetector:
    if data[:1] != b"\x80":
        raise SavedDetectorError(
            f"{path} is not a saved detector or is damaged; give a file that save() wrote"
        )
    if not trust:
        raise SavedDetectorError(
            f"{path} is a pickle, which can run any code when it is read; if you wrote it "
            "yourself: load_detector(path, trust=True)"
        )
    import pickle

    detector = pickle.loads(data)  # noqa: S301 - the caller vouched for the file
    if not isinstance(detector, BaseDetector):
        raise SavedDetectorError(f"{path} holds a {type(detector).__name__}, not a detector")
    return detector


# -- state <-> plain containers ----------------------------------------------------------------


def _state_of(detector: BaseDetector, members: dict[str, bytes]) -> dict[str, Any]:
    """Return a detector as plain containers; what it writes as bytes is added to `members`."""
    attributes, own = detector._write_state()
    folder = None
    if own:
        folder = f"parts/{len({name.split('/')[1] for name in members})}/"
        members.update({folder + name: data for name, data in own.items()})
    layout = asdict(detector._layout) if detector.is_fitted else None
    return {
        _DETECTOR: identity_of(detector),
        "attributes": {name: _encode(value, members) for name, value in attributes.items()},
        "layout": layout,
        "folder": folder,
    }


def _encode(value: Any, members: dict[str, bytes]) -> Any:
    """Replace detectors inside plain containers by what `_revive` understands."""
    if isinstance(value, BaseDetector):
        return _state_of(value, members)
    if isinstance(value, dict):
        return {key: _encode(item, members) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_encode(item, members) for item in value)
    return value


def _decode(value: Any, members: dict[str, bytes]) -> Any:
    if isinstance(value, dict):
        if _DETECTOR in value:
            return _revive(value, members)
        return {key: _decode(item, members) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_decode(item, members) for item in value)
    return value


def _revive(state: dict[str, Any], members: dict[str, bytes]) -> BaseDetector:
    identity = state[_DETECTOR]
    cls = _detector_class(identity)
    detector = cls.__new__(cls)
    if identity["name"] is not None:
        detector._spec = get_registry().detectors.get(identity["name"]).spec
    folder = state["folder"]
    own = {
        name.removeprefix(folder): data
        for name, data in members.items()
        if folder is not None and name.startswith(folder)
    }
    attributes = {name: _decode(value, members) for name, value in state["attributes"].items()}
    detector._read_state(attributes, own)
    layout = state["layout"]
    if layout is not None:
        names = layout["names"]
        detector._layout = Layout(layout["n_features"], None if names is None else tuple(names))
    return detector


def _detector_class(identity: dict[str, Any]) -> type[BaseDetector]:
    target = identity["class"]
    if identity["name"] is not None:
        spec = get_registry().detectors.get(identity["name"]).spec
        require_available(spec)
        target = spec.adapter or spec.target
    elif target.partition(":")[0] not in sys.modules:
        # Importing whatever a file names would run code that the file chose.
        raise SavedDetectorError(
            f"the file holds a {target}, which no plugin registers; import it first, then load"
        )
    cls = import_target(target)
    if not (isinstance(cls, type) and issubclass(cls, BaseDetector)):
        raise SavedDetectorError(f"{target} is not a detector class")
    return cls


# -- skops -------------------------------------------------------------------------------------


def _dump(state: dict[str, Any]) -> bytes:
    import skops.io

    return bytes(skops.io.dumps(state))


def _load(data: bytes, packages: frozenset[str]) -> dict[str, Any]:
    import skops.io

    unknown = skops.io.get_untrusted_types(data=data)
    foreign = [name for name in unknown if name.partition(".")[0] not in packages]
    if foreign:
        raise SavedDetectorError(
            f"the file names {', '.join(sorted(foreign))}, which this detector has no use for; "
            "it was tampered with or written by other code, and is not loaded"
        )
    for name in unknown:
        module, _, attribute = name.rpartition(".")
        if not isinstance(import_target(f"{module}:{attribute}"), type):
            raise SavedDetectorError(f"the file names {name}, which is no class, and is not loaded")
    return cast("dict[str, Any]", skops.io.loads(data, trusted=unknown))


def _packages(identity: dict[str, Any]) -> frozenset[str]:
    """Return the packages whose classes a saved detector may hold.

    These are the detector's own and those of every registered detector, since one
    may hold others.
    """
    found = {*_TRUSTED_PACKAGES, _package(identity["class"])}
    for entry in get_registry().detectors:
        spec = entry.spec
        found |= {_package(spec.target), _package(spec.adapter or spec.target), *spec.modules}
    return frozenset(found)


def _package(target: str) -> str:
    return target.partition(":")[0].partition(".")[0]
