"""What ad-classical brings; listing it imports none of the libraries behind it."""

from collections.abc import Iterable

from ad_classical._ensemble_specs import ENSEMBLES, PLAIN
from ad_classical._native_specs import NATIVE
from ad_classical._neighborhood_specs import NEIGHBORHOOD
from ad_classical._published_specs import PUBLISHED
from ad_core.hookspecs import hookimpl
from ad_core.spec import DetectorSpec

__all__ = ["ad_detectors"]


@hookimpl
def ad_detectors() -> Iterable[DetectorSpec]:
    """Return every classical detector."""
    return (*NEIGHBORHOOD, *PLAIN, *NATIVE, *ENSEMBLES, *PUBLISHED)
