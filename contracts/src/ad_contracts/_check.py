"""A check: a small function, and what a subject must be for the check to apply."""

import inspect
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, TypeVar

from attrs import frozen

from ad_core.spec import Capability, DataKind, DatasetSpec, DetectorSpec, MetricSpec

__all__ = ["AnySpec", "Check", "check", "checks_of"]

AnySpec = DetectorSpec | DatasetSpec | MetricSpec
FunctionT = TypeVar("FunctionT", bound=Callable[..., None])

_MARK = "__ad_check__"


def _always(_spec: Any) -> bool:
    return True


@frozen(kw_only=True)
class Check:
    """One question to a detector, a data set or a metric.

    Parameters
    ----------
    name
        The function's name.
    function
        ``check(subject)`` or ``check(subject, sample)``; it raises
        `ad_contracts.expect.ContractViolation`, and returns nothing.
    of
        Class of the specs that it is about.
    data
        Kinds of data that it applies to; empty for all.
    needs, unless
        Capabilities that a detector must, or must not, declare.
    when
        Any further condition on the spec.
    each
        True to ask once for each scenario; otherwise the first one is enough.
    """

    name: str
    function: Callable[..., None]
    of: type[Any] = DetectorSpec
    data: frozenset[DataKind] = frozenset()
    needs: frozenset[Capability] = frozenset()
    unless: frozenset[Capability] = frozenset()
    when: Callable[[Any], bool] = _always
    each: bool = False

    @property
    def summary(self) -> str:
        """The sentence of its docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n\n")[0].replace("\n", " ")

    @property
    def group(self) -> str:
        """The last part of its module's name: the question that it belongs to."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def takes_sample(self) -> bool:
        """Whether the function needs data."""
        return len(inspect.signature(self.function).parameters) > 1

    def applies_to(self, spec: AnySpec) -> bool:
        """Whether the question makes sense for `spec`."""
        if not isinstance(spec, self.of):
            return False
        kinds = {spec.data} if isinstance(spec.data, DataKind) else spec.data
        if self.data and kinds and not self.data & kinds:
            return False
        declared = spec.capabilities if isinstance(spec, DetectorSpec) else frozenset()
        return self.needs <= declared and not self.unless & declared and self.when(spec)


def check(
    *,
    of: type[Any] = DetectorSpec,
    data: Iterable[DataKind] = (),
    needs: Iterable[Capability] = (),
    unless: Iterable[Capability] = (),
    when: Callable[[Any], bool] = _always,
    each: bool = False,
) -> Callable[[FunctionT], FunctionT]:
    """Make a check of a function; see `Check` for the arguments.

    The function keeps its own name, and takes ``subject`` or ``subject, sample``.
    Its body must stand by itself (no ``return``): it is what a failure shows as
    the lines that reproduce it.
    """

    def mark(function: FunctionT) -> FunctionT:
        made = Check(
            name=function.__name__,
            function=function,
            of=of,
            data=frozenset(data),
            needs=frozenset(needs),
            unless=frozenset(unless),
            when=when,
            each=each,
        )
        setattr(function, _MARK, made)
        return function

    return mark


def checks_of(module: ModuleType) -> list[Check]:
    """Return the checks that a module defines, in its order."""
    found = [getattr(value, _MARK, None) for value in vars(module).values()]
    return [
        one
        for one in found
        if isinstance(one, Check) and one.function.__module__ == module.__name__
    ]
