"""What a check says: each of these raises `ContractViolation` with what was expected and what came.

The message reads ``expected …, got …``; the runner puts the subject and the
check before it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "ContractViolation",
    "NotHere",
    "expect",
    "expect_close",
    "expect_error",
    "expect_same",
    "violation",
]


class ContractViolation(AssertionError):  # noqa: N818 - it is a finding, not a fault of ours
    """The subject does not do what the check asks for."""


class NotHere(Exception):  # noqa: N818 - no error: the case is skipped
    """What the check needs is not on this machine: a backend, a device, a file."""


def violation(expected: str, got: object) -> ContractViolation:
    """Return what to raise when `expected` does not hold."""
    return ContractViolation(f"expected {expected}, got {got}")


def expect(condition: object, expected: str, got: object) -> None:
    """Require a condition.

    Parameters
    ----------
    condition
        What has to be true.
    expected
        It in words, to follow "expected".
    got
        What came instead, to follow "got".
    """
    if not condition:
        raise violation(expected, got)


def expect_same(actual: ArrayLike, wanted: ArrayLike, what: str, like: str) -> None:
    """Require two arrays to be equal bit for bit (NaN equals NaN).

    Parameters
    ----------
    actual, wanted
        The arrays.
    what, like
        What each of them is: "the scores of a second fit", "those of the first".
    """
    _compare(actual, wanted, f"{what} to equal {like} bit for bit", rtol=0.0, atol=0.0)


def expect_close(
    actual: ArrayLike,
    wanted: ArrayLike,
    what: str,
    like: str,
    *,
    rtol: float = 1e-9,
    atol: float = 1e-9,
) -> None:
    """Require ``|actual - wanted| <= atol * scale + rtol * |wanted|``, element by element.

    `scale` is the largest absolute value in `wanted` (1 where that is 0), so
    that the answer does not depend on the unit of the scores.
    """
    scale = float(np.max(np.abs(wanted), initial=0.0)) or 1.0
    _compare(actual, wanted, f"{what} to equal {like}", rtol=rtol, atol=atol * scale)


def _compare(actual: ArrayLike, wanted: ArrayLike, rule: str, *, rtol: float, atol: float) -> None:
    a, b = np.asarray(actual), np.asarray(wanted)
    if a.shape != b.shape:
        raise violation(rule, f"shape {a.shape} instead of {b.shape}")
    equal = np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
    if equal.all():
        return
    first = tuple(int(index) for index in np.argwhere(~equal)[0])
    where = "" if not first else f" at {first[0] if len(first) == 1 else first}"
    raise violation(
        rule,
        f"{a[first]!s} instead of {b[first]!s}{where}, "
        f"{int((~equal).sum())} of {a.size} values differ",
    )


def expect_error(
    kind: type[Exception], call: Callable[[], Any], *, when: str, naming: tuple[str, ...] = ()
) -> None:
    """Require a call to raise an error of a kind, whose one-line message names some words.

    Parameters
    ----------
    kind
        The class, or a base of it.
    call
        What to call, without arguments.
    when
        The situation, to follow "when": "X has no rows".
    naming
        Words that the message has to contain; upper and lower case are one.
    """
    rule = f"{kind.__name__} when {when}"
    try:
        call()
    except kind as error:
        text = str(error)
        absent = [word for word in naming if word.lower() not in text.lower()]
        if absent:
            missing = " and ".join(map(repr, absent))
            raise violation(f"{rule}, naming {missing}", f"the message {text!r}") from error
        if "\n" in text:
            raise violation(f"{rule}, with a message of one line", repr(text)) from error
        return
    except Exception as error:
        text = " ".join(str(error).split())
        raise violation(rule, f"{type(error).__name__}: {text}") from error
    raise violation(rule, "no error")
