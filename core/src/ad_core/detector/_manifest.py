"""The manifest of a saved detector: what it says, and that it says what the file holds."""

import json
import platform
import warnings
from importlib import metadata
from typing import Any

from attrs import asdict

from ad_core.detector._base import BaseDetector
from ad_core.errors import SavedDetectorError
from ad_core.registry import get_registry
from ad_core.spec import DetectorSpec

__all__ = [
    "check_shape",
    "compare_contents",
    "compare_versions",
    "contents",
    "distribution_of",
    "identity_of",
    "library_versions",
]

_VERSIONED = ("ad-core", "numpy", "scikit-learn")


def contents(detector: BaseDetector) -> dict[str, Any]:
    """Return what the manifest says of a detector."""
    return {
        "detector": identity_of(detector),
        "params": {name: _plain(value) for name, value in detector.get_params().items()},
        "layout": asdict(detector._layout),
        "decision_threshold": _plain(detector._decision_threshold),
        "threshold_provenance": detector.threshold_provenance,
    }


def compare_contents(manifest: dict[str, Any], detector: BaseDetector, path: Any) -> None:
    """Refuse a manifest that says something else than the state from which `detector` was made."""
    found = json.loads(json.dumps(contents(detector)))
    stated = {part: manifest.get(part) for part in found}
    for name, value in detector.get_params().items():
        if _plain(value) is not value and isinstance(stated["params"], dict):
            # How an object prints may differ from one process to the next.
            found["params"][name] = stated["params"].get(name)
    differing = [part for part in found if found[part] != stated[part]]
    if differing:
        raise SavedDetectorError(
            f"{path} was tampered with: the manifest and the saved state differ in "
            f"{', '.join(differing)}; fit and save the detector again"
        )


def identity_of(detector: BaseDetector) -> dict[str, str | None]:
    """Return what leads to the detector's class: a registered name, or an import string."""
    cls = type(detector)
    name = None
    if detector._spec is not None:
        name = _registered_name(detector._spec)
    return {"name": name, "class": f"{cls.__module__}:{cls.__qualname__}"}


def distribution_of(detector: BaseDetector) -> str | None:
    """Return the distribution that registers the detector, or None."""
    entries = get_registry().detectors
    return next((e.distribution for e in entries if e.spec == detector._spec), None)


def _registered_name(spec: DetectorSpec) -> str | None:
    """Return a spec's full name; None for one that no plugin registers.

    Such a detector is loaded by its class, which has to be all that there is to it.
    """
    for entry in get_registry().detectors:
        if entry.spec == spec:
            return entry.full_name
    if spec.adapter or spec.fixed:
        raise SavedDetectorError(
            f"{spec.name} is not registered by an installed plugin, so no other process could "
            "load it"
        )
    return None


def check_shape(manifest: dict[str, Any]) -> None:
    """Raise TypeError unless the manifest has the parts that loading reads."""
    identity = manifest["detector"]
    files, versions = manifest["files"], manifest["versions"]
    if not (
        isinstance(identity["class"], str)
        and isinstance(identity["name"], str | None)
        and all(isinstance(part["sha256"], str) for part in files.values())
        and all(isinstance(version, str) for version in versions.values())
    ):
        raise TypeError("manifest")


def library_versions(detector: BaseDetector) -> dict[str, str]:
    """Return the versions of Python and of what the detector was made with."""
    names = {*_VERSIONED}
    spec = detector._spec
    if spec is not None:
        names |= {entry.distribution for entry in get_registry().detectors if entry.spec == spec}
        names |= {spec.target.partition(":")[0].partition(".")[0], *spec.modules}
    found = {"python": platform.python_version()}
    for name in sorted(names):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # a module that is no distribution of its own
            continue
    return found


def compare_versions(then: dict[str, str], now: dict[str, str], path: Any) -> None:
    """Warn where a library has another minor version than when the detector was saved."""
    changed = [
        f"{name} {then[name]} (now {now[name]})"
        for name in sorted({*then} & {*now} - {"python"})
        if then[name].split(".")[:2] != now[name].split(".")[:2]
    ]
    if changed:
        warnings.warn(
            f"{path} was saved with {', '.join(changed)}; scores may differ", stacklevel=3
        )


def _plain(value: Any) -> Any:
    """Return `value` if JSON can express it, else how it prints."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return repr(value)
    return value
