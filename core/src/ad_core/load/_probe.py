"""Is the library behind a spec installed? Answered without importing it."""

from functools import cache
from importlib.util import find_spec

from attrs import frozen

from ad_core.errors import BackendMissingError
from ad_core.spec import DatasetSpec, DetectorSpec

__all__ = ["Availability", "availability", "require_available"]


@frozen(kw_only=True)
class Availability:
    """Whether a detector or data set can be used here, and what would bring it."""

    missing: tuple[str, ...]
    remedy: str

    def __bool__(self) -> bool:
        return not self.missing

    @property
    def message(self) -> str:
        """``available``, or what is missing and the command that brings it."""
        return f"needs {', '.join(self.missing)}: {self.remedy}" if self.missing else "available"


@cache
def _installed(module: str) -> bool:
    # A top-level name only: probing a submodule would import its parent.
    return find_spec(module) is not None


def availability(spec: DetectorSpec | DatasetSpec) -> Availability:
    """Probe the modules that `spec` needs."""
    missing = tuple(module for module in spec.modules if not _installed(module))
    remedy = f"pip install '{spec.extra}'" if missing else ""
    return Availability(missing=missing, remedy=remedy)


def require_available(spec: DetectorSpec | DatasetSpec) -> None:
    """Raise BackendMissingError, with the remedy, unless `spec` can be used here."""
    found = availability(spec)
    if not found:
        raise BackendMissingError(f"{spec.name} {found.message}")
