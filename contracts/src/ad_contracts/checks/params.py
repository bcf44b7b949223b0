"""Arguments can be read, set, refused and copied."""

import math
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import expect, expect_error, expect_same
from ad_core.errors import ParameterError
from ad_core.load import Parameter, build, json_schema
from ad_core.spec import DetectorSpec

__all__ = [
    "arguments_are_stored_as_given",
    "bad_values_are_refused",
    "clone_copies_what_can_change",
    "clone_fits_alike",
    "clone_is_unfitted",
    "contamination_moves_the_threshold_only",
    "fit_refuses_bad_common_arguments",
    "get_params_is_complete",
    "pinned_arguments_are_hidden",
    "refused_set_params_sets_nothing",
    "repr_shows_what_differs",
    "set_params_has_an_effect",
    "set_params_waits_for_fit",
    "unknown_arguments_are_refused",
]

_HOW = ("device", "n_jobs", "random_state", "verbose")
"""Arguments that say how to compute, not what."""


def pins_arguments(spec: DetectorSpec) -> bool:
    """Tell whether the spec fixes arguments of its target."""
    return bool(spec.fixed)


@check()
def get_params_is_complete(subject: DetectorSubject) -> None:
    """`get_params` returns the arguments of the schema, and no other, with their defaults."""
    params = build(subject.spec, {}).get_params()
    known = sorted(json_schema(subject.spec)["properties"])
    expect(sorted(params) == known, f"get_params to have the keys {known}", sorted(params))
    for one in subject.parameters:
        value = params[one.name]
        expect(same(value, one.default), f"{one.name} to be {one.default!r}", repr(value))


@check()
def arguments_are_stored_as_given(subject: DetectorSubject) -> None:
    """The constructor stores each argument as it is: `get_params` returns the same object."""
    for one in subject.parameters:
        given = some_value(one)
        stored = subject.make(**{one.name: given}).get_params()[one.name]
        rule = f"{one.name}={given!r} to be stored as given"
        expect(stored is given, rule, f"{stored!r} ({type(stored).__name__}, another object)")


@check(when=pins_arguments)
def pinned_arguments_are_hidden(subject: DetectorSubject) -> None:
    """An argument that the spec pins is not shown, and cannot be set."""
    detector = subject.make()
    for name, value in subject.spec.fixed.items():
        shown = detector.get_params()
        expect(name not in shown, f"get_params without the pinned {name!r}", sorted(shown))
        for use in (subject.make, detector.set_params):
            call, when = partial(use, **{name: value}), f"{use.__name__} gets the pinned {name!r}"
            expect_error(ParameterError, call, when=when, naming=(subject.name, name))


@check()
def unknown_arguments_are_refused(subject: DetectorSubject) -> None:
    """An unknown argument is a ParameterError that names it and the nearest known one."""
    near = max((one.name for one in subject.parameters), key=len)
    detector, wrong = subject.make(), f"{near[:-1]}_"
    for use in (subject.make, detector.set_params):
        call, when = partial(use, **{wrong: 1}), f"{use.__name__} gets the unknown {wrong!r}"
        expect_error(ParameterError, call, when=when, naming=(subject.name, wrong, near))
    expect(not hasattr(detector, wrong), f"no attribute {wrong!r}", "one")


@check()
def bad_values_are_refused(subject: DetectorSubject) -> None:
    """A value of the wrong type, out of range or no choice is a ParameterError that names it."""
    detector = subject.make()
    for one in subject.parameters:
        for value in bad_values(one.schema):
            for use in (subject.make, detector.set_params):
                call, when = partial(use, **{one.name: value}), f"{use.__name__} gets {one.name}"
                words = (subject.name, one.name)
                expect_error(ParameterError, call, when=f"{when}={value!r}", naming=words)


@check()
def refused_set_params_sets_nothing(subject: DetectorSubject) -> None:
    """When `set_params` refuses one argument, it sets none of the others either."""
    detector = subject.make()
    before = detector.get_params()
    for wrong in ({"no_such_argument": 1}, {"threshold": "no such strategy"}):
        call = partial(detector.set_params, contamination=0.2, **wrong)
        expect_error(ParameterError, call, when=f"set_params gets {wrong}", naming=tuple(wrong))
        expect(same(detector.get_params(), before), f"{before} as before", detector.get_params())


