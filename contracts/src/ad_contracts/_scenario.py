"""Scenarios: small data sets of one kind, with planted anomalies."""

from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ad_contracts._check import sentence
from ad_core.errors import SpecError
from ad_core.spec import Capability, DataKind

__all__ = ["Sample", "Scenario", "as_scenario", "scenario", "scenarios_of"]

FunctionT = TypeVar("FunctionT", bound=Callable[[], "Sample"])

_MARK = "__ad_scenario__"


@frozen(kw_only=True, eq=False)
class Sample:
    """Data to fit on, and further data to score, with labels for both.

    Checks never change it: arrays are read-only.

    Parameters
    ----------
    X_train, X_test
        What a detector of the kind takes, for example arrays of shape
        (n_samples, n_features).
    y_train, y_test
        1 for each planted anomaly, else 0; one label a score.
    floor
        Least area under the ROC curve that scores of the test data must reach. The
        default is three standard errors above chance for 8 anomalies among 150
        samples; anomalies that only some sound methods can see want a lower one.
    """

    X_train: Any
    y_train: NDArray[np.int64]
    X_test: Any
    y_test: NDArray[np.int64]
    floor: float = 0.8

    def __attrs_post_init__(self) -> None:
        for value in (self.X_train, self.y_train, self.X_test, self.y_test):
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


@frozen(kw_only=True)
class Scenario:
    """A named maker of one `Sample`.

    Parameters
    ----------
    name
        The function's name.
    make
        Function without arguments; the same sample at every call.
    data
        Kind of data.
    needs
        Capabilities without which a detector cannot take the data.
    """

    name: str
    make: Callable[[], Sample]
    data: DataKind
    needs: frozenset[Capability] = frozenset()

    @property
    def summary(self) -> str:
        """The sentence of its docstring."""
        return sentence(self.make)

    @property
    def sample(self) -> Sample:
        """The data, made once a process."""
        return _made(self.make)


@cache
def _made(make: Callable[[], Sample]) -> Sample:
    sample = make()
    if not isinstance(sample, Sample):
        raise SpecError(f"the scenario {make.__name__!r} must return a Sample, got {sample!r}")
    return sample


def scenario(
    *, data: DataKind, needs: Iterable[Capability] = ()
) -> Callable[[FunctionT], FunctionT]:
    """Make a scenario of a function without arguments that returns a `Sample`."""

    def mark(function: FunctionT) -> FunctionT:
        made = Scenario(name=function.__name__, make=function, data=data, needs=frozenset(needs))
        setattr(function, _MARK, made)
        return function

    return mark


def as_scenario(value: Scenario | Callable[[], Sample]) -> Scenario:
    """Return the scenario that `scenario` made of a function."""
    found = value if isinstance(value, Scenario) else getattr(value, _MARK, None)
    if not isinstance(found, Scenario):
        raise SpecError(f"{value!r} is no scenario; decorate the function with @scenario")
    return found


def scenarios_of(module: ModuleType) -> list[Scenario]:
    """Return the scenarios that a module defines, in its order."""
    found = [getattr(value, _MARK, None) for value in vars(module).values()]
    return [
        one for one in found if isinstance(one, Scenario) and one.make.__module__ == module.__name__
    ]
