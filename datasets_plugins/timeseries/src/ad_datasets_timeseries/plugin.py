"""What ad-datasets-timeseries brings; listing it imports no numpy."""

from collections.abc import Iterable

from ad_core.hookspecs import hookimpl
from ad_core.spec import DatasetSpec
from ad_datasets_timeseries._public_specs import public_specs
from ad_datasets_timeseries._synthetic_specs import SYNTHETIC

__all__ = ["ad_datasets"]


@hookimpl
def ad_datasets() -> Iterable[DatasetSpec]:
    """Return the synthetic series and the public ones."""
    return (*SYNTHETIC, *public_specs())