@check()
def fit_refuses_bad_common_arguments(subject: DetectorSubject, sample: Sample) -> None:
    """A bad contamination or threshold that was set as an attribute is refused by `fit`."""
    for name, value in bad_common_values(subject.parameters):
        detector = subject.make()
        setattr(detector, name, value)
        expect_error(
            ParameterError,
            partial(detector.fit, sample.X_train, sample.y_train),
            when=f"fit comes with {name}={value!r}",
            naming=(subject.name, name),
        )


@check()
def contamination_moves_the_threshold_only(subject: DetectorSubject, sample: Sample) -> None:
    """A larger contamination gives the same scores, and no higher threshold."""
    few, many = subject.fitted(sample), subject.fit(sample, contamination=0.3)
    expect_same(
        many.score_samples(sample.X_test),
        few.score_samples(sample.X_test),
        "the scores with contamination=0.3",
        "those with 0.1",
    )
    limits = (many.decision_threshold, few.decision_threshold)
    expect(limits[0] <= limits[1], f"a threshold of at most {limits[1]}", limits[0])


@check()
def set_params_has_an_effect(subject: DetectorSubject, sample: Sample) -> None:
    """A refit after `set_params` equals the fit of a detector that was built with the values."""
    values = other_values(subject.parameters)
    built = subject.fit(sample, **values)
    changed = deepcopy(subject.fitted(sample)).set_params(**values)
    changed.fit(sample.X_train, sample.y_train)
    expect_same(
        [*changed.score_samples(sample.X_test), changed.decision_threshold],
        [*built.score_samples(sample.X_test), built.decision_threshold],
        f"scores and threshold of a refit after set_params of {values}",
        "those of a detector built with it",
    )


@check()
def set_params_waits_for_fit(subject: DetectorSubject, sample: Sample) -> None:
    """After `set_params`, scores and threshold stay what they were until the next `fit`."""
    fitted, values = subject.fitted(sample), other_values(subject.parameters)
    changed = deepcopy(fitted).set_params(**values)
    expect_same(
        [*changed.score_samples(sample.X_test), changed.decision_threshold],
        [*fitted.score_samples(sample.X_test), fitted.decision_threshold],
        f"scores and threshold after set_params of {values}, before a refit",
        "those of before",
    )


@check()
def clone_is_unfitted(subject: DetectorSubject, sample: Sample) -> None:
    """`clone`, and scikit-learn's, give an unfitted detector with the same arguments."""
    from sklearn.base import clone as sklearn_clone

    detector = deepcopy(subject.fitted(sample)).set_params(**other_values(subject.parameters))
    wanted = detector.get_params()
    for whose, twin in {"clone": detector.clone(), "sklearn": sklearn_clone(detector)}.items():
        expect(
            type(twin) is type(detector), f"a {type(detector).__name__} from {whose}", type(twin)
        )
        expect(not twin.is_fitted, f"an unfitted detector from {whose}", "a fitted one")
        got = twin.get_params()
        expect(same(got, wanted), f"the arguments {wanted} from {whose}", got)
        twin.set_params(contamination=0.4)
    expect(same(detector.get_params(), wanted), f"the original to keep {wanted}", "other values")


@check()
def clone_copies_what_can_change(subject: DetectorSubject) -> None:
    """Lists and mappings among the arguments are copied by `clone`, not shared."""
    given = {one.name: some_value(one) for one in subject.parameters}
    given = {name: value for name, value in given.items() if isinstance(value, list | dict)}
    twin = subject.make(**given).clone().get_params()
    for name, value in given.items():
        expect(twin[name] == value, f"{name} to be {value!r} in a clone", repr(twin[name]))
        expect(twin[name] is not value, f"{name} to be copied by clone", "the same object")


