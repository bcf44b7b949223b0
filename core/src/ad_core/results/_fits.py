"""A quick yes to plain data that fit a JSON Schema; who gets no yes has to ask a validator.

A record is checked each time that it is written or read, and nearly always fits. A
validator says what is wrong, and takes a millisecond to find that nothing is.
"""

import re
from collections.abc import Callable, Mapping, Sized
from typing import Any

__all__ = ["UndecidableError", "compiled"]

Test = Callable[[Any], bool]

_REMARKS = frozenset({"$schema", "$id", "title", "description", "format"})
_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


class UndecidableError(ValueError):
    """A schema has a rule that is not known here."""


def compiled(schema: Mapping[str, Any] | bool) -> Test:
    """Return what says True to values that fit a schema, and False to others and in doubt.

    Raises
    ------
    UndecidableError
        A rule of the schema is not known here.
    """
    if isinstance(schema, bool):
        return lambda _: schema
    rules = _RULES.keys() & schema.keys()
    if unknown := schema.keys() - rules - _REMARKS - {"properties", "additionalProperties", "then"}:
        raise UndecidableError(f"no rule for {', '.join(sorted(unknown))}")
    tests = [_RULES[rule](schema[rule], schema) for rule in sorted(rules)]
    if "properties" in schema or "additionalProperties" in schema:
        tests.append(_members(schema))
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


def _members(schema: Mapping[str, Any]) -> Test:
    known = {name: compiled(one) for name, one in schema.get("properties", {}).items()}
    others = compiled(schema.get("additionalProperties", True))

    def test(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return all(known.get(name, others)(one) for name, one in value.items())

    return test


def _type(wanted: Any, _: Mapping[str, Any]) -> Test:
    names = [wanted] if isinstance(wanted, str) else wanted
    # A bool is no number; a float without a fraction is an integer, and left to the validator.
    kinds = frozenset(kind for name in names for kind in _TYPES[name])
    return lambda value: _kind(value) in kinds


def _one_of(choices: list[Any]) -> Test:
    # These are equal in Python just when they are in JSON.
    known = [(type(one), one) for one in choices if type(one) in (str, int, type(None))]
    # Not a set: the hash of an enum's member is not that of its text.
    return lambda value: (_kind(value), value) in known


def _kind(value: Any) -> type:
    return str if isinstance(value, str) else type(value)  # an enum's member is a text


def _condition(condition: Any, schema: Mapping[str, Any]) -> Test:
    """Return the test of ``if`` and ``then``; whether a condition holds has to be certain."""
    if not _certain(condition):
        raise UndecidableError("a condition other than on texts")
    holds, then = compiled(condition), compiled(schema.get("then", True))
    return lambda value: then(value) if holds(value) else True


def _certain(condition: Any) -> bool:
    if not isinstance(condition, dict) or condition.keys() != {"properties"}:
        return False
    return all(
        one.keys() <= {"const", "enum"}
        and all(isinstance(text, str) for text in one.get("enum", [one.get("const", "")]))
        for one in condition["properties"].values()
    )


def _sized(kind: type[Sized], least: int) -> Test:
    return lambda value: not isinstance(value, kind) or len(value) >= least


def _number(holds: Test) -> Test:
    return lambda value: not isinstance(value, int | float) or holds(value)


def _pattern(pattern: str, _: Mapping[str, Any]) -> Test:
    found = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or found(value) is not None


def _items(schema: Any, _: Mapping[str, Any]) -> Test:
    test = compiled(schema)
    return lambda value: not isinstance(value, list) or all(map(test, value))


def _all_of(schemas: list[Any], _: Mapping[str, Any]) -> Test:
    tests = [compiled(one) for one in schemas]
    return lambda value: all(test(value) for test in tests)


def _required(names: list[str], _: Mapping[str, Any]) -> Test:
    wanted = frozenset(names)
    return lambda value: not isinstance(value, dict) or wanted <= value.keys()


_RULES: dict[str, Callable[[Any, Mapping[str, Any]], Test]] = {
    "allOf": _all_of,
    "const": lambda value, _: _one_of([value]),
    "enum": lambda values, _: _one_of(values),
    "exclusiveMinimum": lambda least, _: _number(lambda value: value > least),
    "if": _condition,
    "items": _items,
    "maximum": lambda most, _: _number(lambda value: value <= most),
    "minItems": lambda least, _: _sized(list, least),
    "minLength": lambda least, _: _sized(str, least),
    "minimum": lambda least, _: _number(lambda value: value >= least),
    "pattern": _pattern,
    "required": _required,
    "type": _type,
}
