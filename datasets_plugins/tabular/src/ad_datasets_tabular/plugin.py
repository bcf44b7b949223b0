"""What ad-datasets-tabular brings; listing it imports no numpy."""

from collections.abc import Iterable

from ad_core.hookspecs import hookimpl
from ad_core.spec import DatasetSpec
from ad_datasets_tabular._specs import adbench_specs

__all__ = ["ad_datasets"]


@hookimpl
def ad_datasets() -> Iterable[DatasetSpec]:
    """Return ADBench's sets."""
    return tuple(adbench_specs())
