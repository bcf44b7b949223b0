"""What is known of an argument's type, as a JSON Schema fragment.

Three sources: annotations, scikit-learn's parameter constraints, and the type
line of a NumPy-style docstring.
"""

import re
import types
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from numbers import Integral, Real
from typing import Annotated, Any, Literal, Union, get_args, get_origin

__all__ = ["from_annotation", "from_constraints", "from_docstring", "with_default"]

Schema = dict[str, Any]

_PLAIN: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    dict: {"type": "object"},
    list: {"type": "array"},
    tuple: {"type": "array"},
    type(None): {"type": "null"},
    Integral: {"type": "integer"},
    Real: {"type": "number"},
    Mapping: {"type": "object"},
}


@cache
def _bound_kinds() -> tuple[tuple[type[Any], str, str], ...]:
    import annotated_types as at  # slow to import, and lists have no use for it

    return (
        (at.Ge, "ge", "minimum"),
        (at.Gt, "gt", "exclusiveMinimum"),
        (at.Le, "le", "maximum"),
        (at.Lt, "lt", "exclusiveMaximum"),
    )


def any_of(options: Iterable[Schema]) -> Schema:
    """Join alternatives; an unknown one makes the whole unknown."""
    unique: list[Schema] = []
    for option in options:
        for part in option.get("anyOf", [option]):
            if part not in unique:
                unique.append(part)
    if not unique or {} in unique:
        return {}
    if len(unique) > 1:
        return {"anyOf": unique}
    return unique[0]


def from_annotation(hint: Any) -> Schema:
    """Translate a type annotation, `Annotated` bounds included."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *extras = get_args(hint)
        return _bounded(from_annotation(base), extras)
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if origin in (Union, types.UnionType):
        return any_of(from_annotation(option) for option in get_args(hint))
    if origin in (list, tuple, set, Sequence):
        items = [item for item in get_args(hint) if item is not Ellipsis]
        same = len(items) == 1 or (origin is tuple and Ellipsis in get_args(hint))
        element = from_annotation(items[0]) if items and same else {}
        return {"type": "array", "items": element} if element else {"type": "array"}
    return dict(_PLAIN.get(origin or hint, {}))


def _bounded(schema: Schema, extras: Iterable[Any]) -> Schema:
    from annotated_types import GroupedMetadata, MinLen

    bounds: Schema = {}
    lengths: Schema = {}
    for extra in extras:
        parts = list(extra) if isinstance(extra, GroupedMetadata) else [extra]
        for part in parts:
            for kind, attribute, keyword in _bound_kinds():
                if isinstance(part, kind):
                    bounds[keyword] = getattr(part, attribute)
            if isinstance(part, MinLen):
                lengths["minItems"] = part.min_length
    if "anyOf" in schema:
        return any_of(_bounded(option, extras) for option in schema["anyOf"])
    if schema.get("type") in ("integer", "number"):
        schema.update(bounds)
    if schema.get("type") == "array":
        schema.update(lengths)
    return schema


_NAMED: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "verbose": {"type": "integer", "minimum": 0},
    "random_state": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
    "array-like": {"type": "array"},
}
"""What scikit-learn names by a word."""


def from_constraints(constraints: Any) -> Schema:
    """Translate scikit-learn's ``_parameter_constraints`` of one argument."""
    if not isinstance(constraints, list):
        return {}
    return any_of(_from_constraint(constraint) for constraint in constraints)


def _from_constraint(constraint: Any) -> Schema:
    if constraint is None:
        return {"type": "null"}
    if isinstance(constraint, str):
        return dict(_NAMED.get(constraint, {}))
    if isinstance(constraint, type):
        return dict(_PLAIN.get(constraint, {}))
    if hasattr(constraint, "options"):
        return {"enum": sorted(constraint.options, key=str)}
    if hasattr(constraint, "closed"):
        schema: Schema = {"type": "integer" if constraint.type is Integral else "number"}
        closed = {"left": (True, False), "right": (False, True), "both": (True, True)}
        left, right = closed.get(constraint.closed, (False, False))
        if constraint.left is not None:
            schema["minimum" if left else "exclusiveMinimum"] = constraint.left
        if constraint.right is not None:
            schema["maximum" if right else "exclusiveMaximum"] = constraint.right
        return schema
    return {}


_WORDS: dict[str, Schema] = {
    "int": {"type": "integer"},
    "integer": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "bool": {"type": "boolean"},
    "boolean": {"type": "boolean"},
    "str": {"type": "string"},
    "string": {"type": "string"},
    "none": {"type": "null"},
    "dict": {"type": "object"},
    "list": {"type": "array"},
}
_NOISE = re.compile(
    r"\boptional\b|\(?\s*\bdefault\b\s*[=:]?\s*[^)]*\)?|\bin\s*[\[(][^\])]*[\])]|[,|]|\bor\b|\binstance\b"
)
_RANGE = re.compile(r"\bin\s*([\[(])\s*([-\d.e]+)\s*,\s*([-\d.e]+)\s*([\])])")
_CHOICES = re.compile(r"\{([^{}]*)\}")


def from_docstring(text: str) -> Schema:
    """Translate a docstring's type line; empty unless every word of it is understood."""
    choices = _CHOICES.search(text)
    if choices:
        quoted = re.findall(r"['\"]([^'\"]*)['\"]", choices[1])
        return {"enum": quoted} if quoted else {}
    words = _NOISE.sub(" ", text.lower()).split()
    if not words or any(word not in _WORDS for word in words):
        return {}
    return any_of(_ranged(dict(_WORDS[word]), text) for word in words)


def _ranged(schema: Schema, text: str) -> Schema:
    found = _RANGE.search(text)
    if not found or schema["type"] not in ("integer", "number"):
        return schema
    opening, low, high, closing = found.groups()
    schema["minimum" if opening == "[" else "exclusiveMinimum"] = float(low)
    schema["maximum" if closing == "]" else "exclusiveMaximum"] = float(high)
    return schema


def with_default(schema: Schema, default: Any) -> Schema:
    """Widen a schema so that it admits the default, which is valid by definition."""
    if not schema:
        return schema
    if isinstance(default, int | float) and not isinstance(default, bool):
        options = schema.get("anyOf", [schema])
        wanted = "number" if isinstance(default, float) else "integer"
        if any(option.get("type") in (wanted, "number") for option in options):
            return schema
    extra: Schema = dict(_PLAIN.get(type(default), {}))
    options = schema.get("anyOf", [schema])
    if isinstance(default, str) and any(default in option.get("enum", ()) for option in options):
        return schema
    if isinstance(default, list | tuple) and any(
        option.get("type") == "array" for option in options
    ):
        return schema
    return any_of([schema, extra]) if extra else {}