@check()
def clone_fits_alike(subject: DetectorSubject, sample: Sample) -> None:
    """A clone that is fitted on the same data gives the same scores, and leaves the original be."""
    fitted = subject.fitted(sample)
    before = fitted.score_samples(sample.X_test)
    twin = fitted.clone().fit(sample.X_train, sample.y_train)
    scores = twin.score_samples(sample.X_test)
    expect_same(scores, before, "the scores of a fitted clone", "those of the original")
    after = fitted.score_samples(sample.X_test)
    expect_same(after, before, "the scores of the original after its clone's fit", "those before")


@check()
def repr_shows_what_differs(subject: DetectorSubject) -> None:
    """`repr` is the detector's name and the arguments that differ from their defaults."""
    text = repr(build(subject.spec, {}))
    expect(text == f"{subject.name}()", f"the repr {subject.name}()", text)
    for name, value in other_values(subject.parameters).items():
        text = repr(build(subject.spec, {name: value}))
        wanted = f"{subject.name}({name}={value!r})"
        expect(text == wanted, f"the repr {wanted}", text)


# -- values that a schema admits, and values that it does not --------------------------------------


def admits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a JSON Schema admits a value."""
    return bool(Draft202012Validator(dict(schema)).is_valid(value))


def bad_values(schema: Mapping[str, Any]) -> list[Any]:
    """Return values that a schema excludes: other types, and the first ones beyond its bounds."""
    if not schema:
        return []
    wrong = ["no such value", True, -1, 0.5, [], {"no": "such"}, None, *_beyond(schema)]
    return [*(value for value in wrong if not admits(schema, value)), math.nan]


def _beyond(schema: Mapping[str, Any]) -> Iterator[Any]:
    for option in schema.get("anyOf", [schema]):
        yield from (option[bound] for bound in _OPEN if bound in option)
        yield from (option[bound] + step for bound, step in _CLOSED.items() if bound in option)
        yield from ([value] for value in bad_values(option.get("items", {}))[:-1])


_OPEN = ("exclusiveMinimum", "exclusiveMaximum")
_CLOSED = {"minimum": -1, "maximum": 1}


def bad_common_values(parameters: Iterable[Parameter]) -> Iterator[tuple[str, Any]]:
    """Return bad values of the arguments that every detector has, by name."""
    for one in parameters:
        if one.name in ("contamination", "threshold"):
            yield from ((one.name, value) for value in bad_values(one.schema))
    yield "threshold", {"kind": "quantile", "no_such_argument": 1}
    yield "threshold", {"kind": "holdout", "fraction": 2.0}


def _others(one: Parameter) -> list[Any]:
    """Return values like the default that the schema admits, without the default."""
    default = one.default
    found: list[Any] = []
    if isinstance(default, bool):
        found = [not default]
    elif isinstance(default, int | float):
        found = (
            [default + 1, default - 1] if isinstance(default, int) else [default / 2, default * 2]
        )
    elif isinstance(default, str):
        found = [
            value
            for part in one.schema.get("anyOf", [one.schema])
            for value in part.get("enum", ())
        ]
    return [value for value in found if admits(one.schema, value) and value not in (default, None)]


def other_values(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """Return a valid value, not the default, for contamination and up to three more arguments."""
    own = [one for one in parameters if one.name not in (*_HOW, "contamination", "threshold")]
    found = {one.name: _others(one)[0] for one in own if one.schema and _others(one)}
    return {**dict(list(found.items())[:3]), "contamination": 0.2}


def some_value(one: Parameter) -> Any:
    """Return a new object that the argument's schema admits, not the default where possible."""
    lists_and_mappings: list[Any] = [["knn"], [3, 2], [0.5], {}, {"kind": "quantile"}]
    plain: list[Any] = ["other", 7, 0.25, None, one.default]
    tried = [*lists_and_mappings, *_others(one), *plain]
    return next(value for value in tried if admits(one.schema, value))


def same(a: Any, b: Any) -> bool:
    """Whether two arguments, or two mappings of them, are equal; arrays and objects too."""
    if isinstance(a, dict) and isinstance(b, dict):
        return {*a} == {*b} and all(same(a[key], b[key]) for key in a)
    return a is b or repr(a) == repr(b)
