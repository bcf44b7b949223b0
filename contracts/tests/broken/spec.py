"""Detectors whose spec says what is not true."""

from typing import Annotated, Literal

from annotated_types import Ge
from reference import Mahalanobis

from ad_core.spec import Deviation
from broken import Broken, Plugin, detector

REFERENCE = "Nobody. Nothing. 1999."


class Good(Mahalanobis):
    """One of nothing wrong, where the spec is what is broken."""


class NoDetector:
    """Scores, without the contract."""

    def score_samples(self, X):
        return X[:, 0]


class TakesAnything(Mahalanobis):
    def __init__(self, *values):
        super().__init__(*values)


class TakesAnyKeyword(Mahalanobis):
    def __init__(self, **values):
        super().__init__(**values)


class SaysNothingOfPower(Mahalanobis):
    def __init__(self, shrinkage: float = 1e-6, power: int = 2) -> None:
        super().__init__(shrinkage)
        self.power = power


class _OneArgument(Mahalanobis):
    """Takes one argument more.

    Parameters
    ----------
    more
        Of no use.
    """

    def __init__(self, more=None):
        super().__init__()
        self.more = more


class Requires(_OneArgument):
    def __init__(self, more: int) -> None:
        super().__init__(more)


class BoundedByAWord(_OneArgument):
    def __init__(self, more: Annotated[int, Ge("one")] = 1) -> None:
        super().__init__(more)


class ChoosesBytes(_OneArgument):
    def __init__(self, more: Literal[b"a", b"b"] | None = None) -> None:
        super().__init__(more)


class DefaultsToNan(_OneArgument):
    def __init__(self, more: float = float("nan")) -> None:
        super().__init__(more)


class DefaultsToAFunction(_OneArgument):
    def __init__(self, more=abs) -> None:
        super().__init__(more)


class DefaultsOutOfRange(_OneArgument):
    def __init__(self, more: Annotated[int, Ge(1)] = 0) -> None:
        super().__init__(more)


def named(name, /, kind=Good, **fields):
    return detector(kind, **{"name": name, "references": (REFERENCE,), **fields})


