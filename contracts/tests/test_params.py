"""The values with which the checks of arguments ask: those that a schema admits, and others."""

import math

import pytest

from ad_contracts.checks.params import bad_values, other_values, same, some_value
from ad_core.load import Parameter

WEIGHT = {"type": "number", "minimum": 0, "maximum": 1}
SHARE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
COUNT = {"type": "integer", "minimum": 1}
WORDS = {"enum": ["one", "two", None]}


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        (WEIGHT, ["no such value", True, -1, [], {"no": "such"}, None, -1, 2]),
        (SHARE, ["no such value", True, -1, [], {"no": "such"}, None, 0, 1]),
        (COUNT, ["no such value", True, -1, 0.5, [], {"no": "such"}, None, 0]),
        (
            {"anyOf": [COUNT, {"type": "null"}]},
            ["no such value", True, -1, 0.5, [], {"no": "such"}, 0],
        ),
        (
            {"type": "array", "items": WEIGHT},
            [
                *("no such value", True, -1, 0.5, {"no": "such"}, None),
                *(["no such value"], [True], [-1], [[]], [{"no": "such"}], [None], [-1], [2]),
            ],
        ),
    ],
)
def test_bad_values_are_of_other_types_or_just_beyond_the_bounds(schema, values):
    *found, last = bad_values(schema)
    assert [repr(one) for one in found] == [repr(one) for one in values]
    assert math.isnan(last)


def test_nothing_is_bad_where_nothing_is_known():
    assert bad_values({}) == []


def parameter(default, schema, name="given"):
    return Parameter(name=name, default=default, schema=schema)


@pytest.mark.parametrize(
    ("default", "schema", "other"),
    [
        (True, {"type": "boolean"}, False),
        (False, {"type": "boolean"}, True),
        (3, {"type": "integer"}, 4),
        (3, {"type": "integer", "maximum": 3}, 2),
        (0.8, {"type": "number"}, 0.4),
        (0.4, {"type": "number", "minimum": 0.4, "maximum": 1}, 0.8),
        ("one", WORDS, "two"),
        ("two", {"anyOf": [WORDS, COUNT]}, "one"),
    ],
)
def test_another_value_is_near_the_default_and_admitted(default, schema, other):
    found = other_values([parameter(default, schema)])
    assert found == {"given": other, "contamination": 0.2}
    assert type(found["given"]) is type(other)


@pytest.mark.parametrize(
    ("default", "schema"),
    [(1, {"const": 1}), ("one", {"enum": ["one", None]}), (None, COUNT), (1, {})],
)
def test_an_argument_without_another_value_keeps_its_default(default, schema):
    assert other_values([parameter(default, schema)]) == {"contamination": 0.2}


def test_three_arguments_change_that_say_what_to_compute_and_contamination():
    how = ("device", "n_jobs", "random_state", "verbose", "threshold")
    given = [parameter(1, COUNT, name) for name in (*how, "contamination", "a", "b", "c", "d")]
    assert other_values(given) == {"a": 2, "b": 2, "c": 2, "contamination": 0.2}


def test_any_other_value_but_the_default_is_named_by_its_schema():
    def array(**items):
        return {"type": "array", "items": items}

    assert some_value(parameter(None, array(type="string"))) == ["knn"]
    assert some_value(parameter(None, array(type="integer"))) == [3, 2]
    assert some_value(parameter(None, array(**SHARE))) == [0.5]
    assert some_value(parameter(None, {"type": "string"})) == "other"
    assert some_value(parameter(None, {"type": ["integer", "null"]})) == 7
    assert some_value(parameter(None, SHARE)) == 0.25
    assert some_value(parameter("one", WORDS)) == "two"
    assert some_value(parameter(5, {"const": 5})) == 5


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ([1], [1], True),
        ([1], [2], False),
        ({"a": [1], "b": 2}, {"b": 2, "a": [1]}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({}, [], False),
        (math.nan, math.nan, True),
    ],
)
def test_arguments_are_the_same_when_they_read_the_same(a, b, equal):
    assert same(a, b) is equal
