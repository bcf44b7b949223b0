"""Data sets, the user's own files, and the cache of downloaded files.

The names below are imported on first use, so that `ad_core.data.specs` can be
read for a list without importing numpy or polars.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ad_core.data._arrays import read_arrays
    from ad_core.data._cache import (
        CACHE_VARIABLE,
        MIRROR_VARIABLE,
        Copy,
        Place,
        cache_folder,
        copies,
        find_file,
        mirror_folder,
        needed_files,
    )
    from ad_core.data._dataset import Dataset, Parts, Rows
    from ad_core.data._download import fetch_file
    from ad_core.data._fetch import Fetched, fetch_files
    from ad_core.data._load import SPLITS, TEST_SHARE, load_dataset, load_parts, load_spec
    from ad_core.data.readers import IgnoredColumn, Table, read_table, write_table

__all__ = [
    "CACHE_VARIABLE",
    "MIRROR_VARIABLE",
    "SPLITS",
    "TEST_SHARE",
    "Copy",
    "Dataset",
    "Fetched",
    "IgnoredColumn",
    "Parts",
    "Place",
    "Rows",
    "Table",
    "cache_folder",
    "copies",
    "fetch_file",
    "fetch_files",
    "find_file",
    "load_dataset",
    "load_parts",
    "load_spec",
    "mirror_folder",
    "needed_files",
    "read_arrays",
    "read_table",
    "write_table",
]

_MODULES = {
    "_arrays": ("read_arrays",),
    "_cache": (
        "CACHE_VARIABLE",
        "MIRROR_VARIABLE",
        "Copy",
        "Place",
        "cache_folder",
        "copies",
        "find_file",
        "mirror_folder",
        "needed_files",
    ),
    "_dataset": ("Dataset", "Parts", "Rows"),
    "_download": ("fetch_file",),
    "_fetch": ("Fetched", "fetch_files"),
    "_load": ("SPLITS", "TEST_SHARE", "load_dataset", "load_parts", "load_spec"),
    "readers": ("IgnoredColumn", "Table", "read_table", "write_table"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
