"""Base of adapters: a detector around a class of another library."""

from collections.abc import Mapping
from typing import Any, Self

from ad_core.detector._base import BaseDetector
from ad_core.detector._quiet import quiet
from ad_core.load import import_target, parameters
from ad_core.spec import Capability, DetectorSpec

__all__ = ["AdapterDetector"]


class AdapterDetector(BaseDetector):
    """Drives a foreign class that a spec names as its target.

    The foreign class's own arguments are this detector's arguments, read from
    its signature. A fresh foreign object is built at each fit from the present
    values, so that setting a parameter always has an effect. A subclass writes
    `_fit` and `_score` over `_make`; warnings of the foreign code go to the
    logger ``ad.upstream``.

    Parameters
    ----------
    spec
        The detector's spec.
    params
        Values of the arguments, complete.
    """

    _spec: DetectorSpec

    def __init__(self, spec: DetectorSpec, params: Mapping[str, Any]) -> None:
        self._spec = spec
        for name, value in params.items():
            setattr(self, name, value)

    @classmethod
    def from_spec(cls, spec: DetectorSpec, params: Mapping[str, Any]) -> Self:
        """Build the detector that a spec describes; `params` are complete and checked."""
        return cls(spec, params)

    @property
    def _needs_labels(self) -> bool:  # type: ignore[override]
        return Capability.SUPERVISED in self._spec.capabilities

    @property
    def _accepts_missing(self) -> bool:  # type: ignore[override]
        return Capability.MISSING_VALUES in self._spec.capabilities

    def _own_names(self) -> list[str]:
        return [one.name for one in parameters(self._spec)]

    def _upstream_params(self) -> dict[str, Any]:
        """Return the foreign constructor's arguments: the pinned ones and the present values."""
        common = ("contamination", "threshold")
        own = {name: getattr(self, name) for name in self._own_names() if name not in common}
        return {**own, **self._spec.fixed}

    def _make(self, **overrides: Any) -> Any:
        """Build a fresh foreign object."""
        return import_target(self._spec.target)(**{**self._upstream_params(), **overrides})

    def _guard(self, what: str, function: Any, *arguments: Any) -> Any:
        with quiet():
            return super()._guard(what, function, *arguments)
