"""Import strings to objects."""

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any

from ad_core.errors import TargetError

__all__ = ["import_target", "importing_much"]


def import_target(target: str) -> Any:
    """Import what ``"module:attribute"`` names.

    Raises
    ------
    TargetError
        The module cannot be imported or has no such attribute.
    """
    module_name, _, path = target.partition(":")
    try:
        with importing_much():
            module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise TargetError(
            f"cannot import {module_name!r} (for {target!r}): {type(error).__name__}: {error}"
        ) from error
    try:
        return reduce(getattr, path.split("."), module)
    except AttributeError:
        raise TargetError(f"module {module_name!r} has no attribute {path!r}") from None


@contextmanager
def importing_much() -> Iterator[None]:
    """Let the garbage collector rest during imports.

    What an import makes is there to stay. To look through it for garbage, again and
    again, takes a tenth of the time that scikit-learn's thousand modules take.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
