"""Converters and validators of the specs' fields; their errors name spec, field and rule."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import Attribute, fields, frozen

from ad_core.errors import SpecError
from ad_core.spec._words import Capability, DataKind, Family, Hardware, Learning, MetricInput

EnumT = TypeVar("EnumT", bound=StrEnum)

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PATH = re.compile(r"(?!.*(^|/)\.\.?(/|$))[A-Za-z0-9][\w.+-]*(/[\w.+-]+)*")
TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
MODULE = re.compile(r"[A-Za-z_]\w*")
SHA256 = re.compile(r"[0-9a-f]{64}")
SHA1 = re.compile(r"[0-9a-f]{40}")


def failure(instance: object, attribute: "Attribute[Any]", value: object, rule: str) -> SpecError:
    whose = getattr(instance, "name", None) or type(instance).__name__
    return SpecError(
        f"{type(instance).__name__} {whose!r}: {attribute.name} must be {rule}, got {value!r}"
    )


def matches(pattern: re.Pattern[str], rule: str, *, optional: bool = False) -> Any:
    def validate(instance: object, attribute: "Attribute[Any]", value: object) -> None:
        if optional and value is None:
            return
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise failure(instance, attribute, value, rule)

    return validate


def each(check: Any) -> Any:
    def validate(instance: object, attribute: "Attribute[Any]", value: Iterable[object]) -> None:
        for item in value:
            check(instance, attribute, item)

    return validate


def one_line(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, str) or not value.strip() or "\n" in value:
        raise failure(instance, attribute, value, "one non-empty line of text")


def text(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, str):
        raise failure(instance, attribute, value, "a string")


def instances(kind: type) -> Any:
    def validate(instance: object, attribute: "Attribute[Any]", value: Iterable[object]) -> None:
        for item in value:
            if not isinstance(item, kind):
                raise failure(instance, attribute, item, f"made of {kind.__name__}")

    return validate


def member(kind: type[EnumT], value: str) -> EnumT:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(kind)
        raise SpecError(f"{value!r} is not a {kind.__name__}; known are {known}") from None


def to_family(value: str) -> Family:
    return member(Family, value)


def to_learning(value: str) -> Learning:
    return member(Learning, value)


def to_data_kind(value: str) -> DataKind:
    return member(DataKind, value)


def to_metric_input(value: str) -> MetricInput:
    return member(MetricInput, value)


def to_data_kinds(values: Iterable[str]) -> frozenset[DataKind]:
    return frozenset(member(DataKind, value) for value in to_tuple(values))


def to_capabilities(values: Iterable[str]) -> frozenset[Capability]:
    return frozenset(member(Capability, value) for value in to_tuple(values))


def to_hardware(values: Iterable[str]) -> frozenset[Hardware]:
    return frozenset(member(Hardware, value) for value in to_tuple(values))


def to_tuple(values: Iterable[Any]) -> tuple[Any, ...]:
    """Make a tuple, refusing a lone string where several are meant."""
    if isinstance(values, str):
        raise SpecError(f"expected several values in a tuple, got the lone string {values!r}")
    return tuple(values)


def to_mapping(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


snake_name = matches(SNAKE, "snake_case, for example 'isolation_forest'")
import_string = matches(TARGET, "an import string 'module:attribute'")


@frozen(kw_only=True)
class Spec:
    """Base of the specs."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by field values (mapping proxies have no pickle of their own)."""
        values = {one.name: getattr(self, one.name) for one in fields(type(self))}
        plain = {
            name: dict(value) if isinstance(value, MappingProxyType) else value
            for name, value in values.items()
        }
        return _rebuild, (type(self), plain)


def _rebuild(kind: type[Any], values: dict[str, Any]) -> Any:
    return kind(**values)
