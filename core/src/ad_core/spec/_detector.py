"""What a plugin says about a detector."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ad_core.errors import SpecError
from ad_core.spec._fields import (
    MODULE,
    TARGET,
    Spec,
    each,
    import_string,
    instances,
    matches,
    one_line,
    snake_name,
    text,
    to_capabilities,
    to_data_kinds,
    to_family,
    to_hardware,
    to_learning,
    to_mapping,
    to_tuple,
)
from ad_core.spec._words import Capability, DataKind, Family, Hardware, Learning

__all__ = ["DetectorSpec", "Deviation"]


@frozen(kw_only=True)
class Deviation:
    """One contract check that a detector is known to fail, and why.

    Parameters
    ----------
    check
        Name of the check, snake_case.
    reason
        Why it fails; one line.
    issue
        Where the cause is tracked, a URL or a page of the documentation.
    scenario
        The one scenario in which it fails; empty for every one.
    """

    check: str = field(validator=snake_name)
    reason: str = field(validator=one_line)
    issue: str = field(default="", validator=text)
    scenario: str = field(default="", validator=text)


@frozen(kw_only=True)
class DetectorSpec(Spec):
    """One detector: how to find it and what it can do.

    Parameters
    ----------
    name
        Unique snake_case name; its full form is ``plugin/name``.
    target
        Import string of the class.
    summary
        One line for lists.
    family, data, learning, capabilities, hardware
        What it is; see the enums of this module.
    aliases
        Other names by which it is known.
    adapter
        Import string of the `ad_core.detector.AdapterDetector` subclass that
        drives a foreign `target`; None when `target` is itself a detector.
    fixed
        Keyword arguments of the target that the spec pins; they cannot be set.
    defaults
        Keyword arguments whose default differs from the target's own.
    modules
        Top-level modules that must be importable (probed without an import).
    extra
        What to give ``pip install`` when one of `modules` is missing.
    references
        Papers or DOIs.
    deviations
        Contract checks that it is known to fail.
    """

    name: str = field(validator=snake_name)
    target: str = field(validator=import_string)
    summary: str = field(validator=one_line)
    family: Family = field(converter=to_family)
    data: frozenset[DataKind] = field(
        default=frozenset({DataKind.TABULAR}), converter=to_data_kinds
    )
    learning: Learning = field(default=Learning.UNSUPERVISED, converter=to_learning)
    capabilities: frozenset[Capability] = field(default=frozenset(), converter=to_capabilities)
    hardware: frozenset[Hardware] = field(default=frozenset({Hardware.CPU}), converter=to_hardware)
    aliases: tuple[str, ...] = field(default=(), converter=to_tuple, validator=each(snake_name))
    adapter: str | None = field(
        default=None, validator=matches(TARGET, "an import string or None", optional=True)
    )
    fixed: Mapping[str, Any] = field(factory=dict, converter=to_mapping, hash=False)
    defaults: Mapping[str, Any] = field(factory=dict, converter=to_mapping, hash=False)
    modules: tuple[str, ...] = field(
        default=(),
        converter=to_tuple,
        validator=each(matches(MODULE, "a top-level module name (a submodule would be imported)")),
    )
    extra: str = field(default="", validator=text)
    references: tuple[str, ...] = field(default=(), converter=to_tuple)
    deviations: tuple[Deviation, ...] = field(
        default=(), converter=to_tuple, validator=instances(Deviation)
    )

    def __attrs_post_init__(self) -> None:
        """Refuse fields that contradict one another."""
        both = sorted({*self.fixed} & {*self.defaults})
        if both:
            raise SpecError(f"DetectorSpec {self.name!r}: {both} are both fixed and defaults")
        if self.modules and not self.extra:
            raise SpecError(
                f"DetectorSpec {self.name!r}: extra must say what to pip install, "
                f"because modules names {', '.join(self.modules)}"
            )
        labelled = Capability.SUPERVISED in self.capabilities
        if labelled != (self.learning is Learning.SUPERVISED):
            raise SpecError(
                f"DetectorSpec {self.name!r}: capability 'supervised' and learning "
                f"{self.learning.value!r} contradict each other"
            )
