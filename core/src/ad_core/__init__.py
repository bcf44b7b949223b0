"""Anomaly detection by plugins: one contract, one registry, one benchmark.

The names below are imported on first use, so that ``import ad_core`` costs next
to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ad_core.data import Dataset, load_dataset
    from ad_core.detector import BaseDetector, as_sklearn, load_detector
    from ad_core.load import create
    from ad_core.registry import get_registry

__all__ = [
    "BaseDetector",
    "Dataset",
    "as_sklearn",
    "create",
    "get_registry",
    "load_dataset",
    "load_detector",
]

_ROOMS = {
    "BaseDetector": "ad_core.detector",
    "Dataset": "ad_core.data",
    "as_sklearn": "ad_core.detector",
    "create": "ad_core.load",
    "get_registry": "ad_core.registry",
    "load_dataset": "ad_core.data",
    "load_detector": "ad_core.detector",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("ad-core")
    if name not in _ROOMS:
        raise AttributeError(f"module 'ad_core' has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return __all__
