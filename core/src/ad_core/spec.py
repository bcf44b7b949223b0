"""What a plugin says about itself: data that cost nothing to list.

A spec names its code by an import string (``"module:attribute"``), so that
reading every spec of every plugin imports none of the libraries behind them.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import Attribute, field, fields, frozen

from ad_core.errors import SpecError

__all__ = [
    "Capability",
    "DataKind",
    "DatasetSpec",
    "DetectorSpec",
    "Deviation",
    "Family",
    "Hardware",
    "Learning",
    "MetricInput",
    "MetricSpec",
    "RemoteFile",
]


class DataKind(StrEnum):
    """What one sample is."""

    TABULAR = "tabular"
    """Rows of numbers, shape (n_samples, n_features)."""
    TIMESERIES = "timeseries"
    """Time steps, shape (n_timesteps, n_channels); one score a step."""
    IMAGE = "image"
    """Images, shape (n_images, height, width, channels)."""
    GRAPH = "graph"
    """Nodes with attributes and edges; one score a node."""
    TEXT = "text"
    """Strings; one score a document."""


class Learning(StrEnum):
    """What a detector learns from."""

    UNSUPERVISED = "unsupervised"
    """Unlabelled rows, some of which may be anomalies."""
    ONE_CLASS = "one_class"
    """Rows that are known to be normal (also called semi-supervised)."""
    SUPERVISED = "supervised"
    """Rows with labels: 1 for an anomaly, 0 for a normal row."""


class Family(StrEnum):
    """The idea that a detector rests on."""

    PROXIMITY = "proximity"
    DENSITY = "density"
    LINEAR = "linear"
    PROBABILISTIC = "probabilistic"
    CLUSTERING = "clustering"
    ISOLATION = "isolation"
    ENSEMBLE = "ensemble"
    NEURAL = "neural"
    RULE = "rule"
    BASELINE = "baseline"


class Hardware(StrEnum):
    """Where a detector can run."""

    CPU = "cpu"
    GPU = "gpu"
    """An NVIDIA GPU (CUDA)."""
    MPS = "mps"
    """An Apple GPU (Metal)."""


class Capability(StrEnum):
    """What a detector can do beyond `fit` and `score_samples`."""

    NOVELTY = "novelty"
    """Scores rows that it was not fitted on."""
    TRANSDUCTIVE = "transductive"
    """A row's score depends on the other rows of its batch."""
    DETERMINISTIC = "deterministic"
    """Two fits on the same data give the same scores, without a seed."""
    SEEDED = "seeded"
    """`random_state` fixes every random choice."""
    MISSING_VALUES = "missing_values"
    """Accepts NaN in fit and score."""
    SERIALIZABLE = "serializable"
    """`save` and `load` give the same scores bit for bit."""
    FEATURE_CONTRIBUTIONS = "feature_contributions"
    """Explains a score by one number a feature."""
    PARTIAL_FIT = "partial_fit"
    """Learns from further rows without starting again."""
    SUPERVISED = "supervised"
    """`fit` needs labels."""
    LOCALIZES = "localizes"
    """Says where in a sample the anomaly lies (pixels, time steps)."""


class MetricInput(StrEnum):
    """What a metric compares the labels with."""

    SCORES = "scores"
    """Real-valued scores, higher for more anomalous."""
    PREDICTIONS = "predictions"
    """Labels in {0, 1} at the detector's own threshold."""


EnumT = TypeVar("EnumT", bound=StrEnum)

