"""Arguments of detectors as plain data for records, and back."""

import inspect
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ad_core.detector import BaseDetector
from ad_core.errors import ParameterError
from ad_core.load import create

__all__ = ["plain", "restore"]


def plain(value: Any) -> Any:
    """Return an argument as JSON-able data, the same in every process.

    What JSON lacks is a mapping with one key: ``$number`` for an infinity or not
    a number, ``$detector`` for a detector and its arguments, ``$text`` for
    anything else (functions, objects), of which no more is kept.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$number": str(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, BaseDetector):
        return {"$detector": {"name": value.name, "params": plain(value.get_params())}}
    return {"$text": _text(value)}


def restore(value: Any) -> Any:
    """Return the argument that `plain` described.

    Raises
    ------
    ParameterError
        Only a text was kept of it.
    """
    if isinstance(value, list):
        return [restore(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$text"}:
        raise ParameterError(f"{value['$text']} is an object, which no record can hold")
    if set(value) == {"$number"}:
        return float(value["$number"])
    if set(value) == {"$detector"}:
        return create(value["$detector"]["name"], **restore(value["$detector"]["params"]))
    return {name: restore(one) for name, one in value.items()}


def _text(value: Any) -> str:
    if inspect.isclass(value) or inspect.isroutine(value):
        return f"{value.__module__}.{value.__qualname__}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