BROKEN = [
    Broken(
        check="listing_imports_no_library",
        spec=named("lists_with_numpy"),
        plugin=Plugin(code="import numpy"),
        message="expected ad_lists_with_numpy_plugin to import nothing but ad_core.spec, got numpy too",
    ),
    Broken(
        check="listing_imports_no_library",
        spec=named("lists_with_its_backend"),
        plugin=Plugin(hook="import pytest"),
        message="to import nothing but ad_core.spec, got .*pytest.* too",
    ),
    Broken(
        check="target_is_a_detector",
        spec=named("nowhere", target="broken.spec:Absent"),
        message="broken.spec:Absent to lead to an object, got module 'broken.spec' has no attribute 'Abs",
    ),
    Broken(
        check="target_is_a_detector",
        spec=named("a_function", target="broken.spec:named"),
        message="expected broken.spec:named to be a class, got <function named",
    ),
    Broken(
        check="target_is_a_detector",
        spec=detector(NoDetector),
        message="expected broken.spec:NoDetector to be a subclass of BaseDetector, got <class",
    ),
    Broken(
        check="target_is_a_detector",
        spec=detector(NoDetector, adapter="broken.spec:Good"),
        message="expected broken.spec:Good to be a subclass of AdapterDetector, got <class",
    ),
    Broken(
        check="arguments_can_be_read",
        spec=detector(TakesAnything),
        message=r"every argument to have a name in the constructor, got \*values in broken.spec:Tak",
    ),
    Broken(
        check="arguments_can_be_read",
        spec=detector(TakesAnyKeyword),
        message=r"every argument to have a name in the constructor, got \*\*values in broken.spec",
    ),
    Broken(
        check="arguments_are_documented",
        spec=detector(SaysNothingOfPower),
        message="Parameters of broken.spec:SaysNothingOfPower to .*, got nothing on power$",
    ),
    Broken(
        check="arguments_have_defaults",
        spec=detector(Requires),
        message="expected a default for every argument, .*, got none for more",
    ),
    Broken(
        check="arguments_have_a_schema",
        spec=detector(BoundedByAWord),
        message="a valid JSON Schema of the arguments, got 'one' is not of type 'number' at .*more",
    ),
    Broken(
        check="arguments_have_a_schema",
        spec=detector(ChoosesBytes),
        message="a valid JSON Schema of the arguments, got .* bytes is not JSON serializable",
    ),
    Broken(
        check="arguments_have_a_schema",
        spec=detector(DefaultsToNan),
        message="a valid JSON Schema of the arguments, got Out of range float values",
    ),
    Broken(
        check="arguments_have_a_schema",
        spec=detector(DefaultsToAFunction),
        message="expected defaults that JSON can express, got others for more",
    ),
    Broken(
        check="defaults_are_allowed",
        spec=detector(DefaultsOutOfRange),
        message="the default of 'more' to be allowed, got defaultsoutofrange: more must be an integer >= 1, got 0",
    ),
    Broken(
        check="defaults_are_allowed",
        spec=named("shrinks_below_zero", defaults={"shrinkage": -1.0}),
        message="the default of 'shrinkage' to be allowed, got .* must be a number >= 0, got -1.0",
    ),
    Broken(
        check="libraries_are_required",
        spec=named("requires_nothing"),
        plugin=Plugin(requires=()),
        message="a requirement of ad_requires_nothing or .*, got ad_core, .*numpy.*, which neither",
    ),
    Broken(
        check="libraries_are_required",
        spec=named("driven_by_another", target="sklearn.svm:OneClassSVM", adapter="pytest:File"),
        plugin=Plugin(),
        message="a requirement of ad_driven_by_another or .*, got pytest, which neither brings",
    ),
    Broken(
        check="libraries_are_required",
        spec=named("drives_another", target="pytest:File", adapter="broken.spec:Good"),
        plugin=Plugin(),
        message="a requirement of ad_drives_another or .*, got pytest, which neither brings",
    ),
    Broken(
        check="extra_brings_the_modules",
        spec=named("extra_in_prose", modules=("numpy",), extra="see our page"),
        message="expected `extra` to be what pip installs, got 'see our page'",
    ),
    Broken(
        check="extra_brings_the_modules",
        spec=named("extra_of_nothing", modules=("jsonschema",), extra="jsonschema[nothing]"),
        message=r"an extra of its distribution in 'jsonschema\[nothing\]', got none called \['noth",
    ),
    Broken(
        check="extra_brings_the_modules",
        spec=named("extra_without_numpy", modules=("attrs", "numpy"), extra="attrs"),
        message="expected 'attrs' to bring attrs, numpy, got nothing that provides numpy",
    ),
    Broken(
        check="names_are_its_own",
        spec=named("calls_itself_random", aliases=("random",)),
        plugin=Plugin(),
        message="that nobody else has, got detector 'random' is registered by ad-core and ad_calls",
    ),
    Broken(
        check="summary_fits_a_list",
        spec=named("ends_with_a_stop", summary="A stub."),
        plugin=Plugin(),
        message="at most 100 characters without a full stop, got 'A stub.'",
    ),
    Broken(
        check="summary_fits_a_list",
        spec=named("goes_on_and_on", summary="A stub".ljust(101, "!")),
        plugin=Plugin(),
        message="at most 100 characters without a full stop, got 'A stub!!!",
    ),
    Broken(
        check="references_are_given",
        spec=named("cites_nobody", references=()),
        plugin=Plugin(),
        message="expected a reference to the method, got none",
    ),
    Broken(
        check="references_are_given",
        spec=named("cites_the_folklore", references=(REFERENCE, "Well known.")),
        plugin=Plugin(),
        message=r"a year, a DOI or a link in each reference, got \['Well known.'\]",
    ),
    Broken(
        check="deviations_name_cases",
        spec=named("fails_what_nobody_asks", deviations=(Deviation(check="nope", reason="why"),)),
        plugin=Plugin(),
        message="UnknownNameError: no check is called 'nope'",
    ),
    Broken(
        check="deviations_name_cases",
        spec=named(
            "fails_what_it_is_not_asked",
            deviations=(Deviation(check="labels_are_used", reason="unsupervised"),),
        ),
        plugin=Plugin(),
        message="the deviation labels_are_used to name a case of fails_what_it_is.*, got no such",
    ),
    Broken(
        check="deviations_name_cases",
        spec=named(
            "fails_nowhere",
            deviations=(Deviation(check="fit_returns_self", reason="why", scenario="nowhere"),),
        ),
        plugin=Plugin(),
        message="the deviation fit_returns_self in nowhere to name a case of fails_nowhere, got no",
    ),
]
