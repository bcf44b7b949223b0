"""Limits as people write them, and as libraries read them."""

import re

from ad_core.benchmark._measure import THREAD_VARIABLES

__all__ = ["megabytes", "parse_memory", "thread_variables"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:([KMGT])(i?)B|B)", re.IGNORECASE)


def thread_variables(threads: int | None) -> dict[str, str]:
    """Return the environment that bounds the threads of numerical libraries."""
    return {} if threads is None else dict.fromkeys(THREAD_VARIABLES, str(threads))


def parse_memory(value: object) -> int:
    """Return a number of bytes.

    Parameters
    ----------
    value
        A whole number of bytes, or text: ``2GB`` (powers of 1,000), ``512 MiB`` (of 1,024).

    Raises
    ------
    ValueError
        It is neither, or less than one byte.
    """
    size = None
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        number, prefix, binary = match.groups()
        power = "KMGT".index(prefix.upper()) + 1 if prefix else 0
        size = int(float(number) * (1024 if binary else 1000) ** power)
    elif isinstance(value, int) and not isinstance(value, bool):
        size = value
    if size is None or size < 1:
        raise ValueError(
            f"must be a size such as 2GB or 512MiB, or a number of bytes, got {value!r}"
        )
    return size


def megabytes(size: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{size / 1e6:,.0f} MB"
