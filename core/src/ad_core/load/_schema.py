"""Arguments against their JSON Schema: what `ad describe` prints and `create` checks."""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ad_core.errors import ParameterError
from ad_core.load._parameters import Parameter, parameters
from ad_core.registry import nearest
from ad_core.spec import DetectorSpec

__all__ = ["accepts", "check_arguments", "json_schema"]


def json_schema(spec: DetectorSpec) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a detector's keyword arguments."""
    found = parameters(spec)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": spec.name,
        "type": "object",
        "additionalProperties": False,
        "required": [parameter.name for parameter in found if parameter.required],
        "properties": {parameter.name: _property(parameter) for parameter in found},
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {**parameter.schema, "description": parameter.doc}
    if not parameter.required:
        default = parameter.default
        if _is_json(default):
            schema["default"] = default
        else:
            schema["description"] = f"{parameter.doc} (default: {default!r})".strip()
    return schema


def check_arguments(
    whose: str, known: Iterable[Parameter], values: Mapping[str, Any], *, complete: bool = False
) -> None:
    """Check keyword arguments before anything is built.

    A value that JSON cannot express (a callable, a generator) is left to the class.

    Parameters
    ----------
    whose
        Name for the messages.
    known
        The arguments that exist.
    values
        What was given.
    complete
        Whether every required argument has to be among `values`.

    Raises
    ------
    ParameterError
        An argument is unknown (the nearest known one is named), missing, of the
        wrong type, or outside its range (the range is named).
    """
    by_name = {parameter.name: parameter for parameter in known}
    for name, value in values.items():
        if name not in by_name:
            close = nearest(name, by_name)
            hint = (
                f"did you mean {' or '.join(close)}?" if close else f"it takes {_listed(by_name)}"
            )
            raise ParameterError(f"{whose} has no parameter {name!r}; {hint}")
        _check_value(whose, by_name[name], value)
    if complete:
        missing = [name for name, one in by_name.items() if one.required and name not in values]
        if missing:
            raise ParameterError(
                f"{whose} needs the parameter {missing[0]!r}: {by_name[missing[0]].doc}"
            )


def _check_value(whose: str, parameter: Parameter, value: Any) -> None:
    plain = value.item() if hasattr(value, "item") and getattr(value, "ndim", None) == 0 else value
    if isinstance(plain, tuple):
        plain = list(plain)
    if not parameter.schema or not _is_json(plain) or _plainly_fits(plain, parameter.schema):
        return
    from jsonschema import Draft202012Validator

    is_nan = isinstance(plain, float) and math.isnan(plain)
    if is_nan or not Draft202012Validator(dict(parameter.schema)).is_valid(plain):
        raise ParameterError(
            f"{whose}: {parameter.name} must be {accepts(parameter.schema)}, got {value!r}"
        )


_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": (">=", operator.ge),
    "exclusiveMinimum": (">", operator.gt),
    "maximum": ("<=", operator.le),
    "exclusiveMaximum": ("<", operator.lt),
}
"""How each bound is said and kept."""
_PLAIN = {"integer": int, "number": float, "string": str, "boolean": bool, "null": type(None)}


def _plainly_fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell a value that fits at a glance, so that jsonschema, slow to import, can stay away."""
    if "anyOf" in schema:
        return any(_plainly_fits(value, option) for option in schema["anyOf"])
    if schema.keys() == {"enum"}:
        return isinstance(value, str | None) and value in schema["enum"]
    if "type" not in schema or not schema.keys() <= {"type", *_BOUNDS}:
        return False
    if type(value) is not _PLAIN.get(schema["type"]):
        return False
    if isinstance(value, float) and math.isnan(value):
        return False
    return all(kept(value, schema[name]) for name, (_, kept) in _BOUNDS.items() if name in schema)


def accepts(schema: Mapping[str, Any]) -> str:
    """Say in words what a schema admits.

    Examples
    --------
    >>> accepts({"type": "integer", "minimum": 1})
    'an integer >= 1'
    """
    if "anyOf" in schema:
        return " or ".join(accepts(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(repr(choice) for choice in schema["enum"])
    if "items" in schema:
        least = f"{schema['minItems']} or more values" if "minItems" in schema else "values"
        return f"a list of {least}, each {accepts(schema['items'])}"
    noun = {
        "integer": "an integer",
        "number": "a number",
        "string": "a string",
        "boolean": "True or False",
        "array": "a list",
        "object": "a mapping",
        "null": "None",
    }.get(str(schema.get("type")), "anything")
    bounds = [f"{sign} {schema[name]:g}" for name, (sign, _) in _BOUNDS.items() if name in schema]
    return f"{noun} {' and '.join(bounds)}".strip()


def _is_json(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_json(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    return value is None or isinstance(value, bool | int | float | str)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
