"""A check: a small function, and what a subject must be for the check to apply."""

import inspect
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, TypeVar

from attrs import frozen

from ad_core.errors import PluginError, SpecError
from ad_core.spec import Capability, DataKind, DatasetSpec, DetectorSpec, MetricSpec

__all__ = ["AnySpec", "Check", "check", "checks_of", "kind_of", "kinds_of_data", "sentence"]

AnySpec = DetectorSpec | DatasetSpec | MetricSpec
FunctionT = TypeVar("FunctionT", bound=Callable[..., None])

_MARK = "__ad_check__"
_KINDS = {DetectorSpec: "detector", DatasetSpec: "data set", MetricSpec: "metric"}


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
    group
        The name under which a plugin registered its module.
    """

    name: str
    function: Callable[..., None]
    of: type[Any] = DetectorSpec
    data: frozenset[DataKind] = frozenset()
    needs: frozenset[Capability] = frozenset()
    unless: frozenset[Capability] = frozenset()
    when: Callable[[Any], bool] = _always
    each: bool = False
    group: str = ""

    @property
    def summary(self) -> str:
        """The sentence of its docstring."""
        return sentence(self.function)

    @property
    def takes_sample(self) -> bool:
        """Whether the function needs data."""
        return len(inspect.signature(self.function).parameters) > 1

    @property
    def scope(self) -> str:
        """What it applies to, in words."""
        words = [f"{', '.join(sorted(self.data))} {_KINDS[self.of]}s".strip()]
        words += [f"with {', '.join(sorted(self.needs))}"] if self.needs else []
        words += [f"without {', '.join(sorted(self.unless))}"] if self.unless else []
        if self.when is not _always:
            words.append(f"where {self.when.__name__.strip('_<>').replace('_', ' ')}")
        words += ["each scenario"] if self.each else []
        return "; ".join(words)

    def applies_to(self, spec: AnySpec) -> bool:
        """Whether the question makes sense for `spec`.

        Raises
        ------
        PluginError
            The condition `when` fails.
        """
        if not isinstance(spec, self.of):
            return False
        kinds = kinds_of_data(spec)
        if self.data and kinds and not self.data & kinds:
            return False
        declared = spec.capabilities if isinstance(spec, DetectorSpec) else frozenset()
        if not self.needs <= declared or self.unless & declared:
            return False
        try:
            return bool(self.when(spec))
        except Exception as error:
            raise PluginError(
                f"the check {self.name!r} cannot tell whether it applies to {spec.name!r}: "
                f"{type(error).__name__}: {error}"
            ) from error


def kind_of(spec: AnySpec) -> str:
    """Return what the spec describes: a detector, a data set or a metric."""
    return _KINDS[type(spec)]


def kinds_of_data(spec: AnySpec) -> frozenset[DataKind]:
    """Return the kinds of data that the spec is about; empty for all."""
    return frozenset({spec.data}) if isinstance(spec.data, DataKind) else spec.data


def sentence(function: Callable[..., Any]) -> str:
    """Return the first paragraph of a docstring on one line."""
    return (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")


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
    Its docstring says in one sentence what must hold. Its body must stand by
    itself (no ``return``): it is what a failure shows as the lines that
    reproduce it.

    Raises
    ------
    SpecError
        The function has no docstring, or other arguments.
    """

    def mark(function: FunctionT) -> FunctionT:
        whose = f"the check {function.__name__!r}"
        if len(inspect.signature(function).parameters) not in (1, 2):
            raise SpecError(f"{whose} must take (subject) or (subject, sample)")
        if not sentence(function):
            raise SpecError(f"{whose} must say in its docstring what must hold")
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
