"""Build a detector from its name or spec."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ad_core.load._importing import import_target
from ad_core.load._parameters import parameters
from ad_core.load._probe import require_available
from ad_core.load._schema import check_arguments
from ad_core.registry import get_registry
from ad_core.spec import DetectorSpec

if TYPE_CHECKING:
    from ad_core.detector import BaseDetector

__all__ = ["build", "create", "factory"]


def create(name: str, /, **params: Any) -> "BaseDetector":
    """Build a detector by name.

    Parameters
    ----------
    name
        A detector's name, alias or ``plugin/name``; see ``ad list-detectors``.
    **params
        Its arguments; see ``ad describe NAME``.

    Returns
    -------
    BaseDetector
        The detector, not fitted yet.

    Raises
    ------
    UnknownNameError, AmbiguousNameError
        The name does not lead to one detector.
    BackendMissingError
        A library that it needs is not installed; the message says how to get it.
    ParameterError
        An argument is unknown, missing or out of range.
    """
    return build(get_registry().detectors.get(name).spec, params)


def build(spec: DetectorSpec, params: Mapping[str, Any]) -> "BaseDetector":
    """Build a detector from its spec; see `create`."""
    require_available(spec)
    known = parameters(spec)
    check_arguments(spec.name, known, params, complete=True)
    defaults = {one.name: one.default for one in known if not one.required}
    detector: BaseDetector = factory(spec)(spec, {**defaults, **params})
    return detector


def factory(spec: DetectorSpec) -> Any:
    """Return what builds the detector: ``(spec, params) -> BaseDetector``.

    This is the adapter's or, without one, the target's classmethod `from_spec`.
    """
    return import_target(spec.adapter or spec.target).from_spec
