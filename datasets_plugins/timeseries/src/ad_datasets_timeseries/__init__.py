"""Public and synthetic time series for ad-core, and windows over them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ad_datasets_timeseries.windows import Windows, sliding_windows

__all__ = ["Windows", "sliding_windows"]


def __getattr__(name: str) -> Any:
    # Imported on first use, so that listing the data sets imports no numpy.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ad_datasets_timeseries import windows

    return getattr(windows, name)
