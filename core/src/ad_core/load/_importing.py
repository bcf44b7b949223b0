"""Import strings to objects."""

import importlib
from functools import reduce
from typing import Any

from ad_core.errors import TargetError

__all__ = ["import_target"]


def import_target(target: str) -> Any:
    """Import what ``"module:attribute"`` names.

    Raises
    ------
    TargetError
        The module cannot be imported or has no such attribute.
    """
    module_name, _, path = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise TargetError(
            f"cannot import {module_name!r} (for {target!r}): {type(error).__name__}: {error}"
        ) from error
    try:
        return reduce(getattr, path.split("."), module)
    except AttributeError:
        raise TargetError(f"module {module_name!r} has no attribute {path!r}") from None
