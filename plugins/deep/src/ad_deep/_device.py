"""Where a network runs."""

import logging

import torch

from ad_core.errors import ParameterError

__all__ = ["choose", "choose_at_load"]

_LOG = logging.getLogger("ad.deep")


def _present() -> tuple[str, ...]:
    """Return the devices of this machine, the fastest first."""
    cuda = ("cuda",) if torch.cuda.is_available() else ()
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return (*cuda, *mps, "cpu")


def choose(asked: str, whose: str) -> torch.device:
    """Return the device that a fit runs on.

    Parameters
    ----------
    asked
        ``"auto"`` for the fastest present, else the name of a device.
    whose
        Name of the detector, for the message.

    Raises
    ------
    ParameterError
        The device is not there; the message names those that are.
    """
    present = _present()
    if asked == "auto":
        return torch.device(present[0])
    if asked not in present:
        raise ParameterError(
            f"{whose}: device {asked!r} is not there; this machine and this torch "
            f"{torch.__version__} have {', '.join(map(repr, reversed(present)))}; "
            "set device to one of them or to 'auto'"
        )
    return torch.device(asked)


def choose_at_load(asked: str, whose: str) -> torch.device:
    """Return the device that a saved detector scores on: the one asked for, else the CPU."""
    present = _present()
    if asked == "auto":
        return torch.device(present[0])
    if asked not in present:
        _LOG.info("%s was fitted for %s, which is not there; it scores on the CPU", whose, asked)
    return torch.device(asked if asked in present else "cpu")