_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PATH = re.compile(r"(?!.*(^|/)\.\.?(/|$))[A-Za-z0-9][\w.+-]*(/[\w.+-]+)*")
_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_MODULE = re.compile(r"[A-Za-z_]\w*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def _fail(instance: object, attribute: "Attribute[Any]", value: object, rule: str) -> SpecError:
    whose = getattr(instance, "name", None) or type(instance).__name__
    return SpecError(
        f"{type(instance).__name__} {whose!r}: {attribute.name} must be {rule}, got {value!r}"
    )


def _matches(pattern: re.Pattern[str], rule: str, *, optional: bool = False) -> Any:
    def validate(instance: object, attribute: "Attribute[Any]", value: object) -> None:
        if optional and value is None:
            return
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _fail(instance, attribute, value, rule)

    return validate


def _each(check: Any) -> Any:
    def validate(instance: object, attribute: "Attribute[Any]", value: Iterable[object]) -> None:
        for item in value:
            check(instance, attribute, item)

    return validate


def _one_line(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, str) or not value.strip() or "\n" in value:
        raise _fail(instance, attribute, value, "one non-empty line of text")


def _text(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, str):
        raise _fail(instance, attribute, value, "a string")


def _instances(kind: type) -> Any:
    def validate(instance: object, attribute: "Attribute[Any]", value: Iterable[object]) -> None:
        for item in value:
            if not isinstance(item, kind):
                raise _fail(instance, attribute, item, f"made of {kind.__name__}")

    return validate


def _member(kind: type[EnumT], value: str) -> EnumT:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(kind)
        raise SpecError(f"{value!r} is not a {kind.__name__}; known are {known}") from None


def _family(value: str) -> Family:
    return _member(Family, value)


def _learning(value: str) -> Learning:
    return _member(Learning, value)


def _data_kind(value: str) -> DataKind:
    return _member(DataKind, value)


def _metric_input(value: str) -> MetricInput:
    return _member(MetricInput, value)


def _data_kinds(values: Iterable[str]) -> frozenset[DataKind]:
    return frozenset(_member(DataKind, value) for value in _strings(values))


def _capabilities(values: Iterable[str]) -> frozenset[Capability]:
    return frozenset(_member(Capability, value) for value in _strings(values))


def _hardware(values: Iterable[str]) -> frozenset[Hardware]:
    return frozenset(_member(Hardware, value) for value in _strings(values))


def _strings(values: Iterable[Any]) -> tuple[Any, ...]:
    """Make a tuple, refusing a lone string where several are meant."""
    if isinstance(values, str):
        raise SpecError(f"expected several values in a tuple, got the lone string {values!r}")
    return tuple(values)


def _frozen_mapping(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


_name = _matches(_SNAKE, "snake_case, for example 'isolation_forest'")
_target = _matches(_TARGET, "an import string 'module:attribute'")


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
    """

    check: str = field(validator=_name)
    reason: str = field(validator=_one_line)
    issue: str = field(default="", validator=_text)


@frozen(kw_only=True)
class DetectorSpec:
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

    name: str = field(validator=_name)
    target: str = field(validator=_target)
    summary: str = field(validator=_one_line)
    family: Family = field(converter=_family)
    data: frozenset[DataKind] = field(default=frozenset({DataKind.TABULAR}), converter=_data_kinds)
    learning: Learning = field(default=Learning.UNSUPERVISED, converter=_learning)
    capabilities: frozenset[Capability] = field(default=frozenset(), converter=_capabilities)
    hardware: frozenset[Hardware] = field(default=frozenset({Hardware.CPU}), converter=_hardware)
    aliases: tuple[str, ...] = field(default=(), converter=_strings, validator=_each(_name))
    adapter: str | None = field(
        default=None, validator=_matches(_TARGET, "an import string or None", optional=True)
    )
    fixed: Mapping[str, Any] = field(factory=dict, converter=_frozen_mapping, hash=False)
    defaults: Mapping[str, Any] = field(factory=dict, converter=_frozen_mapping, hash=False)
    modules: tuple[str, ...] = field(
        default=(),
        converter=_strings,
        validator=_each(
            _matches(_MODULE, "a top-level module name (a submodule would be imported)")
        ),
    )
    extra: str = field(default="", validator=_text)
    references: tuple[str, ...] = field(default=(), converter=_strings)
    deviations: tuple[Deviation, ...] = field(
        default=(), converter=_strings, validator=_instances(Deviation)
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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by field values (mapping proxies have no pickle of their own)."""
        return _rebuild, (type(self), _fields(self))


@frozen(kw_only=True)
class RemoteFile:
    """A file that a data set downloads.

    Parameters
    ----------
    path
        Path below the cache and below a mirror folder.
    url
        Canonical address.
    sha256
        Hex digest of the whole file.
    size
        Length in bytes.
    """

    path: str = field(validator=_matches(_PATH, "a relative path"))
    url: str = field(validator=_matches(re.compile(r"https?://\S+"), "an http(s) URL"))
    sha256: str = field(validator=_matches(_SHA256, "64 hexadecimal digits"))
    size: int = field()

    @size.validator
    def _check_size(self, attribute: "Attribute[int]", value: object) -> None:
        if not isinstance(value, int) or value < 0:
            raise _fail(self, attribute, value, "a number of bytes")


@frozen(kw_only=True)
class DatasetSpec:
    """One data set: where it comes from and how it was made.

    Parameters
    ----------
    name
        Path-like name, for example ``adbench/cardio``.
    target
        Import string of the loader: ``loader(spec, seed, **params) -> (X, y)``
        or, for a set with a split of its own, ``-> ad_core.data.Parts``.
    summary
        One line for lists.
    construction
        What a row is and what makes it an anomaly; how the set was built.
    citation, licence, homepage
        Whom to credit, under which terms, where to read on.
    data
        What a sample is.
    n_samples, n_features, n_anomalies
        Sizes of the whole set, where known.
    params
        Keyword arguments handed to the loader.
    files
        What has to be at hand or downloaded; empty for an embedded set.
    synthetic
        Whether the set is generated.
    aliases, modules, extra
        As in `DetectorSpec`.
    """

    name: str = field(validator=_matches(_PATH, "a path such as 'adbench/cardio'"))
    target: str = field(validator=_target)
    summary: str = field(validator=_one_line)
    construction: str = field(validator=_text)
    citation: str = field(validator=_one_line)
    licence: str = field(validator=_one_line)
    homepage: str = field(default="", validator=_text)
    data: DataKind = field(default=DataKind.TABULAR, converter=_data_kind)
    n_samples: int | None = None
    n_features: int | None = None
    n_anomalies: int | None = None
    params: Mapping[str, Any] = field(factory=dict, converter=_frozen_mapping, hash=False)
    files: tuple[RemoteFile, ...] = field(
        default=(), converter=_strings, validator=_instances(RemoteFile)
    )
    synthetic: bool = False
    aliases: tuple[str, ...] = field(
        default=(), converter=_strings, validator=_each(_matches(_PATH, "a path-like name"))
    )
    modules: tuple[str, ...] = field(default=(), converter=_strings)
    extra: str = field(default="", validator=_text)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by field values (mapping proxies have no pickle of their own)."""
        return _rebuild, (type(self), _fields(self))


@frozen(kw_only=True)
class MetricSpec:
    """One metric.

    Parameters
    ----------
    name
        Unique snake_case name; the key in a record.
    target
        Import string of ``metric(y_true, values, **params) -> float``.
    summary
        One line: the definition.
    input
        Whether `values` are scores or predictions.
    higher_is_better
        Which way a leaderboard sorts.
    oracle
        True when the metric chooses a threshold by looking at the labels.
    data
        For which kinds of data it is meant; empty for all.
    params
        Keyword arguments handed to the function.
    references
        Papers.
    aliases
        Other names by which it is known.
    """

    name: str = field(validator=_name)
    target: str = field(validator=_target)
    summary: str = field(validator=_one_line)
    input: MetricInput = field(default=MetricInput.SCORES, converter=_metric_input)
    higher_is_better: bool = True
    oracle: bool = False
    data: frozenset[DataKind] = field(default=frozenset(), converter=_data_kinds)
    params: Mapping[str, Any] = field(factory=dict, converter=_frozen_mapping, hash=False)
    references: tuple[str, ...] = field(default=(), converter=_strings)
    aliases: tuple[str, ...] = field(default=(), converter=_strings, validator=_each(_name))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by field values (mapping proxies have no pickle of their own)."""
        return _rebuild, (type(self), _fields(self))


def _fields(spec: Any) -> dict[str, Any]:
    values = {attribute.name: getattr(spec, attribute.name) for attribute in fields(type(spec))}
    return {
        name: dict(value) if isinstance(value, MappingProxyType) else value
        for name, value in values.items()
    }


def _rebuild(kind: type[Any], values: dict[str, Any]) -> Any:
    return kind(**values)
