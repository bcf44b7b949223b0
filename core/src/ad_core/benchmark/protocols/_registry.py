"""The protocols by name."""

from ad_core.benchmark.protocols._adbench import ADBench2022, ADBench2022Unscaled
from ad_core.benchmark.protocols._holdout import Holdout, Holdout10k
from ad_core.benchmark.protocols._run_protocol import RunProtocol
from ad_core.registry import unknown_name

__all__ = ["DEFAULT", "PROTOCOLS", "get_protocol"]

PROTOCOLS: tuple[RunProtocol, ...] = (Holdout(), Holdout10k(), ADBench2022(), ADBench2022Unscaled())
DEFAULT = PROTOCOLS[0]


def get_protocol(name: str) -> RunProtocol:
    """Return a protocol by its name or its full name, ``name/version``.

    Raises
    ------
    UnknownNameError
        There is no such protocol, or no such version any more; the message lists what there is.
    """
    known = {key: one for one in PROTOCOLS for key in (one.name, one.full_name)}
    if name not in known:
        listed = ", ".join(one.full_name for one in PROTOCOLS)
        raise unknown_name("protocol", name, known, f"there are {listed}")
    return known[name]
