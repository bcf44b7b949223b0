"""The quick yes to what fits a schema: never to what a validator refuses."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from test_results_record import FAILED, OK

from ad_core.results import Kind, load_schema, to_dict
from ad_core.results._fits import UndecidableError, compiled

RECORDS = [to_dict(OK), to_dict(FAILED)]
FITS = compiled(load_schema(Kind.RECORD))
VALIDATOR = Draft202012Validator(load_schema(Kind.RECORD))
VALUES = st.one_of(
    *(st.none(), st.booleans(), st.integers(-2, 2), st.floats(), st.text(max_size=3)),
    *(st.just("ok"), st.just("a" * 64), st.just([]), st.just({}), st.just({"x": 1.0})),
    st.sampled_from([value for record in RECORDS for value in record.values()]),
)


def places(values, path=()):
    """Yield the path of every value in nested mappings, and that of a new one in each."""
    yield (*path, "new")
    for name, value in values.items():
        yield (*path, name)
        if isinstance(value, dict):
            yield from places(value, (*path, name))


@pytest.mark.parametrize("record", RECORDS, ids=["ok", "failed"])
def test_a_record_gets_it(record):
    assert FITS(record)


@given(st.data())
def test_what_gets_it_is_valid(data):
    record = copy.deepcopy(data.draw(st.sampled_from(RECORDS)))
    for _ in range(data.draw(st.integers(1, 2))):
        *path, name = data.draw(st.sampled_from([*places(record)]))
        inner = record
        for one in path:
            inner = inner[one]
        if name in inner and data.draw(st.booleans()):
            del inner[name]
        else:
            inner[name] = data.draw(VALUES)
    assert not FITS(record) or VALIDATOR.is_valid(record)


@pytest.mark.parametrize("kind", [Kind.RECORD, Kind.CONFIG, Kind.ENVIRONMENT])
def test_the_schemas_of_what_is_written_often_are_decided(kind):
    assert not compiled(load_schema(kind))({})


@given(st.data())
def test_each_rule_agrees_with_the_validator(data):
    rules = {
        "type": ["string", "number", "array", "null"],
        "const": 1,
        "enum": ["ok", 2],
        "minimum": 0,
        "exclusiveMinimum": 0,
        "maximum": 1,
        "minLength": 1,
        "minItems": 1,
        "pattern": "^o",
        "items": {"type": "integer"},
        "required": ["x"],
        "additionalProperties": {"type": "integer"},
        "properties": {"x": {"type": "integer"}},
        "allOf": [{"type": "string"}, True],
        "if": {"properties": {"x": {"const": "ok"}}},
    }
    rule = data.draw(st.sampled_from(sorted(rules)))
    schema = {rule: rules[rule], **({"then": {"type": "null"}} if rule == "if" else {})}
    members = st.dictionaries(st.sampled_from(["x", "y"]), VALUES, max_size=2)
    value = data.draw(st.one_of(VALUES, st.lists(VALUES, max_size=2), members))
    assert not compiled(schema)(value) or Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [{"oneOf": []}, {"if": {"type": "string"}}, {"if": {"properties": {"x": {"const": 1}}}}],
)
def test_an_unknown_rule_is_said(schema):
    with pytest.raises(UndecidableError):
        compiled(schema)
