"""The data sets that ship with the core; they need no network."""

from ad_core.data._embedded_specs import EMBEDDED
from ad_core.data._synthetic_specs import SYNTHETIC
from ad_core.spec import DatasetSpec

__all__ = ["DATASETS"]

DATASETS: tuple[DatasetSpec, ...] = (*SYNTHETIC, *EMBEDDED)
