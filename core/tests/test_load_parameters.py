"""Arguments are read from annotations, constraints and docstrings, never written twice."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import numpy as np
import pytest
from annotated_types import Ge, Gt, Interval, Le, MinLen
from jsonschema import Draft202012Validator

from ad_core.errors import ParameterError, TargetError
from ad_core.load import check_arguments, class_parameters, json_schema, parameters
from ad_core.load._schema import _plainly_fits, accepts
from ad_core.load._types import from_annotation, from_docstring, with_default
from ad_core.spec import DetectorSpec


class Arguments:
    """A detector.

    Parameters
    ----------
    k
        Number of neighbours. More text that
        does not belong to the first sentence.
    method
        Which distance counts.
    bounds, seed
        Both documented at once.
    """

    def __init__(
        self,
        required: float,
        k: Annotated[int, Ge(1)] = 5,
        method: Literal["largest", "mean"] = "largest",
        bounds: tuple[float, ...] | None = None,
        seed: int | None = None,
        hook: Callable[[int], int] | None = None,
        contamination: float = 0.2,
    ) -> None: ...


class Hidden:
    def __init__(self, *args: int) -> None: ...


def spec_of(target: str, **changes: object) -> DetectorSpec:
    return DetectorSpec(name="it", target=target, summary="s", family="rule", **changes)


def schema_of(cls: type, name: str) -> dict:
    return dict({one.name: one for one in class_parameters(cls)}[name].schema)


def test_names_defaults_and_first_sentences_come_from_the_class():
    found = {one.name: one for one in class_parameters(Arguments)}
    assert list(found) == ["required", "k", "method", "bounds", "seed", "hook"]
    assert found["required"].required
    assert found["k"].default == 5
    assert found["k"].doc == "Number of neighbours."
    assert found["bounds"].doc == found["seed"].doc == "Both documented at once."


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (int, {"type": "integer"}),
        (Annotated[int, Ge(1)], {"type": "integer", "minimum": 1}),
        (
            Annotated[float, Gt(0), Le(0.5)],
            {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        ),
        (
            Annotated[float, Interval(ge=0, lt=1)],
            {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        ),
        (Literal["a", "b"], {"enum": ["a", "b"]}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (
            Annotated[int | None, Ge(2)],
            {"anyOf": [{"type": "integer", "minimum": 2}, {"type": "null"}]},
        ),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (dict[str, int], {"type": "object"}),
        (int | np.random.RandomState, {}),
    ],
)
def test_annotations_become_json_schema(hint, schema):
    assert from_annotation(hint) == schema


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("int, optional (default=5)", {"type": "integer"}),
        (
            "float in (0., 0.5), optional (default=0.1)",
            {"type": "number", "exclusiveMinimum": 0.0, "exclusiveMaximum": 0.5},
        ),
        ("{'auto', 'brute'}", {"enum": ["auto", "brute"]}),
        ("int or string, optional", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("RandomState instance", {}),
        ("", {}),
    ],
)
def test_docstring_types_are_read_only_when_every_word_is_understood(text, schema):
    assert from_docstring(text) == schema


def test_scikit_learn_constraints_give_ranges_and_choices():
    from sklearn.ensemble import IsolationForest

    assert schema_of(IsolationForest, "n_estimators") == {"type": "integer", "minimum": 1}
    assert {"enum": ["auto"]} in schema_of(IsolationForest, "max_samples")["anyOf"]
    assert schema_of(IsolationForest, "bootstrap") == {"type": "boolean"}


def test_a_constructor_that_hides_its_arguments_is_an_error():
    with pytest.raises(TargetError, match=r"Hidden takes \*args or \*\*kwargs.*name each one"):
        class_parameters(Hidden)


def test_fixed_arguments_are_left_out_and_defaults_replaced():
    found = {
        one.name: one
        for one in parameters(
            spec_of(f"{__name__}:Arguments", fixed={"k": 3}, defaults={"seed": 7})
        )
    }
    assert "k" not in found
    assert found["seed"].default == 7
    assert found["contamination"].default == 0.1, "the base class owns contamination"


def test_a_spec_that_sets_what_the_class_does_not_take_is_an_error():
    with pytest.raises(TargetError, match="it: the spec sets 'nope', which .* does not take"):
        parameters(spec_of(f"{__name__}:Arguments", fixed={"nope": 3}))


def test_the_json_schema_is_valid_and_closed():
    schema = json_schema(spec_of(f"{__name__}:Arguments"))
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["required"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["k"] == {
        "type": "integer",
        "minimum": 1,
        "default": 5,
        "description": "Number of neighbours.",
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kk": 1}, "it has no parameter 'kk'; did you mean k?"),
        ({"zzz": 1}, "it has no parameter 'zzz'; it takes "),
        ({"k": 0}, "it: k must be an integer >= 1, got 0"),
        ({"k": "3"}, "it: k must be an integer >= 1, got '3'"),
        ({"k": True}, "it: k must be an integer >= 1, got True"),
        ({"k": float("nan")}, "it: k must be an integer >= 1, got nan"),
        ({"method": "max"}, "it: method must be 'largest' or 'mean', got 'max'"),
        ({"contamination": 0.6}, "it: contamination must be a number > 0 and <= 0.5, got 0.6"),
        ({"k": 3}, "it needs the parameter 'required'"),
    ],
)
def test_wrong_arguments_are_named_with_their_range_or_the_nearest_name(values, message):
    known = parameters(spec_of(f"{__name__}:Arguments"))
    with pytest.raises(ParameterError) as caught:
        check_arguments("it", known, values, complete=True)
    assert message in str(caught.value)


def test_numpy_scalars_tuples_and_unknown_objects_are_accepted():
    known = parameters(spec_of(f"{__name__}:Arguments"))
    check_arguments("it", known, {"k": np.int64(3), "bounds": (0.5, 1.0), "hook": abs})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer"},
        {"type": "number"},
        {"type": "integer", "minimum": 1},
        {"type": "number", "minimum": 0.5},
        {"type": "number", "exclusiveMinimum": 1},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        {"type": "integer", "minimum": 1, "exclusiveMaximum": 2},
        {"type": "string"},
        {"type": "boolean"},
        {"enum": ["auto", None]},
        {"enum": [1, True]},
        {"minimum": 1},
        {"anyOf": [{"enum": ["auto"]}, {"type": "integer", "minimum": 1}, {"type": "null"}]},
    ],
)
def test_what_fits_at_a_glance_fits_the_schema(schema):
    values = [None, True, False, -1, 0, 1, 2, 0.5, 2.0, float("inf"), "", "auto", [1], {}]
    glanced = [value for value in values if _plainly_fits(value, schema)]
    assert all(Draft202012Validator(schema).is_valid(value) for value in glanced)
    assert not _plainly_fits(float("nan"), schema)


def test_plain_arguments_are_checked_without_jsonschema():
    code = (
        "import sys; from ad_core import create;"
        "create('isolation_forest', n_jobs=2, max_samples='auto', threshold=None);"
        "create('one_class_svm', nu=0.5);"
        "assert 'jsonschema' not in sys.modules, 'jsonschema is imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_schema_is_said_in_words():
    assert accepts({"anyOf": [{"enum": ["auto"]}, {"type": "integer", "minimum": 1}]}) == (
        "'auto' or an integer >= 1"
    )
    several = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2}
    assert accepts(several) == "a list of 2 or more values, each an integer >= 1"


def test_a_default_that_is_a_tuple_leaves_the_rule_for_its_items():
    hint = Annotated[Sequence[Annotated[int, Ge(1)]], MinLen(1)]
    schema = from_annotation(hint)
    assert schema == {
        "type": "array",
        "items": {"type": "integer", "minimum": 1},
        "minItems": 1,
    }
    assert with_default(schema, (64, 32)) == schema
